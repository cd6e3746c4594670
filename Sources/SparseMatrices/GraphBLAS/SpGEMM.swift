/// The product of two sparse matrices: C = A·B, sparse. Places where no stored entries meet are not stored; sums that
/// happen to be zero are.
///
/// Runs on one thread: GraphBLAS lets several add to the same heavy row, in whatever order they come, and the bytes
/// would depend on it.
///
/// - Parameters:
///   - a: m × k, CSR.
///   - b: k × n, CSR.
/// - Returns: m × n, CSR.
/// - Throws: `GraphBLASNotInstalled`, or `GraphBLASError` if the library fails; `SparseMatrixError.nonFiniteValue`
///   if a sum leaves the range of Float.
/// - Precondition: the inner dimensions agree.
/// - Complexity: O(m + k + n) and one multiplication for each pair of an entry (i, l) of A and (l, j) of B, besides
///   copies to 64-bit column indices and back.
public func spgemm(_ a: CSRMatrix, _ b: CSRMatrix) throws -> CSRMatrix {
    precondition(
        a.columnCount == b.rowCount,
        "cannot multiply \(a.rowCount) × \(a.columnCount) by \(b.rowCount) × \(b.columnCount)")
    if a.entryCount == 0 || b.entryCount == 0 { return .empty(rowCount: a.rowCount, columnCount: b.columnCount) }
    return try GraphBLAS.run(.serial) { library in
        let left = try a.withUnsafeView { view in try GraphBLASMatrix.copying(view, in: library) }
        let right = try b.withUnsafeView { view in try GraphBLASMatrix.copying(view, in: library) }
        let product = try GraphBLASMatrix(library, rowCount: a.rowCount, columnCount: b.columnCount)
        try product.setProduct(left, right)
        return try product.takeCSR()
    }
}

/// The inner products of all pairs of rows: C = X·Xᵀ (m × m), sparse and symmetric.
///
/// - Throws: as `spgemm`.
/// - Precondition: the row numbers fit 32 bits, as column indices must.
/// - Complexity: O(m + k + Σ n²) over the entry counts n of the columns of X (m × k).
public func gram(_ x: CSRMatrix) throws -> CSRMatrix {
    precondition(x.rowCount <= Int(UInt32.max), "\(x.rowCount) rows do not fit 32-bit column indices")
    return try square(x, .secondTransposed, order: x.rowCount)
}

/// How columns occur together: C = Xᵀ·X (k × k), sparse and symmetric. For counts, C[i, j] = Σ over the rows of
/// X[·, i]·X[·, j].
///
/// - Throws: as `spgemm`.
/// - Complexity: O(m + k + Σ n²) over the entry counts n of the rows of X (m × k).
public func cooccurrence(_ x: CSRMatrix) throws -> CSRMatrix {
    try square(x, .firstTransposed, order: x.columnCount)
}

private func square(
    _ x: CSRMatrix, _ orientation: GraphBLASMatrix.Orientation, order: Int
) throws -> CSRMatrix {
    if x.entryCount == 0 { return .empty(rowCount: order, columnCount: order) }
    return try GraphBLAS.run(.serial) { library in
        let factor = try x.withUnsafeView { view in try GraphBLASMatrix.copying(view, in: library) }
        let product = try GraphBLASMatrix(library, rowCount: order, columnCount: order)
        try product.setProduct(factor, factor, orientation)
        return try product.takeCSR()
    }
}
