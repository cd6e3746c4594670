import Allocation

extension CSRMatrix {
    /// The given rows, in the given order, repeats allowed, as a sparse matrix; used for minibatches.
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

    /// The number of the given rows that have an entry in each column.
    ///
    /// - Complexity: O(entries of the rows + columns).
    package func rowCountsOfColumns(in rows: some Sequence<Int>) -> [Int] {
        var counts = [Int](repeating: 0, count: columnCount)
        withUnsafeView { view in
            for row in rows {
                for column in view.columnIndices[view.entries(ofRow: row)] { counts[Int(column)] += 1 }
            }
        }
        return counts
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

    /// The same pattern with other values: `transform` receives each stored entry's row, column and value.
    ///
    /// - Throws: `SparseMatrixError.nonFiniteValue` if the transform returns a value that is not finite.
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

/// The columns of a matrix that have entries, numbered 0, 1, … in their order.
///
/// Data per column of a wide matrix are only needed for these: of 2²⁰ hashed features, few occur.
package struct OccupiedColumns: Sendable, Equatable {
    /// The column of each number, ascending.
    package let columns: [UInt32]
    /// The number of each column of the matrix; `UInt32.max` for those without entries.
    let numbers: [UInt32]

    /// - Complexity: O(entries + columns).
    package init(of matrix: CSRMatrix) {
        var numbers = [UInt32](repeating: .max, count: matrix.columnCount)
        matrix.withUnsafeView { view in
            for column in view.columnIndices { numbers[Int(column)] = 0 }
        }
        var columns: [UInt32] = []
        for column in numbers.indices where numbers[column] == 0 {
            numbers[column] = UInt32(columns.count)
            columns.append(UInt32(column))
        }
        self.columns = columns
        self.numbers = numbers
    }

    package var count: Int { columns.count }
    /// Whether at most half of the matrix' columns are occupied.
    package var areFew: Bool { 2 * columns.count <= numbers.count }

    /// A matrix with one row for each occupied column, expanded to one row for each column of the matrix; the other
    /// rows are 0.
    ///
    /// - Complexity: O(columns·width).
    package func spread(_ compact: DenseMatrix) -> DenseMatrix {
        precondition(compact.rowCount == count, "\(compact.rowCount) rows for \(count) occupied columns")
        let width = compact.columnCount
        var full = DenseMatrix(rowCount: numbers.count, columnCount: width)
        compact.withUnsafeElements { source in
            full.withUnsafeMutableElements { target in
                for (number, column) in columns.enumerated() {
                    (target + Int(column) * width).update(from: source + number * width, count: width)
                }
            }
        }
        return full
    }

    /// The same for one number per column.
    package func spread(_ compact: [Float]) -> [Float] {
        precondition(compact.count == count, "\(compact.count) numbers for \(count) occupied columns")
        var full = [Float](repeating: 0, count: numbers.count)
        for (number, column) in columns.enumerated() { full[Int(column)] = compact[number] }
        return full
    }
}

extension CSRMatrix {
    /// The same entries in other columns.
    ///
    /// - Parameters:
    ///   - columns: the new column of each column, all distinct.
    ///   - columnCount: above all of them.
    /// - Complexity: O(entries·log(entries of a row)).
    package func renumbered(_ columns: [UInt32], columnCount: Int) -> CSRMatrix {
        precondition(columns.count == self.columnCount, "\(columns.count) columns for \(self.columnCount)")
        var newColumns: [UInt32] = [], newValues: [Float] = []
        newColumns.reserveCapacity(entryCount)
        newValues.reserveCapacity(entryCount)
        let offsets = withUnsafeView { view in
            for row in 0..<view.rowCount {
                let entries = view.entries(ofRow: row).map { (columns[Int(view.columnIndices[$0])], view.values[$0]) }
                for (column, value) in entries.sorted(by: { $0.0 < $1.0 }) {
                    newColumns.append(column)
                    newValues.append(value)
                }
            }
            return Array(view.rowOffsets)
        }
        return CSRMatrix(
            validRowCount: rowCount, columnCount: columnCount, rowOffsets: AlignedBuffer(offsets),
            columnIndices: AlignedBuffer(newColumns), values: AlignedBuffer(newValues))
    }
}
