import CGraphBLAS

extension CSRMatrix {
    /// Sorts coordinates by row and column and adds up those that share a place, in the order they come; zeros that
    /// are stored, or that result, stay entries. Rows and columns without entries stay, empty.
    ///
    /// - Throws: `SparseMatrixError.nonFiniteValue` if a sum leaves the range of Float; `GraphBLASNotInstalled`, or
    ///   `GraphBLASError` if the library fails, such as for lack of memory.
    /// - Complexity: O(rows + entries · log(entries)); 8 bytes an entry for the wider column indices of GraphBLAS,
    ///   and its own workspace.
    public init(_ coordinates: COOMatrix, parallelism: Parallelism = .allCores) throws {
        guard coordinates.entryCount > 0 else {
            self = .empty(rowCount: coordinates.rowCount, columnCount: coordinates.columnCount)
            return
        }
        let columns = coordinates.columnIndices.map { GrB_Index($0) }
        self = try GraphBLAS.run(parallelism) { library in
            let matrix = try GraphBLASMatrix(
                library, rowCount: coordinates.rowCount, columnCount: coordinates.columnCount)
            try coordinates.rowIndices.withUnsafeBytes { rows in
                // Rows are not negative, so their bits are the same as those of GraphBLAS' unsigned indices.
                guard let rows = rows.assumingMemoryBound(to: GrB_Index.self).baseAddress else { return }
                try matrix.build(
                    rows: rows, columns: columns, values: coordinates.values, count: coordinates.entryCount)
            }
            return try matrix.takeCSR()
        }
    }

    /// A matrix without entries.
    static func empty(rowCount: Int, columnCount: Int) -> CSRMatrix {
        CSRMatrix(
            validRowCount: rowCount, columnCount: columnCount,
            rowOffsets: AlignedBuffer(repeating: 0, count: rowCount + 1), columnIndices: AlignedBuffer([]),
            values: AlignedBuffer([]))
    }
}
