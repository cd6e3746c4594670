/// Accumulates a transposed sparse–dense product: G += Xᵀ·Y, the gradient of X·W with respect to W.
///
/// Goes through the transpose of X rather than through scattered adds, so threads never write to the same row.
///
/// - Parameters:
///   - x: m × k, CSR.
///   - y: m × n, row-major.
///   - g: k × n, added to, not cleared.
/// - Precondition: inner and outer dimensions agree.
/// - Complexity: O(nnz(X)·n + m + k). Each row of G sums in the order of X's rows, whatever the thread count.
public func spmmTransposed(
    _ x: CSRMatrix, _ y: DenseMatrix, into g: inout DenseMatrix, parallelism: Parallelism = .allCores
) {
    precondition(
        x.rowCount == y.rowCount && x.columnCount == g.rowCount && y.columnCount == g.columnCount,
        "cannot add (\(x.rowCount) × \(x.columnCount))ᵀ times \(y.rowCount) × \(y.columnCount) "
            + "to \(g.rowCount) × \(g.columnCount)")
    spmm(x.transposed(), y, into: &g, parallelism: parallelism)
}

/// The same on borrowed memory: G += Xᵀ·Y with `width` columns.
package func spmmTransposed(
    _ x: CSRView, _ y: UnsafePointer<Float>, width: Int, into g: UnsafeMutablePointer<Float>, parallelism: Parallelism
) {
    x.transposed().withUnsafeView { transposed in
        spmm(transposed, y, width: width, into: g, parallelism: parallelism)
    }
}
