import FileIO
import SparseMatrices

/// Turns entries that come by rows into corpora of whole rows; memory holds one piece of them.
struct RowMajorPieces {
    let rowCount: Int
    let columnCount: Int
    let name: String
    let format: CorpusFormat
    /// The first row that is not handed out yet, and its entries so far.
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
    /// - Returns: the rows that are complete, sorted and merged; nil if an entry stands in a row before that of another
    ///   that came earlier.
    /// - Throws: `FileError.badData` if values that share a place add up to more than a Float holds.
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

    /// What is left, and the empty rows at the end.
    mutating func finish(parallelism: Parallelism) throws(FileError) -> Corpus {
        let offsets = AlignedBuffer(repeating: columns.count, count: rowCount - row + 1)
        offsets.elements[0] = 0
        return try complete(offsets, parallelism: parallelism)
    }

    /// The rows that are complete; entries beyond them wait for more of their row.
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
    /// Whether the entries' rows do not fall, from `row` on, which becomes that of the last entry.
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
