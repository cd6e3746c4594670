import CGraphBLAS
import SparseMatrices
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The symbols of SuiteSparse:GraphBLAS, which is not linked but loaded at its first use: who never asks for it does
/// not have to have it.
final class GraphBLASLibrary: @unchecked Sendable {
    // Unchecked: the pointers do not change, and what they point to does not once the library has started.
    let symbols: graphblas_symbols

    /// - Parameter file: found as the system finds shared libraries; the default is the version that this package was
    ///   built for.
    /// - Throws: `GraphBLASNotInstalled` if there is no such library, or not all in it that is used here.
    init(file: String = defaultFile) throws(GraphBLASNotInstalled) {
        var symbols = graphblas_symbols()
        if let reason = graphblas_load(file, &symbols) {
            throw GraphBLASNotInstalled(file: file, reason: String(cString: reason))
        }
        self.symbols = symbols
    }

    static var defaultFile: String {
        withUnsafeBytes(of: graphblas_file) { text in String(decoding: text.prefix { $0 != 0 }, as: UTF8.self) }
    }

    var version: String {
        get throws(GraphBLASError) {
            var parts: [Int32] = [0, 0, 0]
            try GraphBLAS.check(
                symbols.GxB_Global_Option_get_INT32(GxB_LIBRARY_VERSION, &parts), "GxB_Global_Option_get_INT32")
            return parts.map(String.init).joined(separator: ".")
        }
    }

    /// Starts the library; to be called once. Blocking mode: nothing stays pending after a call, so memory that was
    /// lent for it can be taken back.
    ///
    /// There is no reallocation, so that the library moves a block only by allocating, copying and freeing, which
    /// `LentMemory` sees; and the pools of small free blocks are off, lest lent memory ends up in one.
    fileprivate func start() throws(GraphBLASError) {
        try GraphBLAS.check(
            symbols.GxB_init(GrB_BLOCKING, malloc, calloc, nil, LentMemory.release), "GxB_init")
        var poolSizes = [Int64](repeating: 0, count: 64)
        try GraphBLAS.check(
            symbols.GxB_Global_Option_set_INT64_ARRAY(GxB_MEMORY_POOL, &poolSizes),
            "GxB_Global_Option_set_INT64_ARRAY")
    }
}

/// SuiteSparse:GraphBLAS as this package uses it: started once, asked by one caller at a time, with the number of
/// threads that the caller allows.
///
/// The library keeps its own threads, so it must not be called from inside a block of `Parallelism`.
enum GraphBLAS {
    /// Loaded and started at the first use; the one place that does.
    private static let library = Result {
        let library = try GraphBLASLibrary()
        try library.start()
        return library
    }

    private static let oneCaller = Mutex<Void>(())

    /// Runs `body` with the library to itself and up to `parallelism.threads` of its threads.
    ///
    /// - Throws: `GraphBLASNotInstalled`; `GraphBLASError` if it cannot be started; and what `body` throws.
    static func run<R: Sendable>(
        _ parallelism: Parallelism, _ body: (GraphBLASLibrary) throws -> R
    ) throws -> R {
        let library = try library.get()
        return try oneCaller.withLock { _ in
            try check(
                library.symbols.GxB_Global_Option_set_INT32(
                    GxB_GLOBAL_NTHREADS, Int32(clamping: parallelism.threads)),
                "GxB_Global_Option_set_INT32")
            return try body(library)
        }
    }

    static func check(_ info: GrB_Info, _ function: String) throws(GraphBLASError) {
        if info != GrB_SUCCESS { throw GraphBLASError(info, function: function) }
    }
}

/// The library as it is found on this machine.
public enum GraphBLASInstallation {
    /// Debian's package of the library that is loaded.
    public static var debianPackage: String { "libgraphblas\(GxB_IMPLEMENTATION_MAJOR)" }

    /// nil where GraphBLAS is not installed. Loads it.
    ///
    /// - Throws: `GraphBLASError` if it is, and does not start.
    public static var version: String? {
        get throws {
            do {
                return try GraphBLAS.run(.serial) { library in try library.version }
            } catch is GraphBLASNotInstalled {
                return nil
            }
        }
    }
}
