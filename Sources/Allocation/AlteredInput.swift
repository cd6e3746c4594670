/// What is done where memory that was checked no longer holds what it did, since someone writes to the file that it is
/// mapped from: nothing computed from it would be true, so the process ends.
package enum AlteredInput {
    /// Ends the process. A program may set another one before it starts any thread, to end with an exit code of its
    /// own.
    nonisolated(unsafe) package static var end: @Sendable () -> Never = {
        fatalError("an input was altered while it was read")
    }
}
