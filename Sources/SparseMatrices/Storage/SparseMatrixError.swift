/// Why arrays do not make a valid sparse matrix.
public enum SparseMatrixError: Error, Equatable, CustomStringConvertible {
    /// The arrays' lengths do not fit together.
    case inconsistentLengths(String)
    /// Row offsets must start at 0, never fall, and end at the number of entries.
    case invalidRowOffsets(row: Int)
    /// A column index is not below the number of columns.
    case columnOutOfRange(row: Int, column: UInt32, columnCount: Int)
    /// A row's columns do not strictly rise.
    case unsortedColumns(row: Int)
    /// A row index is not below the number of rows.
    case rowOutOfRange(entry: Int, row: Int, rowCount: Int)
    /// A value is NaN or infinite.
    case nonFiniteValue(row: Int, column: UInt32)

    public var description: String {
        switch self {
        case .inconsistentLengths(let what): what
        case .invalidRowOffsets(let row):
            "row offsets must start at 0, never fall and end at the number of entries; row \(row) breaks this"
        case .columnOutOfRange(let row, let column, let columnCount):
            "row \(row) has column \(column), but there are only \(columnCount) columns"
        case .unsortedColumns(let row): "the columns of row \(row) do not strictly rise"
        case .rowOutOfRange(let entry, let row, let rowCount):
            "entry \(entry) has row \(row), but there are only \(rowCount) rows"
        case .nonFiniteValue(let row, let column): "the value at row \(row), column \(column) is not finite"
        }
    }

    /// The same error where the rows stand below others.
    package func movedDown(by rows: Int) -> SparseMatrixError {
        switch self {
        case .inconsistentLengths: self
        case .invalidRowOffsets(let row): .invalidRowOffsets(row: row + rows)
        case .columnOutOfRange(let row, let column, let columnCount):
            .columnOutOfRange(row: row + rows, column: column, columnCount: columnCount)
        case .unsortedColumns(let row): .unsortedColumns(row: row + rows)
        case .rowOutOfRange(let entry, let row, let rowCount):
            .rowOutOfRange(entry: entry, row: row + rows, rowCount: rowCount + rows)
        case .nonFiniteValue(let row, let column): .nonFiniteValue(row: row + rows, column: column)
        }
    }
}
