/// Who computes the sparse–dense products. Both give the same sums to rounding, and each the same bytes on every run.
public enum SparseBackend: String, Sendable, CaseIterable {
    /// The SIMD kernels of this package; the default, and the faster.
    case swift
    /// SuiteSparse:GraphBLAS, an independent implementation.
    case graphblas

    /// Finds out now whether this backend is there, before work that would end for lack of it.
    ///
    /// - Throws: `GraphBLASNotInstalled`, or `GraphBLASError` if the library cannot be started.
    public func checkInstalled() throws {
        switch self {
        case .swift: break
        case .graphblas: try GraphBLAS.run(.serial) { _ in }
        }
    }

    /// Y += X·W; see `spmm(_:_:into:parallelism:)`.
    ///
    /// - Throws: `GraphBLASError` and `GraphBLASNotInstalled`, by that backend only.
    public func spmm(
        _ x: CSRMatrix, _ w: DenseMatrix, into y: inout DenseMatrix, parallelism: Parallelism = .allCores
    ) throws {
        switch self {
        case .swift: SparseMatrices.spmm(x, w, into: &y, parallelism: parallelism)
        case .graphblas: try spmmByGraphBLAS(x, w, into: &y, parallelism: parallelism)
        }
    }

    /// G += Xᵀ·Y; see `spmmTransposed(_:_:into:parallelism:)`.
    ///
    /// - Throws: `GraphBLASError` and `GraphBLASNotInstalled`, by that backend only.
    public func spmmTransposed(
        _ x: CSRMatrix, _ y: DenseMatrix, into g: inout DenseMatrix, parallelism: Parallelism = .allCores
    ) throws {
        switch self {
        case .swift: SparseMatrices.spmmTransposed(x, y, into: &g, parallelism: parallelism)
        case .graphblas: try spmmTransposedByGraphBLAS(x, y, into: &g, parallelism: parallelism)
        }
    }

    /// Y += X·W on borrowed memory, with `width` columns.
    package func spmm(
        _ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>,
        parallelism: Parallelism
    ) throws {
        switch self {
        case .swift: SparseMatrices.spmm(x, w, width: width, into: y, parallelism: parallelism)
        case .graphblas: try spmmByGraphBLAS(x, w, width: width, into: y, parallelism: parallelism)
        }
    }

    /// G += Xᵀ·Y on borrowed memory, with `width` columns.
    package func spmmTransposed(
        _ x: CSRView, _ y: UnsafePointer<Float>, width: Int, into g: UnsafeMutablePointer<Float>,
        parallelism: Parallelism
    ) throws {
        switch self {
        case .swift: SparseMatrices.spmmTransposed(x, y, width: width, into: g, parallelism: parallelism)
        case .graphblas: try spmmTransposedByGraphBLAS(x, y, width: width, into: g, parallelism: parallelism)
        }
    }
}
