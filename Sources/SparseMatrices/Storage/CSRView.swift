import Allocation

/// Borrowed memory of a valid matrix in compressed sparse row form: what the operations work on.
///
/// A view promises the invariants of `CSRMatrix`, except that columns may stand in any order and that the offsets of
/// a run of rows need not start at zero. It owns nothing, so it must not outlive what it was borrowed from.
public struct CSRView: @unchecked Sendable {
    public let rowCount: Int
    public let columnCount: Int
    public let rowOffsets: UnsafeBufferPointer<Int>
    public let columnIndices: UnsafeBufferPointer<UInt32>
    public let values: UnsafeBufferPointer<Float>

    public init(
        rowCount: Int, columnCount: Int, rowOffsets: UnsafeBufferPointer<Int>,
        columnIndices: UnsafeBufferPointer<UInt32>, values: UnsafeBufferPointer<Float>
    ) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.rowOffsets = rowOffsets
        self.columnIndices = columnIndices
        self.values = values
    }

    /// Where the entries of `row` stand in `columnIndices` and `values`.
    @inlinable
    public func entries(ofRow row: Int) -> Range<Int> {
        Range(uncheckedBounds: (rowOffsets[row], rowOffsets[row + 1]))
    }
}

extension CSRView {
    /// Holds columns that were copied from the view to its width: the memory may be mapped from a file that others write
    /// to, and whatever they write, nothing outside of what has one element a column is to be touched.
    ///
    /// - Complexity: O(columns), in vectors.
    @inline(__always)
    func requireWithin(_ columns: UnsafeMutableBufferPointer<UInt32>) {
        var greatest: UInt32 = 0
        for column in columns { greatest = max(greatest, column) }
        guard columns.isEmpty || greatest < columnCount else { AlteredInput.end() }
    }

    /// Where the entries of all rows stand in `columnIndices` and `values`.
    package var allEntries: Range<Int> { rowOffsets[0]..<rowOffsets[rowCount] }

    /// A run of rows, sharing memory. Its offsets do not start at zero.
    package func rows(_ range: Range<Int>) -> CSRView {
        precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
        return CSRView(
            rowCount: range.count, columnCount: columnCount,
            rowOffsets: UnsafeBufferPointer(rebasing: rowOffsets[range.lowerBound...range.upperBound]),
            columnIndices: columnIndices, values: values)
    }
}
