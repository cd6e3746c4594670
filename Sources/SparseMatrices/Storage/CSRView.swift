import Allocation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Borrowed memory of a valid matrix in compressed sparse row form, which operations work on.
///
/// A view satisfies the invariants of `CSRMatrix`, except that columns may be in any order and that the offsets of a
/// range of rows need not start at zero. It owns nothing, so it must not outlive the memory that it was borrowed from.
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

    /// The positions of the entries of `row` in `columnIndices` and `values`.
    @inlinable
    public func entries(ofRow row: Int) -> Range<Int> {
        Range(uncheckedBounds: (rowOffsets[row], rowOffsets[row + 1]))
    }
}

extension CSRView {
    /// Ends the program if columns that were copied from the view are not below its width. The memory may be mapped
    /// from a file that is modified meanwhile, and such columns must not cause accesses outside of arrays with one
    /// element per column.
    ///
    /// - Complexity: O(columns), in vectors.
    @inline(__always)
    func requireWithin(_ columns: UnsafeMutableBufferPointer<UInt32>) {
        var greatest: UInt32 = 0
        for column in columns { greatest = max(greatest, column) }
        guard columns.isEmpty || greatest < columnCount else { AlteredInput.end() }
    }

    /// The positions of the entries of all rows in `columnIndices` and `values`.
    package var allEntries: Range<Int> { rowOffsets[0]..<rowOffsets[rowCount] }

    /// A range of rows, sharing memory. Its offsets need not start at zero.
    package func rows(_ range: Range<Int>) -> CSRView {
        precondition(range.lowerBound >= 0 && range.upperBound <= rowCount, "rows \(range) of \(rowCount)")
        return CSRView(
            rowCount: range.count, columnCount: columnCount,
            rowOffsets: UnsafeBufferPointer(rebasing: rowOffsets[range.lowerBound...range.upperBound]),
            columnIndices: columnIndices, values: values)
    }
}

/// Hints to the system about how a mapped matrix will be read; they have no effect on memory that is not mapped.
extension CSRMatrix {
    /// Sets whether rows will be read in random order, for which reading ahead does not help.
    package func expectScatteredReads(_ isScattered: Bool) {
        advise(0..<entryCount, isScattered ? MADV_RANDOM : MADV_NORMAL)
    }

    /// Requests that the entries of a range of rows be read in the background.
    package func fetch(rows: Range<Int>) {
        let entries = withUnsafeView { $0.rowOffsets[rows.lowerBound]..<$0.rowOffsets[rows.upperBound] }
        advise(entries, MADV_WILLNEED)
    }

    private func advise(_ entries: Range<Int>, _ advice: Int32) {
        if entries.isEmpty { return }
        withUnsafeView { view in
            advise(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: view.columnIndices[entries])), advice)
            advise(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: view.values[entries])), advice)
        }
    }

    /// Errors are ignored, since the system may ignore advice as well.
    private func advise(_ bytes: UnsafeRawBufferPointer, _ advice: Int32) {
        guard let start = bytes.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let offset = Int(bitPattern: start) % page
        _ = madvise(UnsafeMutableRawPointer(mutating: start - offset), bytes.count + offset, advice)
    }
}

/// Keeps a matrix' memory alive; immutable after creation, except for the flag that it was checked.
final class CSRStorage: @unchecked Sendable {
    let rowOffsets: UnsafeBufferPointer<Int>
    let columnIndices: UnsafeBufferPointer<UInt32>
    let values: UnsafeBufferPointer<Float>
    private let owners: [AnyObject]
    /// Whether columns and values are known to satisfy the invariants.
    let areEntriesValid: Atomic<Bool>

    init(
        rowOffsets: UnsafeBufferPointer<Int>, columnIndices: UnsafeBufferPointer<UInt32>,
        values: UnsafeBufferPointer<Float>, owners: [AnyObject], areEntriesValid: Bool = false
    ) {
        self.rowOffsets = rowOffsets
        self.columnIndices = columnIndices
        self.values = values
        self.owners = owners
        self.areEntriesValid = Atomic(areEntriesValid)
    }
}
