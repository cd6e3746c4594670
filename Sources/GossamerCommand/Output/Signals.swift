import Allocation
import Dispatch
import FileIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Leaves nothing half-written behind when the user or the system ends the program.
enum Interruption {
    /// What holds for every command: an input that is cut short while it is mapped ends the program with a message and
    /// without leftovers, so does want of memory, and a file that may grow no further is an error of writing.
    static func prepare() {
        UnfinishedFiles.removeAll(isEnding: false)
        OutOfMemory.end = { bytes in
            UnfinishedFiles.removeAll()
            let limit = AddressSpace.limit.map { ", and the limit on address space is \(Format.bytes($0)) (ulimit -v)" }
            Console.error("out of memory: \(Format.bytes(bytes)) more were needed\(limit ?? "")")
            _exit(ExitStatus.outOfMemory.rawValue)
        }
        AlteredInput.end = { endByAlteredInput() }
        WatchedInputs.guardOutputs = true
        _ = WatchedInputs.areAltered
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGBUS) { _ in Interruption.endByAlteredInput() }
        Traps.end()
    }

    /// Calls nothing that a signal's handler may not.
    static func endByAlteredInput() -> Never {
        UnfinishedFiles.removeAll()
        say("error: an input changed while it was read: it was cut short, replaced or written to\n")
        _exit(ExitStatus.inputOutput.rawValue)
    }

    static func say(_ message: StaticString) {
        _ = systemWrite(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
    }

    /// Once a signal to end comes, removes this process' temporary files, then ends by the signal.
    ///
    /// - Parameter note: what to tell the user then.
    static func cleanUp(saying note: String? = nil) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // Left alone where whoever started the program wants it ignored, as nohup does.
            guard isDefault(number) else { continue }
            #if canImport(Darwin)
                signal(number, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                UnfinishedFiles.removeAll()
                if let note { Console.line((Console.isTerminal ? "\n" : "") + note) }
                end(bySignal: number)
            }
            source.activate()
            sources.append(source)
        }
    }

    /// Asked for without a change: on Linux a signal that is blocked and waiting would be lost if it were ignored, if
    /// only for a moment.
    private static func isDefault(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        #if canImport(Darwin)
            return action.__sigaction_u.__sa_handler == nil
        #else
            return action.__sigaction_handler.sa_handler == nil
        #endif
    }

    /// As if the signal had not been caught, so that a shell knows why the program ended.
    private static func end(bySignal number: Int32) {
        signal(number, SIG_DFL)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, number)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        kill(getpid(), number)
    }

    private static let queue = DispatchQueue(label: "gossamer.interruption")
    nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []
}

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
