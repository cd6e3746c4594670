import FileIO
import SparseMatrices

/// Entries in the order of a file, as coordinates counted from 0: a part of a list that is too long for one block.
struct CoordinatePiece {
    let rows: AlignedBuffer<UInt32>
    let columns: AlignedBuffer<UInt32>
    let values: AlignedBuffer<Float>
    /// The number of elements that are in use.
    let count: Int
    /// The number of integer values that were rounded.
    var valuesRounded = 0
}

/// The symmetry of a matrix, by which each stored off-diagonal entry implies another one.
enum Mirroring {
    case none
    /// (j, i) has the same value as (i, j).
    case symmetric
    /// (j, i) has the negated value of (i, j).
    case skew

    func mirrored(_ value: Float) -> Float { self == .skew ? -value : value }
}

extension CoordinatePiece {
    /// Groups the entries by rows, within each row in the order of the file, as sorting and merging require.
    ///
    /// - Precondition: indices are in range.
    /// - Complexity: O(rows + entries), 8 bytes per entry.
    static func rowMajor(
        _ pieces: [CoordinatePiece], rowCount: Int, columnCount: Int, mirroring: Mirroring = .none
    ) -> RowMajorEntries {
        let offsets = AlignedBuffer(repeating: 0, count: rowCount + 1)
        forEach(pieces, mirroring) { row, _, _ in offsets.baseAddress[Int(row) + 1] += 1 }
        for row in 0..<rowCount { offsets.baseAddress[row + 1] += offsets.baseAddress[row] }
        let columns = AlignedBuffer<UInt32>(uninitialized: offsets.elements[rowCount])
        let values = AlignedBuffer<Float>(uninitialized: offsets.elements[rowCount])
        let next = offsets.copy()
        forEach(pieces, mirroring) { row, column, value in
            let place = next.baseAddress[Int(row)]
            next.baseAddress[Int(row)] = place + 1
            columns.baseAddress[place] = column
            values.baseAddress[place] = value
        }
        return RowMajorEntries(
            rowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns, values: values)
    }

    @inline(__always)
    private static func forEach(
        _ pieces: [CoordinatePiece], _ mirroring: Mirroring, _ body: (UInt32, UInt32, Float) -> Void
    ) {
        for piece in pieces {
            let (rows, columns, values) = (piece.rows.baseAddress, piece.columns.baseAddress, piece.values.baseAddress)
            for entry in 0..<piece.count {
                body(rows[entry], columns[entry], values[entry])
                if mirroring != .none, rows[entry] != columns[entry] {
                    body(columns[entry], rows[entry], mirroring.mirrored(values[entry]))
                }
            }
        }
    }
}

/// Converts entries in row order to corpora of complete rows; memory holds one piece of them.
struct RowMajorPieces {
    let rowCount: Int
    let columnCount: Int
    let name: String
    let format: CorpusFormat
    /// The first row that has not been returned yet, and its entries so far.
    private var row = 0
    private var columns: [UInt32] = []
    private var values: [Float] = []

