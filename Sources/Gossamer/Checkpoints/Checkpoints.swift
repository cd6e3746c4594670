/// Where the state of a training is kept while it runs, so that a later run can go on with it, and the state that a run
/// goes on from. A training that was interrupted ends, after it went on, with the same bytes as one that was not.
///
/// A state is a file, which appears whole or not at all and replaces the one before; a loss of power leaves one of them.
public struct Checkpoints: Sendable, Equatable {
    /// The file that has the last state; nil to keep none.
    public var path: String?
    /// The time between two states; nil keeps one at the end of each epoch.
    public var interval: Duration?
    /// The file that a run goes on from; nil for a run from the beginning.
    public var resumedPath: String?

    public init(path: String? = nil, interval: Duration? = nil, resumedPath: String? = nil) {
        (self.path, self.interval, self.resumedPath) = (path, interval, resumedPath)
    }
}
