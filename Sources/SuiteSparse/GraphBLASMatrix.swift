import CGraphBLAS
import SparseMatrices
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A GraphBLAS matrix of Float that is freed with its owner. Must be used within `GraphBLAS.run` only.
struct GraphBLASMatrix: ~Copyable {
    let rowCount: Int
    let columnCount: Int
    private let library: GraphBLASLibrary
    private let handle: GrB_Matrix?

    /// An empty matrix.
    init(_ library: GraphBLASLibrary, rowCount: Int, columnCount: Int) throws(GraphBLASError) {
        var new: GrB_Matrix?
        let symbols = library.symbols
        try GraphBLAS.check(
            symbols.GrB_Matrix_new(&new, symbols.GrB_FP32.pointee, GrB_Index(rowCount), GrB_Index(columnCount)),
            "GrB_Matrix_new")
        self.library = library
        self.rowCount = rowCount
        self.columnCount = columnCount
        handle = new
    }

    deinit {
        var handle = handle
        _ = symbols.GrB_Matrix_free(&handle)
    }

    private var symbols: graphblas_symbols { library.symbols }

    private borrowing func check(_ info: GrB_Info, _ function: String) throws(GraphBLASError) {
        if info == GrB_SUCCESS { return }
        var text: UnsafePointer<CChar>?
        _ = symbols.GrB_Matrix_error(&text, handle)
        throw GraphBLASError(info, function: function, explanation: text.map { String(cString: $0) } ?? "")
    }
}

// MARK: Operations on this matrix, C

extension GraphBLASMatrix {
    /// Whether the first factor of a product is transposed.
    enum Orientation {
        case asStored, firstTransposed
    }

    /// C += A·B, or C += Aᵀ·B.
    borrowing func addProduct(
        _ a: borrowing GraphBLASMatrix, _ b: borrowing GraphBLASMatrix, _ orientation: Orientation
    ) throws(GraphBLASError) {
        // Without a descriptor both factors are used as stored.
        let descriptor = orientation == .firstTransposed ? symbols.GrB_DESC_T0.pointee : nil
        try check(
            symbols.GrB_mxm(
                handle, nil, symbols.GrB_PLUS_FP32.pointee, symbols.GrB_PLUS_TIMES_SEMIRING_FP32.pointee, a.handle,
                b.handle, descriptor),
            "GrB_mxm")
    }

    /// Fills C, which is empty, with `count` coordinates; values with equal coordinates are added in the given order.
    borrowing func build(
        rows: UnsafePointer<GrB_Index>, columns: UnsafePointer<GrB_Index>, values: UnsafePointer<Float>, count: Int
    ) throws(GraphBLASError) {
        try check(
            symbols.GrB_Matrix_build_FP32(
                handle, rows, columns, values, GrB_Index(count), symbols.GrB_PLUS_FP32.pointee),
            "GrB_Matrix_build_FP32")
    }
}

// MARK: Importing and exporting memory

extension GraphBLASMatrix {
    /// A copy of X, which must have at least one entry. GraphBLAS has 64-bit column indices where X has 32-bit ones,
    /// and may sort the columns of a row in place, which borrowed memory does not allow.
    ///
    /// - Complexity: O(rows + entries).
    static func copying(
        _ x: CSRView, in library: GraphBLASLibrary
    ) throws(GraphBLASError) -> GraphBLASMatrix {
        let matrix = try GraphBLASMatrix(library, rowCount: x.rowCount, columnCount: x.columnCount)
        let entries = x.allEntries
        var offsets = try copy(x.rowOffsets) { GrB_Index($0 - entries.lowerBound) }
        var columns = try copy(UnsafeBufferPointer(rebasing: x.columnIndices[entries])) { GrB_Index($0) }
        var values = UnsafeMutableRawPointer(try copy(UnsafeBufferPointer(rebasing: x.values[entries])) { $0 })
        // Packing takes ownership of the arrays and clears the pointers to them.
        defer {
            free(offsets)
            free(columns)
            free(values)
        }
        let indexSize = MemoryLayout<GrB_Index>.stride
        let info = library.symbols.GxB_Matrix_pack_CSR(
            matrix.handle, &offsets, &columns, &values, GrB_Index(indexSize * x.rowOffsets.count),
            GrB_Index(indexSize * entries.count), GrB_Index(MemoryLayout<Float>.stride * entries.count), false,
            !x.hasSortedColumns, nil)
        try matrix.check(info, "GxB_Matrix_pack_CSR")
        return matrix
    }

    /// A full row-major matrix over memory lent by `LentMemory`, not copied.
    static func lending(
        _ elements: UnsafeMutablePointer<Float>, rowCount: Int, columnCount: Int, to library: GraphBLASLibrary
    ) throws(GraphBLASError) -> GraphBLASMatrix {
        let matrix = try GraphBLASMatrix(library, rowCount: rowCount, columnCount: columnCount)
        var untyped: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(elements)
        let bytes = GrB_Index(MemoryLayout<Float>.stride * rowCount * columnCount)
        try matrix.check(
            library.symbols.GxB_Matrix_pack_FullR(matrix.handle, &untyped, bytes, false, nil),
            "GxB_Matrix_pack_FullR")
        return matrix
    }

