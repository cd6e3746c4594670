import CGraphBLAS
import SparseMatrices

/// A sparse matrix as coordinates: one (row, column, value) triple per entry, in any order, duplicates allowed. Readers
/// collect entries in this form before the shape is known; `CSRMatrix.init(_:)` sorts them and sums duplicates.
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

extension CSRMatrix {
    /// Sorts coordinates by row and column and adds values with equal coordinates in their given order. Zeros that are
    /// stored or result remain entries. Rows and columns without entries are kept.
    ///
    /// - Throws: `SparseMatrixError.nonFiniteValue` if a sum exceeds the range of Float; `GraphBLASNotInstalled`, or
    ///   `GraphBLASError` if the library fails, such as for lack of memory.
    /// - Complexity: O(rows + entries · log(entries)); memory of 8 bytes per entry for the wider column indices of
    ///   GraphBLAS, and its workspace.
    public init(_ coordinates: COOMatrix, parallelism: Parallelism = .allCores) throws {
        guard coordinates.entryCount > 0 else {
            try self.init(
                rowCount: coordinates.rowCount, columnCount: coordinates.columnCount,
                rowOffsets: [Int](repeating: 0, count: coordinates.rowCount + 1), columnIndices: [], values: [])
            return
        }
        let columns = coordinates.columnIndices.map { GrB_Index($0) }
        self = try GraphBLAS.run(parallelism) { library in
            let matrix = try GraphBLASMatrix(
                library, rowCount: coordinates.rowCount, columnCount: coordinates.columnCount)
            try coordinates.rowIndices.withUnsafeBytes { rows in
                // Rows are not negative, so their bit patterns are the same as those of GraphBLAS' unsigned indices.
                guard let rows = rows.assumingMemoryBound(to: GrB_Index.self).baseAddress else { return }
                try matrix.build(
                    rows: rows, columns: columns, values: coordinates.values, count: coordinates.entryCount)
            }
            return try matrix.takeCSR()
        }
    }
}
