import VectorKernelInterface

/// An implementation of the sparse–dense products of the layers. All backends give the same sums up to rounding, and
/// each gives the same bytes on every run and for any number of threads.
///
/// A backend that needs a library loads it when it is created, so an existing backend can be used; a product can then
/// still fail, mostly for lack of memory.
public protocol SparseBackend: Sendable {
    /// Whether products run on threads of the backend, so that they must not be called from inside a block of
    /// `Parallelism`.
    var hasOwnThreads: Bool { get }

    /// Y += X·W, W and Y row-major with `width` columns. Y is undefined if an error is thrown.
    ///
    /// - Complexity: O(nnz(X)·width).
    func spmm(
        _ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>,
        parallelism: Parallelism
    ) throws(SparseBackendFailure)

    /// G += Xᵀ·Y, Y and G row-major with `width` columns. G is undefined if an error is thrown. The default
    /// implementation transposes X first.
    ///
    /// - Complexity: O(nnz(X)·width + m + k) for X: m × k.
    func spmmTransposed(
        _ x: CSRView, _ y: UnsafePointer<Float>, width: Int, into g: UnsafeMutablePointer<Float>,
        parallelism: Parallelism
    ) throws(SparseBackendFailure)
}

/// The error of a product that a backend could not compute.
public struct SparseBackendFailure: Error, CustomStringConvertible {
    /// The error of the backend's library.
    public let cause: any Error

    public init(_ cause: any Error) { self.cause = cause }

    public var description: String { "\(cause)" }
}

extension SparseBackend {
    public func spmmTransposed(
        _ x: CSRView, _ y: UnsafePointer<Float>, width: Int, into g: UnsafeMutablePointer<Float>,
        parallelism: Parallelism
    ) throws(SparseBackendFailure) {
        try x.transposed().withUnsafeView { transposed throws(SparseBackendFailure) in
            try spmm(transposed, y, width: width, into: g, parallelism: parallelism)
        }
    }

    /// Y += X·W.
    ///
    /// - Parameters:
    ///   - x: m × k, CSR. Empty rows leave Y unchanged.
    ///   - w: k × n, row-major.
    ///   - y: m × n, added to, not cleared; undefined if an error is thrown.
    /// - Precondition: inner and outer dimensions agree.
    /// - Complexity: O(nnz(X)·n).
    public func spmm(
        _ x: CSRMatrix, _ w: DenseMatrix, into y: inout DenseMatrix, parallelism: Parallelism = .allCores
    ) throws(SparseBackendFailure) {
        requireShapes(x, w, y)
        try x.withUnsafeView { x throws(SparseBackendFailure) in
            try w.withUnsafeElements { weights throws(SparseBackendFailure) in
                try y.withUnsafeMutableElements { sums throws(SparseBackendFailure) in
                    try spmm(x, weights, width: w.columnCount, into: sums, parallelism: parallelism)
                }
            }
        }
    }

    /// G += Xᵀ·Y, the gradient of X·W with respect to W.
    ///
    /// - Parameters:
    ///   - x: m × k, CSR.
    ///   - y: m × n, row-major.
    ///   - g: k × n, added to, not cleared; undefined if an error is thrown.
    /// - Precondition: inner and outer dimensions agree.
    /// - Complexity: O(nnz(X)·n + m + k).
    public func spmmTransposed(
        _ x: CSRMatrix, _ y: DenseMatrix, into g: inout DenseMatrix, parallelism: Parallelism = .allCores
    ) throws(SparseBackendFailure) {
        requireTransposedShapes(x, y, g)
        try x.withUnsafeView { x throws(SparseBackendFailure) in
            try y.withUnsafeElements { factors throws(SparseBackendFailure) in
                try g.withUnsafeMutableElements { sums throws(SparseBackendFailure) in
                    try spmmTransposed(x, factors, width: y.columnCount, into: sums, parallelism: parallelism)
                }
            }
        }
    }
}

extension SparseBackend {
    private func requireShapes(_ x: CSRMatrix, _ w: DenseMatrix, _ y: DenseMatrix) {
        precondition(
            x.columnCount == w.rowCount && x.rowCount == y.rowCount && w.columnCount == y.columnCount,
            "cannot add \(x.rowCount) × \(x.columnCount) times \(w.rowCount) × \(w.columnCount) "
                + "to \(y.rowCount) × \(y.columnCount)")
    }

    private func requireTransposedShapes(_ x: CSRMatrix, _ y: DenseMatrix, _ g: DenseMatrix) {
        precondition(
            x.rowCount == y.rowCount && x.columnCount == g.rowCount && y.columnCount == g.columnCount,
            "cannot add (\(x.rowCount) × \(x.columnCount))ᵀ times \(y.rowCount) × \(y.columnCount) "
                + "to \(g.rowCount) × \(g.columnCount)")
    }
}

/// The SIMD kernels of this package: the default backend, which needs no library and never fails.
///
/// A transposed product uses the transpose of X instead of scattered additions, so that threads never write to the same
/// row. Only that transpose is allocated, and each row is summed in column order.
public struct SwiftKernels: SparseBackend {
    public init() {}

    public var hasOwnThreads: Bool { false }

    public func spmm(
        _ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>,
        parallelism: Parallelism
    ) {
        guard let offsets = x.rowOffsets.baseAddress, let columns = x.columnIndices.baseAddress,
            let values = x.values.baseAddress
        else { return }
        parallelism.forEachRange(of: x.rowCount) { rows in
            kernels.spmm(
                rows: rows, rowOffsets: offsets, columnIndices: columns, values: values, w: w, width: width, y: y)
        }
    }
}