    /// Takes back the memory of `elements`, which contain the matrix afterwards; the matrix is then empty. A copy is
    /// made only if GraphBLAS has stored the result in other memory.
    borrowing func takeBack(into elements: UnsafeMutablePointer<Float>) throws(GraphBLASError) {
        var untyped: UnsafeMutableRawPointer?
        var bytes: GrB_Index = 0
        try check(
            symbols.GxB_Matrix_unpack_FullR(handle, &untyped, &bytes, nil, nil), "GxB_Matrix_unpack_FullR")
        guard let untyped, untyped != UnsafeMutableRawPointer(elements) else { return }
        elements.update(from: untyped.assumingMemoryBound(to: Float.self), count: rowCount * columnCount)
        free(untyped)
    }

    /// The matrix with sorted columns; it is empty afterwards.
    ///
    /// - Throws: `GraphBLASError`, or `SparseMatrixError.nonFiniteValue` if a sum has overflowed.
    /// - Complexity: O(rows + entries), the copy back to 32-bit column indices.
    borrowing func takeCSR() throws -> CSRMatrix {
        var offsets: UnsafeMutablePointer<GrB_Index>?
        var columns: UnsafeMutablePointer<GrB_Index>?
        var untypedValues: UnsafeMutableRawPointer?
        var offsetBytes: GrB_Index = 0, columnBytes: GrB_Index = 0, valueBytes: GrB_Index = 0
        // No pointers for the "iso" and "jumbled" flags are passed, so the values are returned expanded and the columns
        // sorted.
        try check(
            symbols.GxB_Matrix_unpack_CSR(
                handle, &offsets, &columns, &untypedValues, &offsetBytes, &columnBytes, &valueBytes, nil, nil, nil),
            "GxB_Matrix_unpack_CSR")
        defer {
            free(offsets)
            free(columns)
            free(untypedValues)
        }
        let rowOffsets = AlignedBuffer<Int>(repeating: 0, count: rowCount + 1)
        if let offsets { for row in 0...rowCount { rowOffsets.baseAddress[row] = Int(offsets[row]) } }
        let entryCount = rowOffsets.baseAddress[rowCount]
        let columnIndices = AlignedBuffer<UInt32>(uninitialized: entryCount)
        let values = AlignedBuffer<Float>(uninitialized: entryCount)
        if let columns, let source = untypedValues?.assumingMemoryBound(to: Float.self) {
            for entry in 0..<entryCount { columnIndices.baseAddress[entry] = UInt32(columns[entry]) }
            values.baseAddress.initialize(from: source, count: entryCount)
        }
        return try CSRMatrix(
            rowCount: rowCount, columnCount: columnCount, rowOffsets: rowOffsets, columnIndices: columnIndices,
            values: values)
    }

    /// A block from `malloc`, which GraphBLAS can free, with the converted source elements.
    private static func copy<Source, Target: BitwiseCopyable>(
        _ source: UnsafeBufferPointer<Source>, _ convert: (Source) -> Target
    ) throws(GraphBLASError) -> UnsafeMutablePointer<Target>? {
        guard let raw = malloc(MemoryLayout<Target>.stride * source.count) else {
            throw GraphBLASError(GrB_OUT_OF_MEMORY, function: "malloc")
        }
        let target = raw.bindMemory(to: Target.self, capacity: source.count)
        for i in source.indices { (target + i).initialize(to: convert(source[i])) }
        return target
    }
}

extension CSRView {
    /// Whether the columns of every row are rising, which a view does not guarantee.
    fileprivate var hasSortedColumns: Bool {
        for row in 0..<rowCount {
            for entry in entries(ofRow: row).dropFirst() where columnIndices[entry - 1] > columnIndices[entry] {
                return false
            }
        }
        return true
    }
}

/// Memory that GraphBLAS uses without owning it. A packed array belongs to the library, which may free it at any time
/// in favour of a new one; lent memory survives that, because the library frees through `release`.
enum LentMemory {
    private static let addresses = Mutex<[UInt]>([])

    /// Prevents the memory at `pointer` from being freed until `body`, and every matrix that it creates, is done.
    static func lending<R, E: Error>(
        _ pointer: UnsafeMutableRawPointer, _ body: () throws(E) -> R
    ) throws(E) -> R {
        let address = UInt(bitPattern: pointer)
        addresses.withLock { $0.append(address) }
        defer {
            addresses.withLock { lent in
                if let position = lent.lastIndex(of: address) { lent.remove(at: position) }
            }
        }
        return try body()
    }

    /// The function that the library calls instead of `free`.
    static let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { pointer in
        let address = UInt(bitPattern: pointer)
        if !addresses.withLock({ $0.contains(address) }) { free(pointer) }
    }
}
