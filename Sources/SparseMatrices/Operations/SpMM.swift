import VectorKernelInterface

/// Accumulates a sparse–dense product: Y += X·W.
///
/// - Parameters:
///   - x: m × k, CSR. Empty rows leave Y unchanged.
///   - w: k × n, row-major.
///   - y: m × n, added to, not cleared.
/// - Precondition: inner and outer dimensions agree.
/// - Complexity: O(nnz(X)·n); allocates nothing. Each row sums in column order, whatever the thread count.
public func spmm(_ x: CSRMatrix, _ w: DenseMatrix, into y: inout DenseMatrix, parallelism: Parallelism = .allCores) {
    precondition(
        x.columnCount == w.rowCount && x.rowCount == y.rowCount && w.columnCount == y.columnCount,
        "cannot add \(x.rowCount) × \(x.columnCount) times \(w.rowCount) × \(w.columnCount) "
            + "to \(y.rowCount) × \(y.columnCount)")
    x.withUnsafeView { x in
        w.withUnsafeElements { weights in
            y.withUnsafeMutableElements { sums in
                spmm(x, weights, width: w.columnCount, into: sums, parallelism: parallelism)
            }
        }
    }
}

/// The same on borrowed memory: Y += X·W with `width` columns.
package func spmm(
    _ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>, parallelism: Parallelism
) {
    guard let offsets = x.rowOffsets.baseAddress, let columns = x.columnIndices.baseAddress,
        let values = x.values.baseAddress
    else { return }
    parallelism.forEachRange(of: x.rowCount) { rows in
        kernels.spmm(
            rows: rows, rowOffsets: offsets, columnIndices: columns, values: values, w: w, width: width, y: y)
    }
}
