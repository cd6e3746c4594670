/// A sparse matrix in compressed sparse row form: an immutable value over shared storage.
///
/// Row i's entries are `columnIndices[rowOffsets[i]..<rowOffsets[i + 1]]` and the values beside them; others call the
/// three arrays indptr, indices and data. The invariants — offsets that rise from 0 to the number of entries, columns
/// strictly rising within a row and below `columnCount`, finite values — are checked once, at construction. That is
/// what lets every kernel read without checks.
///
/// The storage is either owned or borrowed from something that keeps it alive, such as a memory-mapped file, so a
/// matrix larger than memory is the same type.
public struct CSRMatrix: Sendable {
    public let rowCount: Int
    public let columnCount: Int
    private let storage: CSRStorage

    /// Takes arrays, copies them, and validates.
    ///
    /// - Complexity: O(rows + entries).
    public init(
        rowCount: Int, columnCount: Int, rowOffsets: [Int], columnIndices: [UInt32], values: [Float]
    ) throws(SparseMatrixError) {
        try self.init(
            rowCount: rowCount, columnCount: columnCount, rowOffsets: AlignedBuffer(rowOffsets),
            columnIndices: AlignedBuffer(columnIndices), values: AlignedBuffer(values))
    }

    /// Takes over buffers that nobody writes to any more, and validates.
    public init(
        rowCount: Int, columnCount: Int, rowOffsets: AlignedBuffer<Int>, columnIndices: AlignedBuffer<UInt32>,
        values: AlignedBuffer<Float>
    ) throws(SparseMatrixError) {
        try self.init(
            rowCount: rowCount, columnCount: columnCount,
            storage: CSRStorage(
                rowOffsets: UnsafeBufferPointer(rowOffsets.elements),
                columnIndices: UnsafeBufferPointer(columnIndices.elements),
                values: UnsafeBufferPointer(values.elements), owners: [rowOffsets, columnIndices, values]))
    }

    /// Borrows memory that `owner` keeps alive and unchanged, such as a mapped file, and validates.
    public init(
        rowCount: Int, columnCount: Int, rowOffsets: UnsafeBufferPointer<Int>,
        columnIndices: UnsafeBufferPointer<UInt32>, values: UnsafeBufferPointer<Float>, owner: AnyObject & Sendable
    ) throws(SparseMatrixError) {
        try self.init(
            rowCount: rowCount, columnCount: columnCount,
            storage: CSRStorage(
                rowOffsets: rowOffsets, columnIndices: columnIndices, values: values, owners: [owner]))
    }

    /// Takes over buffers that hold the invariants by construction; for code that has just built them so.
    package init(
        validRowCount rowCount: Int, columnCount: Int, rowOffsets: AlignedBuffer<Int>,
        columnIndices: AlignedBuffer<UInt32>, values: AlignedBuffer<Float>
    ) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        storage = CSRStorage(
            rowOffsets: UnsafeBufferPointer(rowOffsets.elements),
            columnIndices: UnsafeBufferPointer(columnIndices.elements),
            values: UnsafeBufferPointer(values.elements), owners: [rowOffsets, columnIndices, values])
    }

    /// The same pattern, whose memory is shared, with other finite values.
    package func replacingValues(with values: AlignedBuffer<Float>) -> CSRMatrix {
        precondition(values.count == entryCount, "\(entryCount) entries need as many values, got \(values.count)")
        return CSRMatrix(
            rowCount: rowCount, columnCount: columnCount,
            validStorage: CSRStorage(
                rowOffsets: storage.rowOffsets, columnIndices: storage.columnIndices,
                values: UnsafeBufferPointer(values.elements), owners: [storage, values]))
    }

    private init(rowCount: Int, columnCount: Int, validStorage: CSRStorage) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        storage = validStorage
    }

    private init(rowCount: Int, columnCount: Int, storage: CSRStorage) throws(SparseMatrixError) {
        precondition(rowCount >= 0 && columnCount >= 0, "a matrix cannot be \(rowCount) × \(columnCount)")
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.storage = storage
        try validate()
    }

    /// The number of stored entries, nnz.
    public var entryCount: Int { storage.values.count }

    public func entryCount(ofRow row: Int) -> Int {
        precondition(row >= 0 && row < rowCount, "row \(row) is outside \(rowCount) × \(columnCount)")
        return storage.rowOffsets[row + 1] - storage.rowOffsets[row]
    }

    /// One row's entries, copied.
    public func row(_ row: Int) -> (columnIndices: [UInt32], values: [Float]) {
        precondition(row >= 0 && row < rowCount, "row \(row) is outside \(rowCount) × \(columnCount)")
        let range = storage.rowOffsets[row]..<storage.rowOffsets[row + 1]
        return (Array(storage.columnIndices[range]), Array(storage.values[range]))
    }

    /// The three arrays, copied.
    public var rowOffsets: [Int] { Array(storage.rowOffsets) }
    public var columnIndices: [UInt32] { Array(storage.columnIndices) }
    public var values: [Float] { Array(storage.values) }

    /// The matrix's memory, valid within `body` only.
    public func withUnsafeView<R: ~Copyable, E: Error>(_ body: (CSRView) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(storage) {} }
        return try body(
            CSRView(
                rowCount: rowCount, columnCount: columnCount, rowOffsets: storage.rowOffsets,
                columnIndices: storage.columnIndices, values: storage.values))
    }
}

