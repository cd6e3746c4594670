import CGraphBLAS
import SparseMatrices

/// Products by SuiteSparse:GraphBLAS, an independent implementation. The library is loaded and initialised when the
/// first backend is created.
///
/// W and Y are used in place; X is copied, since GraphBLAS has 64-bit column indices.
public struct GraphBLASBackend: SparseBackend {
    /// - Throws: `GraphBLASNotInstalled`; `GraphBLASError` if the library cannot be started.
    public init() throws { try GraphBLAS.run(.serial) { _ in } }

    public var hasOwnThreads: Bool { true }

    public func spmm(
        _ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>,
        parallelism: Parallelism
    ) throws(SparseBackendFailure) {
        try accumulate(
            x, .asStored, w, factorRows: x.columnCount, width: width, into: y, resultRows: x.rowCount,
            parallelism: parallelism)
    }

    public func spmmTransposed(
        _ x: CSRView, _ y: UnsafePointer<Float>, width: Int, into g: UnsafeMutablePointer<Float>,
        parallelism: Parallelism
    ) throws(SparseBackendFailure) {
        try accumulate(
            x, .firstTransposed, y, factorRows: x.rowCount, width: width, into: g, resultRows: x.columnCount,
            parallelism: parallelism)
    }

    private func accumulate(
        _ x: CSRView, _ orientation: GraphBLASMatrix.Orientation, _ factor: UnsafePointer<Float>, factorRows: Int,
        width: Int, into result: UnsafeMutablePointer<Float>, resultRows: Int, parallelism: Parallelism
    ) throws(SparseBackendFailure) {
        if x.allEntries.isEmpty || width == 0 { return }
        // The factor is only read: a full matrix that is an input need not be sorted or converted.
        let factor = UnsafeMutablePointer(mutating: factor)
        do {
            try GraphBLAS.run(parallelism) { library in
                try LentMemory.lending(factor) {
                    try LentMemory.lending(result) {
                        let sparse = try GraphBLASMatrix.copying(x, in: library)
                        let dense = try GraphBLASMatrix.lending(
                            factor, rowCount: factorRows, columnCount: width, to: library)
                        let sums = try GraphBLASMatrix.lending(
                            result, rowCount: resultRows, columnCount: width, to: library)
                        try sums.addProduct(sparse, dense, orientation)
                        try sums.takeBack(into: result)
                    }
                }
            }
        } catch {
            throw SparseBackendFailure(error)
        }
    }
}
