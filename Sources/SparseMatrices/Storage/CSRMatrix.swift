/// A sparse matrix in compressed sparse row form: an immutable value over shared storage.
///
/// Row i's entries are `columnIndices[rowOffsets[i]..<rowOffsets[i + 1]]` and the values at the same positions; other
/// libraries call the three arrays indptr, indices and data. The invariants — offsets that rise from 0 to the number of
/// entries, columns strictly rising within a row and below `columnCount`, finite values — are checked once, at
/// construction, so that kernels can read without checks.
///
/// The storage is either owned or borrowed from an object that keeps it alive, such as a memory-mapped file, so a
/// matrix larger than memory has the same type.
public struct CSRMatrix: Sendable {
    public let rowCount: Int
    public let columnCount: Int
    let storage: CSRStorage

    /// Copies the arrays and validates them.
    ///
    /// - Complexity: O(rows + entries).
    public init(
        rowCount: Int, columnCount: Int, rowOffsets: [Int], columnIndices: [UInt32], values: [Float]
    ) throws(SparseMatrixError) {
        try self.init(
            rowCount: rowCount, columnCount: columnCount, rowOffsets: AlignedBuffer(rowOffsets),
            columnIndices: AlignedBuffer(columnIndices), values: AlignedBuffer(values))
    }

    /// Takes ownership of buffers that are no longer written to, and validates them.
    package init(
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

    /// Borrows memory that `owner` keeps alive and unchanged, such as a mapped file, and validates it.
    public init(
        rowCount: Int, columnCount: Int, rowOffsets: UnsafeBufferPointer<Int>,
        columnIndices: UnsafeBufferPointer<UInt32>, values: UnsafeBufferPointer<Float>, owner: AnyObject & Sendable
    ) throws(SparseMatrixError) {
        try self.init(
            rowCount: rowCount, columnCount: columnCount,
            storage: CSRStorage(
                rowOffsets: rowOffsets, columnIndices: columnIndices, values: values, owners: [owner]))
    }

    /// Borrows memory that `owner` keeps alive, for files too large to read when they are opened: lengths and row
    /// offsets are checked now, columns and values before their first use.
    ///
    /// The offsets are copied, 8 bytes per row: a mapped file may be modified by other processes, and as long as the
    /// checked offsets are used, such changes can make numbers wrong but cannot cause accesses outside of the matrix.
    ///
    /// Call `validateEntries` before the first use to get an error if entries are invalid. Without that call invalid
    /// entries are still never used: since they are found where no error can be thrown, they stop the program.
    /// - Complexity: O(rows).
    public init(
        rowCount: Int, columnCount: Int, rowOffsets: UnsafeBufferPointer<Int>,
        columnIndices: UnsafeBufferPointer<UInt32>, values: UnsafeBufferPointer<Float>,
        validatingEntriesLaterOf owner: AnyObject & Sendable
    ) throws(SparseMatrixError) {
        precondition(rowCount >= 0 && columnCount >= 0, "a matrix cannot be \(rowCount) × \(columnCount)")
        self.rowCount = rowCount
        self.columnCount = columnCount
        let offsets = AlignedBuffer<Int>(uninitialized: rowOffsets.count)
        _ = offsets.elements.update(fromContentsOf: rowOffsets)
        storage = CSRStorage(
            rowOffsets: UnsafeBufferPointer(offsets.elements), columnIndices: columnIndices, values: values,
            owners: [offsets, owner])
        try validateRowOffsets()
    }

    /// Takes ownership of buffers that satisfy the invariants by construction.
    package init(
        validRowCount rowCount: Int, columnCount: Int, rowOffsets: AlignedBuffer<Int>,
        columnIndices: AlignedBuffer<UInt32>, values: AlignedBuffer<Float>
    ) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        storage = CSRStorage(
            rowOffsets: UnsafeBufferPointer(rowOffsets.elements),
            columnIndices: UnsafeBufferPointer(columnIndices.elements),
            values: UnsafeBufferPointer(values.elements), owners: [rowOffsets, columnIndices, values],
            areEntriesValid: true)
    }

    /// The same pattern, sharing memory, with other finite values.
    package func replacingValues(with values: AlignedBuffer<Float>) -> CSRMatrix {
        requireValidEntries()
        precondition(values.count == entryCount, "\(entryCount) entries need as many values, got \(values.count)")
        return CSRMatrix(
            rowCount: rowCount, columnCount: columnCount,
            validStorage: CSRStorage(
                rowOffsets: storage.rowOffsets, columnIndices: storage.columnIndices,
                values: UnsafeBufferPointer(values.elements), owners: [storage, values], areEntriesValid: true))
    }

