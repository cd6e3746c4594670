import Autoencoders
import FileIO

/// Keeps the states of one training in a file, as `Checkpoints` says.
final class CheckpointStore: CheckpointKeeper {
    private let checkpoints: Checkpoints
    private let identity: CheckpointIdentity
    /// The history of the training so far; continued from that of the file.
    private let curve: TrainingCurve
    private var last = ContinuousClock.now

    init(_ checkpoints: Checkpoints, _ identity: CheckpointIdentity, _ curve: TrainingCurve) {
        (self.checkpoints, self.identity, self.curve) = (checkpoints, identity, curve)
    }

    func restore(_ visit: (StateWalk) -> Void) throws -> Bool {
        last = .now
        guard let path = checkpoints.resumedPath else { return false }
        curve.measures = try CheckpointFile.read(path, identity, visit)
        return true
    }

    func isDue(atEndOfEpoch: Bool) -> Bool {
        if checkpoints.path == nil { return false }
        return checkpoints.interval.map { last.duration(to: .now) >= $0 } ?? atEndOfEpoch
    }

    func save(_ visit: (StateWalk) -> Void) throws {
        guard let path = checkpoints.path else { return }
        _ = try CheckpointFile.write(to: path, metadata: identity.metadata, history: curve.measures, visit)
        last = .now
    }
}
