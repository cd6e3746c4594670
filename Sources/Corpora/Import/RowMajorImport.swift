import FileIO
import SparseMatrices

/// Turns entries that come by rows into matrices of whole rows; memory holds one piece of them.
struct RowMajorImport {
    let rowCount: Int
    let columnCount: Int
    let name: String
    private(set) var provenance: CorpusProvenance
    /// The first row that is not handed out yet, and its entries so far.
    private var row = 0
    private var columns: [UInt32] = []
    private var values: [Float] = []

    init(rowCount: Int, columnCount: Int, name: String, provenance: CorpusProvenance) {
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.name = name
        self.provenance = provenance
    }

    /// Adds the next entries.
    ///
    /// - Returns: the rows that are complete, sorted and merged; nil if an entry stands in a row before that of another
    ///   that came earlier.
    /// - Throws: `FileError.badData` if values that share a place add up to more than a Float holds.
    mutating func add(
        _ pieces: [CoordinatePiece], parallelism: Parallelism
    ) throws(FileError) -> [CSRMatrix]? {
        var matrices: [CSRMatrix] = []
        for piece in pieces where piece.count > 0 {
            var last = row
            guard piece.isInOrder(from: &last) else { return nil }
            let offsets = AlignedBuffer(repeating: 0, count: last - row + 1)
            let rows = piece.rows.elements
            for entry in 0..<piece.count where rows[entry] < last { offsets.elements[Int(rows[entry]) - row + 1] += 1 }
            if last > row { offsets.elements[1] += columns.count }
            for place in 0..<last - row { offsets.elements[place + 1] += offsets.elements[place] }
            columns.append(contentsOf: piece.columns.elements[..<piece.count])
            values.append(contentsOf: piece.values.elements[..<piece.count])
            matrices.append(try complete(offsets, parallelism: parallelism))
        }
        return matrices
    }

    /// What is left, and the empty rows at the end.
    mutating func finish(parallelism: Parallelism) throws(FileError) -> [CSRMatrix] {
        let offsets = AlignedBuffer(repeating: columns.count, count: rowCount - row + 1)
        offsets.elements[0] = 0
        return [try complete(offsets, parallelism: parallelism)]
    }

    /// The rows that are complete; entries beyond them wait for more of their row.
    private mutating func complete(
        _ offsets: AlignedBuffer<Int>, parallelism: Parallelism
    ) throws(FileError) -> CSRMatrix {
        let count = offsets.elements[offsets.count - 1]
        let complete = RowMajorEntries(
            rowCount: offsets.count - 1, columnCount: columnCount, rowOffsets: offsets,
            columnIndices: AlignedBuffer(Array(columns[..<count])), values: AlignedBuffer(Array(values[..<count])))
        columns.removeFirst(count)
        values.removeFirst(count)
        let result: RowMajorEntries.Matrix
        do throws(RowMajorEntries.SumOverflow) {
            result = try complete.matrix(parallelism: parallelism)
        } catch {
            throw error.badData(path: name, rowsBefore: row)
        }
        provenance.add(result)
        row += complete.rowCount
        return result.matrix
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
