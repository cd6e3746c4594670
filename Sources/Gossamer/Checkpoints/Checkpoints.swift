/// Where the state of a training is kept while it runs, so that a later run can go on with it, and the state that a run
/// goes on from. A training that was interrupted ends, after it went on, with the same bytes as one that was not.
///
/// A state is a file, which appears whole or not at all and replaces the one before; a loss of power leaves one of them.
/// Training waits while a state is copied in memory; a thread of low priority then writes the copy. Where the copy would
/// take more than a quarter of the memory that is left, the state is written as it is, and training waits for that. The
/// last state of a run, when training ends or is cancelled, is always written before the run ends.
public struct Checkpoints: Sendable, Equatable {
    /// The file that has the last state; nil to keep none.
    public var path: String?
    /// The time between two states, of which none begins while another is being written; zero keeps one after every step
    /// and waits for it. nil keeps one at the end of each epoch, but of short epochs so few that states take at most a
    /// fortieth of the time.
    public var interval: Duration?
    /// The file that a run goes on from; nil for a run from the beginning.
    public var resumedPath: String?
    /// Whether a run that could go on from a state of another training, or from a file that does not exist, starts from
    /// the beginning, instead of failing.
    public var mayStart = false

    public init(path: String? = nil, interval: Duration? = nil, resumedPath: String? = nil) {
        (self.path, self.interval, self.resumedPath) = (path, interval, resumedPath)
    }
}

/// A state that could not be kept. Training goes on, and the state before is still there.
public struct CheckpointFailure: ExplainedError {
    public let cause: FileError
    /// As in `Checkpoints`.
    public let interval: Duration?

    public var message: Message {
        let next: Message =
            switch interval {
            case nil: "after a later epoch"
            case .zero?: "after the next step"
            case let interval?: "in \(interval.components.seconds) s"
            }
        return "\(cause.message); training goes on, and the next state is due \(next)"
    }
}
