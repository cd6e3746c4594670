import CGraphBLAS
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// SuiteSparse:GraphBLAS as this package uses it: started once, asked by one caller at a time, with the number of
/// threads that the caller allows.
///
/// The library keeps its own threads, so it must not be called from inside a block of `Parallelism`.
enum GraphBLAS {
    /// Starts the library; the one place that does. Blocking mode: nothing stays pending after a call, so memory that
    /// was lent for it can be taken back.
    ///
    /// There is no reallocation, so that the library moves a block only by allocating, copying and freeing, which
    /// `LentMemory` sees; and the pools of small free blocks are off, lest lent memory ends up in one.
    private static let startup: GrB_Info = {
        let info = GxB_init(GrB_BLOCKING, malloc, calloc, nil, LentMemory.release)
        guard info == GrB_SUCCESS else { return info }
        var poolSizes = [Int64](repeating: 0, count: 64)
        return GxB_Global_Option_set_INT64_ARRAY(GxB_MEMORY_POOL, &poolSizes)
    }()

    private static let oneCaller = Mutex<Void>(())

    /// Runs `body` with the library to itself and up to `parallelism.threads` of its threads.
    static func run<R: Sendable>(_ parallelism: Parallelism, _ body: () throws -> R) throws -> R {
        try oneCaller.withLock { _ in
            try check(startup, "GxB_init")
            try check(
                GxB_Global_Option_set_INT32(GxB_GLOBAL_NTHREADS, Int32(clamping: parallelism.threads)),
                "GxB_Global_Option_set_INT32")
            return try body()
        }
    }

    static func check(_ info: GrB_Info, _ function: String) throws(GraphBLASError) {
        if info != GrB_SUCCESS { throw GraphBLASError(info, function: function) }
    }
}