extension CSRMatrix: Equatable {
    public static func == (a: CSRMatrix, b: CSRMatrix) -> Bool {
        a.rowCount == b.rowCount && a.columnCount == b.columnCount
            && a.storage.rowOffsets.elementsEqual(b.storage.rowOffsets)
            && a.storage.columnIndices.elementsEqual(b.storage.columnIndices)
            && a.storage.values.elementsEqual(b.storage.values)
    }
}

/// Keeps a matrix's memory alive; immutable once made.
private final class CSRStorage: @unchecked Sendable {
    let rowOffsets: UnsafeBufferPointer<Int>
    let columnIndices: UnsafeBufferPointer<UInt32>
    let values: UnsafeBufferPointer<Float>
    private let owners: [AnyObject]

    init(
        rowOffsets: UnsafeBufferPointer<Int>, columnIndices: UnsafeBufferPointer<UInt32>,
        values: UnsafeBufferPointer<Float>, owners: [AnyObject]
    ) {
        self.rowOffsets = rowOffsets
        self.columnIndices = columnIndices
        self.values = values
        self.owners = owners
    }
}

extension CSRMatrix {
    private func validate() throws(SparseMatrixError) {
        let offsets = storage.rowOffsets
        guard offsets.count == rowCount + 1 else {
            throw .inconsistentLengths("\(rowCount) rows need \(rowCount + 1) row offsets, got \(offsets.count)")
        }
        guard storage.columnIndices.count == storage.values.count else {
            throw .inconsistentLengths(
                "\(storage.columnIndices.count) column indices stand beside \(storage.values.count) values")
        }
        guard offsets[0] == 0 else { throw .invalidRowOffsets(row: 0) }
        for row in 0..<rowCount {
            guard offsets[row] <= offsets[row + 1], offsets[row + 1] <= storage.values.count else {
                throw .invalidRowOffsets(row: row)
            }
            try validateRow(row, entries: offsets[row]..<offsets[row + 1])
        }
        guard offsets[rowCount] == storage.values.count else { throw .invalidRowOffsets(row: rowCount) }
    }

    private func validateRow(_ row: Int, entries: Range<Int>) throws(SparseMatrixError) {
        var previous = -1
        for entry in entries {
            let column = storage.columnIndices[entry]
            guard Int(column) < columnCount else {
                throw .columnOutOfRange(row: row, column: column, columnCount: columnCount)
            }
            guard Int(column) > previous else { throw .unsortedColumns(row: row) }
            guard storage.values[entry].isFinite else { throw .nonFiniteValue(row: row, column: column) }
            previous = Int(column)
        }
    }
}
