import Autoencoders
import FileIO
import SparseMatrices

/// Keeps the states of one training in a file, as `Checkpoints` says. At most one state is being written at a time.
final class CheckpointStore: CheckpointKeeper {
    private let checkpoints: Checkpoints
    private let identity: CheckpointIdentity
    /// The history of the training so far; continued from that of the file.
    private let curve: TrainingCurve
    private let parallelism: Parallelism
    /// The copy that is written beside training.
    private var image: StateImage?
    private var writing: BackgroundWork<Result<Void, FileError>>?
    private var lastSave = ContinuousClock.now
    /// The most that the last state can have cost: how long training waited, and how long a processor was busy.
    private var cost = Duration.zero
    /// Of the last state, if it could not be kept.
    private var failure: FileError?
    private var isFailureTold = false

    /// States cost at most this part of the time, unless they are asked for more often.
    private static let costShare = 1.0 / 40
    /// The copy takes at most this part of the memory that is left.
    private static let memoryShare = 4

    init(
        _ checkpoints: Checkpoints, _ identity: CheckpointIdentity, _ curve: TrainingCurve, parallelism: Parallelism
    ) {
        (self.checkpoints, self.identity, self.curve) = (checkpoints, identity, curve)
        self.parallelism = parallelism
    }

    func restore(_ visit: (StateWalk) -> Void) throws -> Bool {
        lastSave = .now
        guard let path = checkpoints.resumedPath else { return false }
        if checkpoints.mayStart, try !identity.isOf(path) { return false }
        curve.measures = try CheckpointFile.read(path, identity, visit)
        return true
    }

    func isDue(_ moment: CheckpointMoment) -> Bool {
        if checkpoints.path == nil { return false }
        if moment.isLast { return true }
        collect()
        let elapsed = lastSave.duration(to: .now)
        guard let interval = checkpoints.interval else {
            return moment == .epoch && writing == nil && elapsed * Self.costShare >= cost
        }
        return elapsed >= interval && writing == nil
    }

    func save(_ moment: CheckpointMoment, _ visit: (StateWalk) -> Void) {
        guard let path = checkpoints.path else { return }
        settle()
        lastSave = .now
        let (metadata, history) = (identity.metadata, curve.measures)
        // Where nothing goes on there is nothing to write it beside.
        if checkpoints.interval != .zero, moment != .stop, let image = image(for: visit) {
            image.capture(parallelism: parallelism, visit)
            cost = lastSave.duration(to: .now)
            // Nobody else uses the copy until the work is done.
            nonisolated(unsafe) let copy = image
            writing = BackgroundWork(isUrgent: moment.isLast) {
                Result { () throws(FileError) in
                    try CheckpointFile.write(to: path, metadata: metadata, history: history, copy.visit)
                }
            }
        } else {
            note(
                Result { () throws(FileError) in
                    try CheckpointFile.write(to: path, metadata: metadata, history: history, visit)
                })
            cost = lastSave.duration(to: .now)
        }
    }

    /// What the state is to be copied to; nil if there is too little memory for a copy.
    private func image(for visit: (StateWalk) -> Void) -> StateImage? {
        let image = self.image ?? StateImage()
        let needed = StateImage.byteCount(of: visit) - image.byteCount
        self.image = needed <= 0 || needed <= MemoryLimit.free / Self.memoryShare ? image : nil
        return self.image
    }

    func takeFailure() -> (any Error)? {
        collect()
        guard let failure, !isFailureTold else { return nil }
        isFailureTold = true
        return CheckpointFailure(cause: failure, interval: checkpoints.interval)
    }

    func settle() {
        guard let writing else { return }
        let (result, time) = writing.wait()
        self.writing = nil
        cost += time
        note(result)
    }

    /// Waits until the last state is written.
    ///
    /// - Throws: `FileError` if it could not be.
    func finish() throws(FileError) {
        settle()
        if let failure { throw failure }
    }

    /// Takes the result of what was being written, if that is done.
    private func collect() {
        if writing?.isDone == true { settle() }
    }

    private func note(_ result: Result<Void, FileError>) {
        switch result {
        case .success: (failure, isFailureTold) = (nil, false)
        case .failure(let error): failure = error
        }
    }
}
