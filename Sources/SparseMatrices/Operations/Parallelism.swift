import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The number of threads that an operation may use.
///
/// Work is divided into blocks that do not depend on the number of threads, and a block's result does not depend on the
/// thread that computes it; so every operation gives the same bytes for any number of threads.
public struct Parallelism: Sendable, Equatable {
    public let threads: Int

    public init(threads: Int) {
        precondition(threads >= 1, "at least one thread is needed, not \(threads)")
        self.threads = threads
    }

    public static let serial = Parallelism(threads: 1)

    /// One thread for each online processor.
    public static let allCores = Parallelism(threads: max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))

    /// How many threads an operation gets: one in a forked copy of a process that has used more, since its threads are
    /// not copied and work given to them would never be done.
    package var usableThreads: Int { threads == 1 || getpid() == Self.threadOwner ? threads : 1 }

    /// The process that was the first to use several threads.
    private static let threadOwner = getpid()

    /// Calls `body` once for each of the blocks `0..<blocks`, on up to `threads` threads; returns when all are done.
    public func forEach(block blocks: Int, _ body: (Int) -> Void) {
        forEach(block: blocks) { block, _ in body(block) }
    }

    /// The same; `body` also receives the number of its worker, below `threads`, so that each worker can use separate
    /// memory.
    package func forEach(block blocks: Int, _ body: (_ block: Int, _ worker: Int) -> Void) {
        let workers = min(usableThreads, blocks)
        if workers <= 1 {
            for block in 0..<blocks { body(block, 0) }
            return
        }
        let next = Atomic<Int>(0)
        withoutActuallyEscaping(body) { body in
            // Blocks write to separate memory, which the compiler cannot verify.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: workers) { worker in
                while true {
                    let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    if block >= blocks { return }
                    body(block, worker)
                }
            }
        }
    }

    /// The results of `body` for the blocks `0..<count`, in order.
    package func map<Result>(_ count: Int, _ body: (Int) -> Result) -> [Result] {
        [Result](unsafeUninitializedCapacity: count) { results, filled in
            nonisolated(unsafe) let places = results.baseAddress
            forEach(block: count) { places?.advanced(by: $0).initialize(to: body($0)) }
            filled = count
        }
    }

    /// Divides `0..<count` into ranges of `blockSize` and calls `body` for each.
    ///
    /// - Parameter blockSize: the default suits rows of a few hundred numbers: ranges of 64 rows are worth the overhead
    ///   of scheduling; for less than 512 rows, as in a small minibatch, ranges of 8 still occupy all cores.
    public func forEachRange(of count: Int, blockSize: Int? = nil, _ body: (Range<Int>) -> Void) {
        forEachRange(of: count, blockSize: blockSize ?? (count < 512 ? 8 : 64)) { range, _ in body(range) }
    }

    /// The same; `body` also receives the number of its worker, below `threads`.
    package func forEachRange(of count: Int, blockSize: Int, _ body: (Range<Int>, _ worker: Int) -> Void) {
        precondition(blockSize > 0, "blocks must hold something")
        forEach(block: (count + blockSize - 1) / blockSize) { block, worker in
            body(block * blockSize..<min(count, (block + 1) * blockSize), worker)
        }
    }
}
