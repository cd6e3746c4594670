/// Accumulates a sparse–dense product by GraphBLAS: Y += X·W, the contract of `spmm`.
///
/// W and Y are used where they are. Not to be called from inside a block of `Parallelism`: the library has threads of
/// its own. The sums equal those of `spmm` to rounding.
///
/// - Parameters:
///   - x: m × k, CSR.
///   - w: k × n, row-major.
///   - y: m × n, added to, not cleared; undefined if an error is thrown.
/// - Throws: `GraphBLASNotInstalled`, or `GraphBLASError` if the library fails.
/// - Precondition: inner and outer dimensions agree.
/// - Complexity: O(nnz(X)·n), besides a copy of X with 64-bit column indices, O(m + nnz(X)).
public func spmmByGraphBLAS(
    _ x: CSRMatrix, _ w: DenseMatrix, into y: inout DenseMatrix, parallelism: Parallelism = .allCores
) throws {
    precondition(
        x.columnCount == w.rowCount && x.rowCount == y.rowCount && w.columnCount == y.columnCount,
        "cannot add \(x.rowCount) × \(x.columnCount) times \(w.rowCount) × \(w.columnCount) "
            + "to \(y.rowCount) × \(y.columnCount)")
    try x.withUnsafeView { x in
        try w.withUnsafeElements { weights in
            try y.withUnsafeMutableElements { sums in
                try spmmByGraphBLAS(x, weights, width: w.columnCount, into: sums, parallelism: parallelism)
            }
        }
    }
}

/// Accumulates a transposed sparse–dense product by GraphBLAS: G += Xᵀ·Y, the contract of `spmmTransposed`.
///
/// - Parameters:
///   - x: m × k, CSR.
///   - y: m × n, row-major.
///   - g: k × n, added to, not cleared; undefined if an error is thrown.
/// - Throws: `GraphBLASNotInstalled`, or `GraphBLASError` if the library fails.
/// - Precondition: inner and outer dimensions agree.
/// - Complexity: O(nnz(X)·n + m + k), besides a copy of X with 64-bit column indices.
public func spmmTransposedByGraphBLAS(
    _ x: CSRMatrix, _ y: DenseMatrix, into g: inout DenseMatrix, parallelism: Parallelism = .allCores
) throws {
    precondition(
        x.rowCount == y.rowCount && x.columnCount == g.rowCount && y.columnCount == g.columnCount,
        "cannot add (\(x.rowCount) × \(x.columnCount))ᵀ times \(y.rowCount) × \(y.columnCount) "
            + "to \(g.rowCount) × \(g.columnCount)")
    try x.withUnsafeView { x in
        try y.withUnsafeElements { factors in
            try g.withUnsafeMutableElements { sums in
                try spmmTransposedByGraphBLAS(x, factors, width: y.columnCount, into: sums, parallelism: parallelism)
            }
        }
    }
}

/// Y += X·W on borrowed memory, with `width` columns.
package func spmmByGraphBLAS(
    _ x: CSRView, _ w: UnsafePointer<Float>, width: Int, into y: UnsafeMutablePointer<Float>, parallelism: Parallelism
) throws {
    try accumulate(
        x, .asStored, w, factorRows: x.columnCount, width: width, into: y, resultRows: x.rowCount,
        parallelism: parallelism)
}

/// G += Xᵀ·Y on borrowed memory, with `width` columns.
package func spmmTransposedByGraphBLAS(
    _ x: CSRView, _ y: UnsafePointer<Float>, width: Int, into g: UnsafeMutablePointer<Float>, parallelism: Parallelism
) throws {
    try accumulate(
        x, .firstTransposed, y, factorRows: x.rowCount, width: width, into: g, resultRows: x.columnCount,
        parallelism: parallelism)
}

private func accumulate(
    _ x: CSRView, _ orientation: GraphBLASMatrix.Orientation, _ factor: UnsafePointer<Float>, factorRows: Int,
    width: Int, into result: UnsafeMutablePointer<Float>, resultRows: Int, parallelism: Parallelism
) throws {
    if x.allEntries.isEmpty || width == 0 { return }
    // Only read: a full matrix that is an input has nothing to sort or to convert.
    let factor = UnsafeMutablePointer(mutating: factor)
    try GraphBLAS.run(parallelism) { library in
        try LentMemory.lending(factor) {
            try LentMemory.lending(result) {
                let sparse = try GraphBLASMatrix.copying(x, in: library)
                let dense = try GraphBLASMatrix.lending(factor, rowCount: factorRows, columnCount: width, to: library)
                let sums = try GraphBLASMatrix.lending(result, rowCount: resultRows, columnCount: width, to: library)
                try sums.setProduct(sparse, dense, orientation, accumulating: true)
                try sums.takeBack(into: result)
            }
        }
    }
}
