import Allocation
import Dispatch
import FileIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Removes unfinished files when the user or the system ends the program.
enum Interruption {
    /// Sets up the handling of signals for every command: an input that is truncated while it is mapped, and lack of
    /// memory, end the program with a message and remove temporary files; exceeding the file size limit becomes a write
    /// error.
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

    /// Ends the program because an input was modified; calls only functions that are safe in signal handlers.
    static func endByAlteredInput() -> Never {
        UnfinishedFiles.removeAll()
        say("error: an input changed while it was read: it was cut short, replaced or written to\n")
        _exit(ExitStatus.inputOutput.rawValue)
    }

    static func say(_ message: StaticString) {
        _ = write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
    }

    /// On a signal to end, removes this process' temporary files, then ends by the same signal.
    ///
    /// - Parameter note: a message for the user, printed in that case.
    static func cleanUp(saying note: String? = nil) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // Signals that the parent process set to be ignored, as nohup does, stay ignored.
            guard isDefault(number) else { continue }
            #if canImport(Darwin)
                signal(number, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                if askToFinish(number) { return }
                UnfinishedFiles.removeAll()
                if let note { Console.line((Console.isTerminal ? "\n" : "") + note) }
                end(bySignal: number)
            }
            source.activate()
            sources.append(source)
        }
    }

    /// Performs work that can be asked to finish early, and is by the first signal to end; the next signal ends the program
    /// at once.
    ///
    /// - Parameters:
    ///   - note: a message for the user, printed once the work has ended early.
    ///   - ask: asks the work to finish; called on another thread.
    ///   - work: ends early by throwing that it was cancelled; after a signal, the program then ends with the exit code
    ///     128 + signal. If it was done before it could be asked, its result is returned as ever.
    static func after<Result>(
        _ note: String, _ ask: @escaping @Sendable () -> Void, _ work: () throws -> Result
    ) throws -> Result {
        queue.sync { request = ask }
        defer { queue.sync { request = nil } }
        do {
            return try work()
        } catch let failure as TrainingFailure where failure.cause.reason == .cancelled {
            endIfAsked(saying: note)
            throw failure
        }
    }

    /// - Returns: whether there is work that has now been asked to finish.
    private static func askToFinish(_ number: Int32) -> Bool {
        guard let ask = request, asked == nil else { return false }
        asked = number
        Console.line((Console.isTerminal ? "\n" : "") + "finishing the step; a second signal stops at once")
        ask()
        return true
    }

    private static func endIfAsked(saying note: String) {
        guard let number = queue.sync(execute: { asked }) else { return }
        UnfinishedFiles.removeAll()
        Console.line(note)
        exit(128 + number)
    }

    /// Queried without changing it: on Linux a signal that is blocked and pending would be lost if it were ignored even
    /// for a moment.
    private static func isDefault(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        #if canImport(Darwin)
            return action.__sigaction_u.__sa_handler == nil
        #else
            return action.__sigaction_handler.sa_handler == nil
        #endif
    }

    /// Ends the process as if the signal had not been caught, so that a shell sees why it ended.
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
    /// Asks the work that is being done to finish; used on the queue only, as is the signal for which it was asked.
    nonisolated(unsafe) private static var request: (@Sendable () -> Void)?
    nonisolated(unsafe) private static var asked: Int32?
}

/// Handles signals by which a failed runtime check or the processor stops the program.
///
/// The cause may be an input that was modified while it was read; otherwise it is a defect. In both cases the program
/// ends at once. The backtrace that Swift's runtime prints takes minutes with large libraries, so it is printed only if
/// `SWIFT_BACKTRACE` is set.
enum Traps {
    /// From now on, ends the program with a message if one of these signals occurs.
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
    /// The runtime's handler for each of them; never freed, since signal handlers read it.
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
            error: the program crashed because of a defect; please report it, with the output of the same command \
            when the environment variable SWIFT_BACKTRACE is set to enable=yes

            """)
        _exit(ExitStatus.defect.rawValue)
    }

    /// Whether the system refuses to map a megabyte; the runtime stops the program if a small allocation fails.
    private static var isMemoryExhausted: Bool {
        let size = 1 << 20
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memory != MAP_FAILED else {
            return errno == ENOMEM
        }
        munmap(memory, size)
        return false
    }

    /// Restores the runtime's own handler and returns to the instruction that raised the signal, which raises it again.
    private static let traceTrap: @convention(c) (Int32) -> Void = { number in
        if WatchedInputs.areAltered { Interruption.endByAlteredInput() }
        UnfinishedFiles.removeAll()
        for place in numbers.indices where numbers[place] == number { sigaction(number, actionsBefore + place, nil) }
    }
}
