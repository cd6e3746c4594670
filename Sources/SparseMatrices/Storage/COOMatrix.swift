/// A sparse matrix as coordinates: one (row, column, value) triple an entry, in any order, duplicates allowed.
/// What readers collect before they know the shape; `CSRMatrix.init(_:)` sorts it and sums duplicates.
public struct COOMatrix: Sendable {
    public let rowCount: Int
    public let columnCount: Int
    public let rowIndices: [Int]
    public let columnIndices: [UInt32]
    public let values: [Float]

    /// - Throws: `SparseMatrixError` if lengths differ, an index is out of range or a value is not finite.
    public init(
        rowCount: Int, columnCount: Int, rowIndices: [Int], columnIndices: [UInt32], values: [Float]
    ) throws(SparseMatrixError) {
        guard rowIndices.count == columnIndices.count, rowIndices.count == values.count else {
            throw .inconsistentLengths(
                "\(rowIndices.count) rows, \(columnIndices.count) columns and \(values.count) values do not pair up")
        }
        for entry in values.indices {
            guard rowIndices[entry] >= 0, rowIndices[entry] < rowCount else {
                throw .rowOutOfRange(entry: entry, row: rowIndices[entry], rowCount: rowCount)
            }
            guard Int(columnIndices[entry]) < columnCount else {
                throw .columnOutOfRange(
                    row: rowIndices[entry], column: columnIndices[entry], columnCount: columnCount)
            }
            guard values[entry].isFinite else {
                throw .nonFiniteValue(row: rowIndices[entry], column: columnIndices[entry])
            }
        }
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.rowIndices = rowIndices
        self.columnIndices = columnIndices
        self.values = values
    }

    public var entryCount: Int { values.count }
}
