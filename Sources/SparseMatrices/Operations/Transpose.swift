import Allocation

extension CSRMatrix {
    /// Xᵀ, by a counting sort over the columns.
    ///
    /// - Complexity: O(rows + columns + entries).
    public func transposed() -> CSRMatrix { withUnsafeView { view in view.transposed() } }
}

extension CSRView {
    /// Xᵀ, in newly allocated memory.
    ///
    /// - Complexity: O(rows + columns + entries).
    package func transposed() -> CSRMatrix {
        precondition(rowCount <= Int(UInt32.max), "\(rowCount) rows do not fit 32-bit column indices")
        let entries = allEntries
        let offsets = AlignedBuffer<Int>(repeating: 0, count: columnCount + 1)
        let rows = AlignedBuffer<UInt32>(uninitialized: entries.count)
        let transposedValues = AlignedBuffer<Float>(uninitialized: entries.count)
        // The memory may be mapped from a file that is modified meanwhile; columns out of range must not cause writes
        // outside of our memory.
        for column in columnIndices[entries] {
            guard column < columnCount else { AlteredInput.end() }
            offsets.baseAddress[Int(column) + 1] += 1
        }
        for column in 0..<columnCount { offsets.baseAddress[column + 1] += offsets.baseAddress[column] }
        let next = offsets.copy()
        for row in 0..<rowCount {
            for entry in self.entries(ofRow: row) {
                let column = Int(columnIndices[entry])
                guard column < columnCount else { AlteredInput.end() }
                let target = next.baseAddress[column]
                guard target < entries.count else { AlteredInput.end() }
                next.baseAddress[column] = target + 1
                rows.baseAddress[target] = UInt32(row)
                transposedValues.baseAddress[target] = values[entry]
            }
        }
        return CSRMatrix(
            validRowCount: columnCount, columnCount: rowCount, rowOffsets: offsets, columnIndices: rows,
            values: transposedValues)
    }
}
