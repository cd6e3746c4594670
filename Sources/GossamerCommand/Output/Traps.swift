import FileIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What stops the program: one of its own checks, or the processor.
///
/// An input that others wrote to may be why; otherwise it is a defect. Either way the program ends at once: what Swift's
/// runtime does then, a trace of all calls, takes minutes with large libraries, so it is left to those who ask for it by
/// `SWIFT_BACKTRACE`.
enum Traps {
    /// Ends the program with a message from now on wherever one of them stops it.
    static func end() {
        let wantsTrace = getenv("SWIFT_BACKTRACE") != nil
        for (place, number) in numbers.enumerated() {
            var action = sigaction()
            sigemptyset(&action.sa_mask)
            #if canImport(Darwin)
                action.sa_flags = SA_ONSTACK
                action.__sigaction_u.__sa_handler = wantsTrace ? traceTrap : endByTrap
            #else
                action.sa_flags = Int32(SA_ONSTACK)
                action.__sigaction_handler.sa_handler = wantsTrace ? traceTrap : endByTrap
            #endif
            sigaction(number, &action, actionsBefore + place)
        }
    }

    private static let numbers = [SIGILL, SIGTRAP, SIGSEGV, SIGFPE, SIGABRT]
    /// What the runtime has set up for each of them; never given back, since handlers read it.
    nonisolated(unsafe) private static let actionsBefore = UnsafeMutablePointer<sigaction>.allocate(
        capacity: numbers.count)

    private static let endByTrap: @convention(c) (Int32) -> Void = { _ in
        if WatchedInputs.areAltered { Interruption.endByAlteredInput() }
        UnfinishedFiles.removeAll()
        if isMemoryExhausted {
            Interruption.say("error: out of memory: the limit on address space is reached (ulimit -v)\n")
            _exit(ExitStatus.outOfMemory.rawValue)
        }
        Interruption.say(
            """
            error: a defect of the program ended it; please report it, with what the same command says where the \
            variable SWIFT_BACKTRACE is enable=yes

            """)
        _exit(ExitStatus.defect.rawValue)
    }

    /// Whether the system refuses a megabyte: the runtime stops the program where a few bytes cannot be had.
    private static var isMemoryExhausted: Bool {
        let size = 1 << 20
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED else {
            return errno == ENOMEM
        }
        munmap(memory, size)
        return false
    }

    /// Goes back to where the signal came from, to meet the runtime's own handler.
    private static let traceTrap: @convention(c) (Int32) -> Void = { number in
        if WatchedInputs.areAltered { Interruption.endByAlteredInput() }
        UnfinishedFiles.removeAll()
        for place in numbers.indices where numbers[place] == number { sigaction(number, actionsBefore + place, nil) }
    }
}