    /// A matrix with the same number of entries in each row, with other columns, which must be sorted and in range, and
    /// other finite values.
    func replacing(
        columnCount: Int, columnIndices: AlignedBuffer<UInt32>, values: AlignedBuffer<Float>
    ) -> CSRMatrix {
        requireValidEntries()
        return CSRMatrix(
            rowCount: rowCount, columnCount: columnCount,
            validStorage: CSRStorage(
                rowOffsets: storage.rowOffsets, columnIndices: UnsafeBufferPointer(columnIndices.elements),
                values: UnsafeBufferPointer(values.elements), owners: [storage, columnIndices, values],
                areEntriesValid: true))
    }

    /// The same entries, sharing memory, with additional empty columns.
    ///
    /// - Precondition: `columnCount` is not below that of this matrix.
    package func widened(to columnCount: Int) -> CSRMatrix {
        precondition(columnCount >= self.columnCount, "\(self.columnCount) columns cannot become \(columnCount)")
        requireValidEntries()
        return CSRMatrix(rowCount: rowCount, columnCount: columnCount, validStorage: storage)
    }

    /// A range of rows, sharing their entries; these are checked before their first use if those of this matrix are.
    ///
    /// - Complexity: O(rows of the run).
    package func sharedRows(_ rows: Range<Int>) -> CSRMatrix {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows \(rows) of \(rowCount)")
        // An empty range needs no memory of this matrix.
        if rows.isEmpty { return CSRMatrix(emptyWithColumnCount: columnCount) }
        let entries = storage.rowOffsets[rows.lowerBound]..<storage.rowOffsets[rows.upperBound]
        let offsets = AlignedBuffer<Int>(uninitialized: rows.count + 1)
        for row in 0...rows.count {
            offsets.elements[row] = storage.rowOffsets[rows.lowerBound + row] - entries.lowerBound
        }
        return CSRMatrix(
            rowCount: rows.count, columnCount: columnCount,
            validStorage: CSRStorage(
                rowOffsets: UnsafeBufferPointer(offsets.elements),
                columnIndices: UnsafeBufferPointer(rebasing: storage.columnIndices[entries]),
                values: UnsafeBufferPointer(rebasing: storage.values[entries]), owners: [storage, offsets],
                areEntriesValid: storage.areEntriesValid.load(ordering: .acquiring)))
    }

    private init(emptyWithColumnCount columnCount: Int) {
        self.init(
            validRowCount: 0, columnCount: columnCount, rowOffsets: AlignedBuffer(repeating: 0, count: 1),
            columnIndices: AlignedBuffer(uninitialized: 0), values: AlignedBuffer(uninitialized: 0))
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
        try validateRowOffsets()
        try validateEntries(parallelism: .serial)
    }

    /// The number of stored entries, nnz.
    public var entryCount: Int { storage.values.count }

    /// Whether at least half of all elements are stored, as in tables of measurements.
    public var isDense: Bool { entryCount > 0 && 2 * entryCount >= rowCount * columnCount }

    public func entryCount(ofRow row: Int) -> Int {
        precondition(row >= 0 && row < rowCount, "row \(row) is outside \(rowCount) × \(columnCount)")
        return storage.rowOffsets[row + 1] - storage.rowOffsets[row]
    }

    /// A copy of one row's entries.
    public func row(_ row: Int) -> (columnIndices: [UInt32], values: [Float]) {
        precondition(row >= 0 && row < rowCount, "row \(row) is outside \(rowCount) × \(columnCount)")
        requireValidEntries()
        let range = storage.rowOffsets[row]..<storage.rowOffsets[row + 1]
        return (Array(storage.columnIndices[range]), Array(storage.values[range]))
    }

    /// A copy of the row offsets.
    public var rowOffsets: [Int] { Array(storage.rowOffsets) }
    public var columnIndices: [UInt32] { withUnsafeView { Array($0.columnIndices) } }
    public var values: [Float] { withUnsafeView { Array($0.values) } }

    /// Calls `body` with the matrix' memory, valid within `body` only.
    public func withUnsafeView<R: ~Copyable, E: Error>(_ body: (CSRView) throws(E) -> R) throws(E) -> R {
        requireValidEntries()
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
