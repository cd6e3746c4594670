import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Work on a thread of its own, whose priority may be low: it then takes processors while the threads of other work leave
/// them idle, and little of them otherwise.
package final class BackgroundWork<Value: Sendable>: Sendable {
    private let result = Mutex<(value: Value, processorTime: Duration)?>(nil)
    private let running = DispatchGroup()

    /// Starts the work; performs it at once if the system has no more threads.
    package init(isUrgent: Bool, _ work: @escaping @Sendable () -> Value) {
        running.enter()
        startThread { [self] in
            if !isUrgent { lowerPriority() }
            let value = work()
            let time = processorTimeOfThread()
            result.withLock { $0 = (value, time) }
            running.leave()
        }
    }

    package var isDone: Bool { result.withLock { $0 != nil } }

    /// Waits for the end of the work.
    ///
    /// - Returns: what came of it, and how long it kept a processor busy.
    package func wait() -> (value: Value, processorTime: Duration) {
        running.wait()
        guard let result = result.withLock({ $0 }) else { preconditionFailure("work ended without a result") }
        return result
    }
}

private final class ThreadBody {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
}

private func startThread(_ body: @escaping () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // Signals that come from outside are for other threads; a new thread has the mask of the one that makes it.
    var (outside, before) = (sigset_t(), sigset_t())
    sigfillset(&outside)
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&outside, number) }
    pthread_sigmask(SIG_SETMASK, &outside, &before)
    #if canImport(Darwin)
        var thread: pthread_t?
    #else
        var thread = pthread_t()
    #endif
    let failure = pthread_create(&thread, &attributes, { runThread($0) }, box.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    if failure != 0 { box.takeRetainedValue().body() }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().body()
    return nil
}

/// Of the calling thread. The work still ends in time if other programs take all that is left.
private func lowerPriority() {
    #if canImport(Darwin)
        pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0)
    #else
        // On Linux each thread has a priority of its own; 0 is the calling one.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
    #endif
}

private func processorTimeOfThread() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
}
