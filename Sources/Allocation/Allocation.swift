#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Room for addresses where the system limits them (`ulimit -v`).
///
/// libdispatch and OpenBLAS try again without end where the system refuses them the stack of a thread or a buffer, so
/// room is looked for before they are called.
package enum AddressSpace {
    /// What a thread takes at the most: its stack and its arena of small blocks.
    package static let bytesPerThread = 72 << 20

    /// nil without a limit.
    package static let limit: Int? = {
        var limit = rlimit()
        #if canImport(Glibc)
            guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return nil }
        #else
            guard getrlimit(RLIMIT_AS, &limit) == 0 else { return nil }
        #endif
        return Int(exactly: limit.rlim_cur)
    }()

    /// Ends the process as `OutOfMemory` says if a limit leaves less room.
    package static func require(_ bytes: Int) {
        guard limit != nil else { return }
        let start = mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else { OutOfMemory.end(bytes) }
        munmap(start, bytes)
    }
}

/// What is done when the system refuses a block of memory: nothing that holds corpora and models could go on without
/// it, so the process ends, as it does where Swift's own arrays are refused theirs.
package enum OutOfMemory {
    /// Ends the process; gets the number of bytes that were asked for. A program may set another one before it starts
    /// any thread, to end with an exit code of its own.
    nonisolated(unsafe) package static var end: @Sendable (_ bytes: Int) -> Never = { bytes in
        fatalError("out of memory: \(bytes) bytes")
    }
}

/// What is done where memory that was checked no longer holds what it did, since someone writes to the file that it is
/// mapped from: nothing computed from it would be true, so the process ends.
package enum AlteredInput {
    /// Ends the process. A program may set another one before it starts any thread, to end with an exit code of its
    /// own.
    nonisolated(unsafe) package static var end: @Sendable () -> Never = {
        fatalError("an input was altered while it was read")
    }
}
