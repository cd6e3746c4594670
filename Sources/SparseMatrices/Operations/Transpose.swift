extension CSRMatrix {
    /// Xᵀ, by a counting sort over the columns.
    ///
    /// - Complexity: O(rows + columns + entries).
    public func transposed() -> CSRMatrix {
        let offsets = AlignedBuffer<Int>(repeating: 0, count: columnCount + 1)
        let rows = AlignedBuffer<UInt32>(uninitialized: entryCount)
        let values = AlignedBuffer<Float>(uninitialized: entryCount)
        precondition(rowCount <= Int(UInt32.max), "\(rowCount) rows do not fit 32-bit column indices")
        withUnsafeView { view in
            for column in view.columnIndices { offsets.baseAddress[Int(column) + 1] += 1 }
            for column in 0..<columnCount { offsets.baseAddress[column + 1] += offsets.baseAddress[column] }
            let next = offsets.copy()
            for row in 0..<rowCount {
                for entry in view.entries(ofRow: row) {
                    let column = Int(view.columnIndices[entry])
                    let target = next.baseAddress[column]
                    next.baseAddress[column] = target + 1
                    rows.baseAddress[target] = UInt32(row)
                    values.baseAddress[target] = view.values[entry]
                }
            }
        }
        return CSRMatrix(
            validRowCount: columnCount, columnCount: rowCount, rowOffsets: offsets, columnIndices: rows,
            values: values)
    }
}
