import SparseMatrices

/// Documents of a stream that are in memory together.
package struct StreamChunk: Sendable {
    package let documents: WeightedRows
    package let rows: Rows

    /// What the rows are for.
    package struct Rows: Sendable, Equatable {
        /// Those that are learned from now.
        package let learned: Range<Int>
        /// Those that are never learned from: some of all documents so far.
        package let heldOut: Range<Int>
        /// Some of all documents that were learned from before.
        package let sample: Range<Int>

        package init(learned: Range<Int>, heldOut: Range<Int>, sample: Range<Int>) {
            (self.learned, self.heldOut, self.sample) = (learned, heldOut, sample)
        }
    }

    package init(_ documents: WeightedRows, _ rows: Rows) { (self.documents, self.rows) = (documents, rows) }

    /// The largest number of rows to learn from, up to a few that were held out before.
    package static let mostRows = 1 << 14
}

/// The chunks of a stream after the first one. They have the same columns, weighted in the same way.
package protocol TrainingStream: AnyObject {
    /// Tells the documents that were returned so far from others.
    var fingerprint: Int { get }

    /// The next chunk; nil at the end.
    func next() throws -> StreamChunk?

    /// Some of all documents that were learned from, in the place of those to learn from, and those held out; nothing
    /// comes after them.
    func last() throws -> StreamChunk
}

/// A stream with other documents in place of its own.
final class MappedStream: TrainingStream {
    private let stream: any TrainingStream
    private let map: (WeightedRows) -> WeightedRows

    init(_ stream: any TrainingStream, _ map: @escaping (WeightedRows) -> WeightedRows) {
        (self.stream, self.map) = (stream, map)
    }

    var fingerprint: Int { stream.fingerprint }
    func next() throws -> StreamChunk? { try stream.next().map { StreamChunk(map($0.documents), $0.rows) } }

    func last() throws -> StreamChunk {
        let chunk = try stream.last()
        return StreamChunk(map(chunk.documents), chunk.rows)
    }
}

/// The stream that a training goes on with is not the one that it began with.
package struct OtherStream: Error, CustomStringConvertible {
    package let chunks: Int

    package var description: String {
        "the first \(chunks) chunks of documents are not those that the training has learned from; feed the same "
            + "documents again, from their beginning"
    }
}

extension EpochDriver {
    /// Runs a trainer over the rows of the plan again and again, or over them and the chunks of a stream once.
    ///
    /// - Parameter stream: what comes after the rows of the plan; nil for no stream.
    func run<T: Trainer>(
        _ trainer: inout T, over stream: (any TrainingStream)?, checkpoints: (any CheckpointKeeper)?,
        onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<T.Model>) -> T.Model {
        guard let stream else { return try run(&trainer, checkpoints: checkpoints, onEvent: onEvent) }
        var driver = self
        var position = try start(&trainer, checkpoints, onEvent)
        try driver.findPlace(position, in: stream, &trainer)
        while true {
            // A chunk that was begun is gone on with.
            if position.steps > 0 || position.epochs == 0 {
                position.order = RowOrder(driver.plan.trainingRows, of: driver.matrix)
                position.stream?.fingerprint = stream.fingerprint
            } else {
                guard try driver.takeNext(of: stream, &position, &trainer) else { break }
            }
            let report = try driver.runEpoch(&position, &trainer, checkpoints, onEvent)
            onEvent(.epoch(report))
            driver.save(&trainer, &position, checkpoints, .epoch, onEvent)
        }
        do {
            var nothing: RandomGenerator?
            try driver.take(stream.last(), &trainer, using: &nothing)
        } catch {
            throw .streamFailed(error)
        }
        return try driver.finish(&trainer, position, onEvent)
    }

    /// Leaves out the documents that were learned from before a checkpoint.
    private mutating func findPlace<T: Trainer>(
        _ position: TrainingPosition<T.Snapshot>, in stream: any TrainingStream, _ trainer: inout T
    ) throws(TrainingFailure<T.Model>) {
        let chunks = position.epochs + (position.steps > 0 ? 1 : 0)
        if chunks == 0 { return }
        do {
            var nothing: RandomGenerator?
            for _ in 1..<chunks {
                guard let chunk = try stream.next() else { throw OtherStream(chunks: chunks) }
                take(chunk, &trainer, using: &nothing)
            }
            if stream.fingerprint != position.stream?.fingerprint || position.steps > plan.stepsPerEpoch {
                throw OtherStream(chunks: chunks)
            }
        } catch {
            throw .streamFailed(error)
        }
    }

    /// - Returns: false at the end of the stream.
    private mutating func takeNext<T: Trainer>(
        of stream: any TrainingStream, _ position: inout TrainingPosition<T.Snapshot>, _ trainer: inout T
    ) throws(TrainingFailure<T.Model>) -> Bool {
        do {
            guard let chunk = try stream.next() else { return false }
            var generator: RandomGenerator? = position.generator
            take(chunk, &trainer, using: &generator)
            position.generator = generator ?? position.generator
        } catch {
            throw .streamFailed(error)
        }
        position.order = RowOrder(plan.trainingRows, of: matrix)
        position.stream = StreamPosition(fingerprint: stream.fingerprint, generator: position.generator)
        return true
    }

    private mutating func take<T: Trainer>(
        _ chunk: StreamChunk, _ trainer: inout T, using generator: inout RandomGenerator?
    ) {
        plan.trainingRows = Array(chunk.rows.learned)
        (plan.validationRows, plan.referenceRows) = (Array(chunk.rows.heldOut), Array(chunk.rows.heldOut))
        matrix = chunk.documents
        trainer.take(chunk, plan, using: &generator)
    }
}
