/// Where the states of a training are kept, from which a later run can go on with the same results, bit for bit.
package protocol CheckpointKeeper: AnyObject {
    /// Fills a new run's state with a kept one.
    ///
    /// - Parameter visit: visits the state with a walk that fills it.
    /// - Returns: false, without a visit, if the run is to start from the beginning.
    /// - Throws: any error, if there is no state that fits; nothing may then be done with what was filled.
    func restore(_ visit: (StateWalk) -> Void) throws -> Bool

    /// Whether a state is to be kept after the step that was just performed.
    func isDue(atEndOfEpoch: Bool) -> Bool

    /// Keeps a state.
    ///
    /// - Parameter visit: visits the state with a walk that reads it; may be called several times.
    func save(_ visit: (StateWalk) -> Void) throws
}
