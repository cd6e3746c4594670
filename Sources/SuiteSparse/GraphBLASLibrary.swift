import CGraphBLAS
import SparseMatrices
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The symbols of SuiteSparse:GraphBLAS, which is not linked but loaded at its first use, so that it need not be
/// installed if it is not used.
final class GraphBLASLibrary: @unchecked Sendable {
    // Unchecked: neither the pointers nor the objects they point to change once the library has been initialised.
    let symbols: graphblas_symbols

    /// - Parameter file: the name of the shared library, found in the system's search path; the default is the version
    ///   that this package was built for.
    /// - Throws: `GraphBLASNotInstalled` if there is no such library, or it lacks functions that are used here.
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

    /// Initialises the library; to be called once. Blocking mode: nothing is pending after a call, so memory that was
    /// lent to it can be taken back.
    ///
    /// No reallocation function is given, so that the library moves a block only by allocating, copying and freeing,
    /// which `LentMemory` intercepts; and the pools of small free blocks are turned off so that lent memory cannot end
    /// up in one.
    fileprivate func start() throws(GraphBLASError) {
        try GraphBLAS.check(
            symbols.GxB_init(GrB_BLOCKING, malloc, calloc, nil, LentMemory.release), "GxB_init")
        var poolSizes = [Int64](repeating: 0, count: 64)
        try GraphBLAS.check(
            symbols.GxB_Global_Option_set_INT64_ARRAY(GxB_MEMORY_POOL, &poolSizes),
            "GxB_Global_Option_set_INT64_ARRAY")
    }
}

/// Access to SuiteSparse:GraphBLAS: initialised once, used by one caller at a time, with the number of threads that the
/// caller allows.
///
/// The library uses its own threads, so it must not be called from inside a block of `Parallelism`.
enum GraphBLAS {
    /// Loaded and initialised at the first use, and only here.
    private static let library = Result {
        let library = try GraphBLASLibrary()
        try library.start()
        return library
    }

    private static let oneCaller = Mutex<Void>(())

    /// Runs `body` with exclusive access to the library and up to `parallelism.threads` of its threads.
    ///
    /// - Throws: `GraphBLASNotInstalled`; `GraphBLASError` if the library cannot be initialised; any error of `body`.
    static func run<R: Sendable>(
        _ parallelism: Parallelism, _ body: (GraphBLASLibrary) throws -> R
    ) throws -> R {
        let library = try library.get()
        return try oneCaller.withLock { _ in
            try check(
                library.symbols.GxB_Global_Option_set_INT32(
                    GxB_GLOBAL_NTHREADS, Int32(clamping: parallelism.usableThreads)),
                "GxB_Global_Option_set_INT32")
            return try body(library)
        }
    }

    static func check(_ info: GrB_Info, _ function: String) throws(GraphBLASError) {
        if info != GrB_SUCCESS { throw GraphBLASError(info, function: function) }
    }
}

/// The GraphBLAS library that is installed on this machine.
public enum GraphBLASInstallation {
    /// The name of the Debian package with the library that is loaded.
    public static var debianPackage: String { "libgraphblas\(GxB_IMPLEMENTATION_MAJOR)" }

    /// The version of the library; nil if GraphBLAS is not installed. Loads the library.
    ///
    /// - Throws: `GraphBLASError` if the library is installed but cannot be initialised.
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