    init(rowCount: Int, columnCount: Int, name: String, format: CorpusFormat) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.name = name
        self.format = format
    }

    /// Adds the next entries.
    ///
    /// - Returns: the rows that are complete, sorted and merged; nil if an entry belongs to an earlier row than an
    ///   entry before it.
    /// - Throws: `FileError.badData` if the sum of values with the same row and column exceeds the range of Float.
    mutating func add(_ pieces: [CoordinatePiece], parallelism: Parallelism) throws(FileError) -> Corpus? {
        var last = row
        guard pieces.allSatisfy({ $0.isInOrder(from: &last) }) else { return nil }
        let offsets = AlignedBuffer(repeating: 0, count: last - row + 1)
        for piece in pieces {
            for entryRow in piece.rows.elements[..<piece.count] where entryRow < last {
                offsets.elements[Int(entryRow) - row + 1] += 1
            }
        }
        if last > row { offsets.elements[1] += columns.count }
        for place in 0..<last - row { offsets.elements[place + 1] += offsets.elements[place] }
        for piece in pieces {
            columns.append(contentsOf: piece.columns.elements[..<piece.count])
            values.append(contentsOf: piece.values.elements[..<piece.count])
        }
        return try complete(offsets, parallelism: parallelism)
    }

    /// The remaining rows, including empty rows at the end.
    mutating func finish(parallelism: Parallelism) throws(FileError) -> Corpus {
        let offsets = AlignedBuffer(repeating: columns.count, count: rowCount - row + 1)
        offsets.elements[0] = 0
        return try complete(offsets, parallelism: parallelism)
    }

    /// The rows that are complete; entries after them are kept until their row is complete.
    private mutating func complete(
        _ offsets: AlignedBuffer<Int>, parallelism: Parallelism
    ) throws(FileError) -> Corpus {
        let count = offsets.elements[offsets.count - 1]
        let complete = RowMajorEntries(
            rowCount: offsets.count - 1, columnCount: columnCount, rowOffsets: offsets,
            columnIndices: AlignedBuffer(Array(columns[..<count])), values: AlignedBuffer(Array(values[..<count])))
        columns.removeFirst(count)
        values.removeFirst(count)
        defer { row += complete.rowCount }
        return try Corpus(
            complete, provenance: CorpusProvenance(format: format.rawValue), name: name, rowsBefore: row,
            parallelism: parallelism)
    }
}

extension CoordinatePiece {
    /// Whether the entries' rows are non-decreasing from `row` on; sets `row` to that of the last entry.
    func isInOrder(from row: inout Int) -> Bool {
        var last = row
        for entryRow in rows.elements[..<count] {
            if entryRow < last { return false }
            last = Int(entryRow)
        }
        row = last
        return true
    }
}

/// Sorts a row's entries by index; entries with equal indices stay in their order.
struct RowSorter {
    /// The index in the upper half, the bits of the value in the lower.
    private var keys: [UInt64] = []
    private var spare: [UInt64] = []

    var count: Int { keys.count }

    func index(_ entry: Int) -> UInt32 { UInt32(truncatingIfNeeded: keys[entry] >> 32) }

    func value(_ entry: Int) -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: keys[entry])) }

    mutating func removeAll() { keys.removeAll(keepingCapacity: true) }

    mutating func append(index: UInt32, value: Float) { keys.append(UInt64(index) << 32 | UInt64(value.bitPattern)) }

    /// - Complexity: O(n) for a typical row: one pass for each byte of the largest index.
    mutating func sort() {
        if keys.count <= 24 {
            sortByInsertion()
            return
        }
        var rest = keys.reduce(0) { max($0, $1 >> 32) }
        var shift: UInt64 = 32
        spare.removeAll(keepingCapacity: true)
        spare.append(contentsOf: repeatElement(0, count: keys.count))
        while rest > 0 {
            Self.scatter(keys, into: &spare, byByteAt: shift)
            swap(&keys, &spare)
            rest >>= 8
            shift += 8
        }
    }

    private mutating func sortByInsertion() {
        for next in keys.indices.dropFirst() {
            let key = keys[next]
            var place = next
            while place > 0, keys[place - 1] >> 32 > key >> 32 {
                keys[place] = keys[place - 1]
                place -= 1
            }
            keys[place] = key
        }
    }

    /// Writes the keys to `sorted`, ordered by one byte.
    private static func scatter(_ keys: [UInt64], into sorted: inout [UInt64], byByteAt shift: UInt64) {
        precondition(keys.count == sorted.count, "\(keys.count) keys need as many places, not \(sorted.count)")
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { places in
            places.initialize(repeating: 0)
            for key in keys { places[Int(key &>> shift & 0xFF)] += 1 }
            var start = 0
            for byte in 0..<256 { (places[byte], start) = (start, start + places[byte]) }
            sorted.withUnsafeMutableBufferPointer { sorted in
                for key in keys {
                    let byte = Int(key &>> shift & 0xFF)
                    sorted[places[byte]] = key
                    places[byte] &+= 1
                }
            }
        }
    }
}
