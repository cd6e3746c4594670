import Allocation

extension CSRMatrix {
    /// The given rows, in the given order, repeats allowed: a minibatch that stays sparse.
    ///
    /// - Complexity: O(rows + entries selected).
    public func rows(_ selection: some RandomAccessCollection<Int>) -> CSRMatrix {
        let offsets = AlignedBuffer<Int>(uninitialized: selection.count + 1)
        offsets.baseAddress[0] = 0
        for (i, row) in selection.enumerated() {
            offsets.baseAddress[i + 1] = offsets.baseAddress[i] + entryCount(ofRow: row)
        }
        let total = offsets.baseAddress[selection.count]
        let columns = AlignedBuffer<UInt32>(uninitialized: total)
        let values = AlignedBuffer<Float>(uninitialized: total)
        withUnsafeView { view in
            for (i, row) in selection.enumerated() {
                let source = view.entries(ofRow: row)
                let target = offsets.baseAddress[i]
                for (j, entry) in source.enumerated() {
                    columns.baseAddress[target + j] = view.columnIndices[entry]
                    values.baseAddress[target + j] = view.values[entry]
                }
            }
            view.requireWithin(columns.elements)
        }
        return CSRMatrix(
            validRowCount: selection.count, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns,
            values: values)
    }

    /// The same rows and columns without the entries of some of the columns.
    ///
    /// - Complexity: O(rows + entries).
    func keepingEntries(inColumnsWhere isKept: (_ column: Int) -> Bool) -> CSRMatrix {
        var offsets = [0], columns: [UInt32] = [], values: [Float] = []
        withUnsafeView { view in
            for row in 0..<rowCount {
                for entry in view.entries(ofRow: row) where isKept(Int(view.columnIndices[entry])) {
                    columns.append(view.columnIndices[entry])
                    values.append(view.values[entry])
                }
                offsets.append(columns.count)
            }
        }
        return CSRMatrix(
            validRowCount: rowCount, columnCount: columnCount, rowOffsets: AlignedBuffer(offsets),
            columnIndices: AlignedBuffer(columns), values: AlignedBuffer(values))
    }

    /// The same pattern with other values: `transform` gets each stored entry's row, column and value.
    ///
    /// - Throws: `SparseMatrixError.nonFiniteValue` if the transform leaves the finite numbers.
    public func mapValues(
        _ transform: (_ row: Int, _ column: Int, _ value: Float) -> Float
    ) throws(SparseMatrixError) -> CSRMatrix {
        let values = AlignedBuffer<Float>(uninitialized: entryCount)
        try withUnsafeView { view throws(SparseMatrixError) in
            for row in 0..<rowCount {
                for entry in view.entries(ofRow: row) {
                    let column = view.columnIndices[entry]
                    let value = transform(row, Int(column), view.values[entry])
                    guard value.isFinite else { throw .nonFiniteValue(row: row, column: column) }
                    values.baseAddress[entry] = value
                }
            }
        }
        return replacingValues(with: values)
    }
}
