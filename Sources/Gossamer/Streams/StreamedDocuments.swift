import Autoencoders
import Corpora
import SparseMatrices

/// The documents of a stream as training takes them, with what is remembered of all of them: two samples, which do not
/// grow, statistics, and a fingerprint.
final class StreamedDocuments: TrainingStream {
    /// The largest number of documents in the sample that the model is finished with.
    static let mostSampled = 1 << 15
    /// The number of them that come with a chunk, for units to start anew from.
    private static let sampledPerChunk = 2048
    /// Of so many documents at the beginning, all are learned from.
    private static let neverHeldOut = 2000
    /// Later, at most this share is held out.
    private static let heldOutShare = 0.05

    let weighting: FeatureWeighting
    private let source: CorpusStream
    private let check: (WeightedRows) throws -> Void
    /// The first chunk, as it was read, until it is taken.
    private var first: Corpus?
    private let frame: Corpus
    private var heldOut: RowReservoir
    private var sample: RowReservoir
    /// The number of documents so far, and of their entries.
    private(set) var documents = 0
    private(set) var entries = 0
    private(set) var observed: ObservedDocuments?
    private var hash: UInt64 = 0

    /// - Parameters:
    ///   - first: the first chunk of the source.
    ///   - heldOut: how many documents are not learned from, at most.
    ///   - check: checks weighted documents.
    init(
        _ first: Corpus, then source: CorpusStream, _ weighting: FeatureWeighting, heldOut: Int, seed: UInt64,
        check: @escaping (WeightedRows) throws -> Void
    ) {
        (self.first, self.source, self.weighting, self.check) = (first, source, weighting, check)
        frame = Corpus(
            matrix: first.matrix.sharedRows(0..<0), vocabulary: first.vocabulary, textOptions: first.textOptions,
            provenance: first.provenance)
        self.heldOut = RowReservoir(mostRows: heldOut, share: Self.heldOutShare, seed: seed, stream: 0x6865_6c64)
        sample = RowReservoir(mostRows: Self.mostSampled, seed: seed, stream: 0x7361_6d70)
    }

    var fingerprint: Int { Int(bitPattern: UInt(hash)) }

    func next() throws -> StreamChunk? {
        defer { first = nil }
        guard let chunk = try first ?? source.next() else { return nil }
        try checkRows(of: chunk)
        let revival = Array(sample.ordered.spread(Self.sampledPerChunk))
        var learned: [Int] = []
        for row in 0..<chunk.rowCount {
            let number = documents + row
            if number < Self.neverHeldOut || !heldOut.add(number, row, of: chunk.matrix) { learned.append(row) }
        }
        let released = heldOut.trim()
        let held = heldOut.ordered
        let matrix = CSRMatrix(learned, of: chunk.matrix, and: released + held + revival)
        for (place, row) in learned.enumerated() { _ = sample.add(documents + row, place, of: matrix) }
        for (place, row) in released.enumerated() { _ = sample.add(row.number, learned.count + place, of: matrix) }
        _ = sample.trim()
        note(chunk)
        let ends = (learned.count + released.count, learned.count + released.count + held.count)
        return StreamChunk(
            try weighting.rows(of: matrix),
            StreamChunk.Rows(learned: 0..<ends.0, heldOut: ends.0..<ends.1, sample: ends.1..<matrix.rowCount))
    }

    /// Errors name the rows by their numbers in the stream.
    private func checkRows(of chunk: Corpus) throws {
        do {
            try check(try weighting.rows(of: chunk.matrix))
        } catch let error as WeightingError {
            throw error.movedDown(by: documents)
        } catch let error as LikelihoodError {
            throw error.movedDown(by: documents)
        }
    }

    private func note(_ chunk: Corpus) {
        documents += chunk.rowCount
        entries += chunk.matrix.entryCount
        hash = (hash ^ chunk.contentFingerprint) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
        let new = ObservedDocuments(chunk.matrix)
        observed = observed.map { new.joined(with: $0) } ?? new
    }

    func last() throws -> StreamChunk {
        let corpus = sampled
        let learned = sample.rows.count
        return StreamChunk(
            try weighting.rows(of: corpus.matrix),
            StreamChunk.Rows(
                learned: 0..<learned, heldOut: learned..<corpus.rowCount, sample: corpus.rowCount..<corpus.rowCount))
    }

    /// The sample of the documents that were learned from, then those held out, with the names of the columns, if there
    /// are any.
    var sampled: Corpus {
        let matrix = CSRMatrix([], of: frame.matrix, and: sample.ordered + heldOut.ordered)
        return Corpus(
            matrix: matrix, vocabulary: source.hashedWords?.names ?? frame.vocabulary, textOptions: frame.textOptions,
            provenance: source.provenance ?? frame.provenance)
    }

    /// The rows of `sampled` that were held out, and the others.
    var sampledRows: (heldOut: [Int], training: [Int]) {
        let learned = sample.rows.count
        return (Array(learned..<learned + heldOut.rows.count), Array(0..<learned))
    }
}

extension Array {
    /// At most `count` elements, from the first to the last at equal distances.
    fileprivate func spread(_ count: Int) -> some Collection<Element> {
        let kept = Swift.min(count, self.count)
        return (0..<kept).lazy.map { self[$0 * self.count / kept] }
    }
}
