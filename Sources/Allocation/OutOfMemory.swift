/// What is done when the system refuses a block of memory: nothing that holds corpora and models could go on without
/// it, so the process ends, as it does where Swift's own arrays are refused theirs.
package enum OutOfMemory {
    /// Ends the process; gets the number of bytes that were asked for. A program may set another one before it starts
    /// any thread, to end with an exit code of its own.
    nonisolated(unsafe) package static var end: @Sendable (_ bytes: Int) -> Never = { bytes in
        fatalError("out of memory: \(bytes) bytes")
    }
}
