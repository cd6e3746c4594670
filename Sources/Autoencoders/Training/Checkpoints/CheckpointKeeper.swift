/// Where the states of a training are kept, from which a later run can go on with the same results, bit for bit.
package protocol CheckpointKeeper: AnyObject {
    /// Fills a new run's state with a kept one.
    ///
    /// - Parameter visit: visits the state with a walk that fills it.
    /// - Returns: false, without a visit, if the run is to start from the beginning.
    /// - Throws: any error, if there is no state that fits; nothing may then be done with what was filled.
    func restore(_ visit: (StateWalk) -> Void) throws -> Bool

    /// Whether the state at a moment is to be kept.
    func isDue(_ moment: CheckpointMoment) -> Bool

    /// Keeps a state. It may still be written when this returns; `takeFailure` tells if it could not be.
    ///
    /// - Parameter visit: visits the state with a walk that reads it; may be called several times.
    func save(_ moment: CheckpointMoment, _ visit: (StateWalk) -> Void)

    /// Waits until no state is being written.
    func settle()

    /// Why an earlier state could not be kept, if that is news.
    func takeFailure() -> (any Error)?
}

/// A moment at which a state can be kept.
package enum CheckpointMoment {
    case step, epoch
    /// After the last epoch; only the model remains to be finished.
    case end
    /// After the step in which training was cancelled; nothing follows.
    case stop

    /// Whether this is the last state of a run.
    package var isLast: Bool { self == .end || self == .stop }
}
