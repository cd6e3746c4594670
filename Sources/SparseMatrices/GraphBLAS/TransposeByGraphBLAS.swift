extension CSRMatrix {
    /// Xᵀ by GraphBLAS: what `transposed()` is checked against.
    ///
    /// - Throws: `GraphBLASNotInstalled`, or `GraphBLASError` if the library fails.
    /// - Precondition: the row numbers fit 32 bits, as column indices must.
    /// - Complexity: O(rows + columns + entries), besides copies to 64-bit column indices and back.
    public func transposedByGraphBLAS(parallelism: Parallelism = .allCores) throws -> CSRMatrix {
        precondition(rowCount <= Int(UInt32.max), "\(rowCount) rows do not fit 32-bit column indices")
        if entryCount == 0 { return .empty(rowCount: columnCount, columnCount: rowCount) }
        return try GraphBLAS.run(parallelism) { library in
            let source = try withUnsafeView { view in try GraphBLASMatrix.copying(view, in: library) }
            let result = try GraphBLASMatrix(library, rowCount: columnCount, columnCount: rowCount)
            try result.setTranspose(source)
            return try result.takeCSR()
        }
    }
}
