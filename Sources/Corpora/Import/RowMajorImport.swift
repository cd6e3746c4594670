import FileIO
import SparseMatrices

/// Turns entries that come by rows into rows of a corpus file; memory holds one piece of them.
struct RowMajorImport {
    let rowCount: Int
    let columnCount: Int
    let name: String
    private(set) var provenance: CorpusProvenance
    /// The first row that is not written yet, and its entries so far.
    private var row = 0
    private var columns: [UInt32] = []
    private var values: [Float] = []

    init(rowCount: Int, columnCount: Int, name: String, provenance: CorpusProvenance) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.name = name
        self.provenance = provenance
    }

    /// Appends the next entries.
    ///
    /// - Returns: false if one stands in a row before that of another that came earlier.
    /// - Throws: `FileError.badData` if values that share a place add up to more than a Float holds.
    mutating func append(
        _ pieces: [CoordinatePiece], to spools: RowSpools, parallelism: Parallelism
    ) throws(FileError) -> Bool {
        for piece in pieces where piece.count > 0 {
            guard let last = Self.lastRow(of: piece, from: row) else { return false }
            let offsets = AlignedBuffer(repeating: 0, count: last - row + 1)
            let rows = piece.rows.elements
            for entry in 0..<piece.count where rows[entry] < last { offsets.elements[Int(rows[entry]) - row + 1] += 1 }
            if last > row { offsets.elements[1] += columns.count }
            for place in 0..<last - row { offsets.elements[place + 1] += offsets.elements[place] }
            columns.append(contentsOf: piece.columns.elements[..<piece.count])
            values.append(contentsOf: piece.values.elements[..<piece.count])
            try write(offsets, to: spools, parallelism: parallelism)
            row = last
        }
        return true
    }

    /// Appends whole rows, the next ones.
    mutating func append(
        _ rows: RowMajorEntries, to spools: RowSpools, parallelism: Parallelism
    ) throws(FileError) {
        let result: RowMajorEntries.Matrix
        do throws(RowMajorEntries.SumOverflow) {
            result = try rows.matrix(parallelism: parallelism)
        } catch {
            throw error.badData(path: name, rowsBefore: row)
        }
        provenance.add(result)
        row += rows.rowCount
        try result.matrix.withUnsafeView { view throws(FileError) in try spools.append(view, RowSpools.Annotations()) }
    }

    /// Appends what is left, and the empty rows at the end.
    mutating func finish(_ spools: RowSpools, parallelism: Parallelism) throws(FileError) -> CorpusPart {
        let offsets = AlignedBuffer(repeating: columns.count, count: rowCount - row + 1)
        offsets.elements[0] = 0
        try write(offsets, to: spools, parallelism: parallelism)
        return CorpusPart(name: name, featureCount: columnCount, vocabulary: nil, provenance: provenance)
    }

    /// Writes the rows that are complete; entries beyond them wait for more of their row.
    private mutating func write(
        _ offsets: AlignedBuffer<Int>, to spools: RowSpools, parallelism: Parallelism
    ) throws(FileError) {
        let count = offsets.elements[offsets.count - 1]
        let complete = RowMajorEntries(
            rowCount: offsets.count - 1, columnCount: columnCount, rowOffsets: offsets,
            columnIndices: AlignedBuffer(Array(columns[..<count])), values: AlignedBuffer(Array(values[..<count])))
        columns.removeFirst(count)
        values.removeFirst(count)
        let before = row
        try append(complete, to: spools, parallelism: parallelism)
        row = before + complete.rowCount
    }

    /// The row of a piece's last entry; nil if the rows fall, or begin before `first`.
    private static func lastRow(of piece: CoordinatePiece, from first: Int) -> Int? {
        var last = first
        for row in piece.rows.elements[..<piece.count] {
            if row < last { return nil }
            last = Int(row)
        }
        return last
    }
}

extension CorpusProvenance {
    /// Counts what was put right in rows.
    mutating func add(_ rows: RowMajorEntries.Matrix) {
        unsortedRows += rows.unsortedRows
        duplicatesMerged += rows.duplicatesMerged
        explicitZerosDropped += rows.zerosDropped
        rowsWithoutFeatures += (0..<rows.matrix.rowCount).count { rows.matrix.entryCount(ofRow: $0) == 0 }
    }
}

extension RowMajorEntries.SumOverflow {
    func badData(path: String, rowsBefore: Int = 0) -> FileError {
        .badData(
            BadData(
                path: path, found: "several entries in row \(rowsBefore + row + 1), column \(column + 1)",
                expected: "values whose sum is at most 3.4028235e38", advice: "scale the values down"))
    }
}
