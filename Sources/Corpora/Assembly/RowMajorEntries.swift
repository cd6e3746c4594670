import FileIO
import SparseMatrices

/// Entries grouped by rows, unsorted within a row, with duplicates and zeros: the input of a valid matrix.
struct RowMajorEntries {
    let rowCount: Int
    let columnCount: Int
    let rowOffsets: AlignedBuffer<Int>
    let columnIndices: AlignedBuffer<UInt32>
    let values: AlignedBuffer<Float>

    /// A valid matrix, and the number of changes that were necessary.
    struct Matrix {
        var matrix: CSRMatrix
        var unsortedRows = 0
        var duplicatesMerged = 0
        var zerosDropped = 0
    }

    /// The sum of values with the same row and column is not finite as a Float.
    struct SumOverflow: Error {
        let row: Int
        let column: UInt32
    }

    /// Sorts each row, adds entries with the same column (in the order of the file, in Double) and drops zeros. The
    /// buffers are consumed.
    ///
    /// - Precondition: columns are in range, values finite.
    /// - Complexity: O(rows + entries) if rows are sorted; the rows are worked on in parallel.
    func matrix(parallelism: Parallelism) throws(SumOverflow) -> Matrix {
        let rowEnds = AlignedBuffer<Int>(uninitialized: rowCount)
        let blockSize = 1 << 12
        let blockCount = (rowCount + blockSize - 1) / blockSize
        let blocks = [RowTidier](unsafeUninitializedCapacity: blockCount) { places, count in
            nonisolated(unsafe) let start = places.baseAddress
            parallelism.forEach(block: blockCount) { block in
                var tidier = RowTidier(columnIndices: columnIndices.baseAddress, values: values.baseAddress)
                for row in block * blockSize..<min(rowCount, (block + 1) * blockSize) {
                    let entries = rowOffsets.baseAddress[row]..<rowOffsets.baseAddress[row + 1]
                    rowEnds.baseAddress[row] = tidier.tidy(entries, row: row)
                }
                start?.advanced(by: block).initialize(to: tidier)
            }
            count = blockCount
        }
        if let overflow = blocks.lazy.compactMap(\.overflow).first { throw overflow }
        var result = Matrix(matrix: withoutGaps(rowEnds: rowEnds))
        for block in blocks {
            result.unsortedRows += block.unsortedRows
            result.duplicatesMerged += block.duplicatesMerged
            result.zerosDropped += block.zerosDropped
        }
        return result
    }

    private func withoutGaps(rowEnds: AlignedBuffer<Int>) -> CSRMatrix {
        let offsets = AlignedBuffer<Int>(uninitialized: rowCount + 1)
        offsets.elements[0] = 0
        for row in 0..<rowCount {
            offsets.baseAddress[row + 1] =
                offsets.baseAddress[row] + rowEnds.baseAddress[row] - rowOffsets.baseAddress[row]
        }
        let total = offsets.elements[rowCount]
        if total == values.count {
            return CSRMatrix(
                validRowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: columnIndices,
                values: values)
        }
        let columns = AlignedBuffer<UInt32>(uninitialized: total)
        let kept = AlignedBuffer<Float>(uninitialized: total)
        for row in 0..<rowCount {
            let count = offsets.baseAddress[row + 1] - offsets.baseAddress[row]
            let (from, to) = (rowOffsets.baseAddress[row], offsets.baseAddress[row])
            (columns.baseAddress + to).initialize(from: columnIndices.baseAddress + from, count: count)
            (kept.baseAddress + to).initialize(from: values.baseAddress + from, count: count)
        }
        return CSRMatrix(
            validRowCount: rowCount, columnCount: columnCount, rowOffsets: offsets, columnIndices: columns, values: kept
        )
    }
}

/// Sorts and merges rows in place, and counts the changes.
private struct RowTidier {
    let columnIndices: UnsafeMutablePointer<UInt32>
    let values: UnsafeMutablePointer<Float>
    var unsortedRows = 0
    var duplicatesMerged = 0
    var zerosDropped = 0
    var overflow: RowMajorEntries.SumOverflow?
    private var sorter = RowSorter()

    init(columnIndices: UnsafeMutablePointer<UInt32>, values: UnsafeMutablePointer<Float>) {
        self.columnIndices = columnIndices
        self.values = values
    }

    /// - Returns: the end of the row's entries afterwards.
    mutating func tidy(_ entries: Range<Int>, row: Int) -> Int {
        var previous = -1
        var (isUnsorted, isMerged, hasZeros) = (false, false, false)
        for entry in entries {
            let column = Int(columnIndices[entry])
            if column < previous { isUnsorted = true }
            if column == previous { isMerged = true }
            if values[entry] == 0 { hasZeros = true }
            previous = column
        }
        var end = entries.upperBound
        if isUnsorted { unsortedRows += 1 }
        if isUnsorted || isMerged {
            end = sortAndMerge(entries, row: row)
        } else if !hasZeros {
            return end
        }
        return dropZeros(entries.lowerBound..<end)
    }

    private mutating func sortAndMerge(_ entries: Range<Int>, row: Int) -> Int {
        sorter.removeAll()
        for entry in entries { sorter.append(index: columnIndices[entry], value: values[entry]) }
        sorter.sort()
        var count = entries.lowerBound
        var next = 0
        while next < sorter.count {
            let first = next
            let column = sorter.index(first)
            var sum = 0.0
            while next < sorter.count, sorter.index(next) == column {
                sum += Double(sorter.value(next))
                next += 1
            }
            columnIndices[count] = column
            values[count] = Float(sum)
            if !values[count].isFinite, overflow == nil {
                overflow = RowMajorEntries.SumOverflow(row: row, column: column)
            }
            duplicatesMerged += next - first - 1
            count += 1
        }
        return count
    }

    private mutating func dropZeros(_ entries: Range<Int>) -> Int {
        var count = entries.lowerBound
        for entry in entries where values[entry] != 0 {
            columnIndices[count] = columnIndices[entry]
            values[count] = values[entry]
            count += 1
        }
        zerosDropped += entries.upperBound - count
        return count
    }
}

extension Corpus {
    /// A corpus of entries that were read from a file, after sorting and merging.
    ///
    /// - Parameter rowsBefore: the number of rows of the file before these, for messages.
    /// - Throws: `FileError.badData` if the sum of values with the same row and column exceeds the range of Float.
    init(
        _ entries: RowMajorEntries, provenance: CorpusProvenance, name: String, rowsBefore: Int = 0,
        parallelism: Parallelism
    ) throws(FileError) {
        var provenance = provenance
        let result: RowMajorEntries.Matrix
        do throws(RowMajorEntries.SumOverflow) {
            result = try entries.matrix(parallelism: parallelism)
        } catch {
            throw .badData(
                BadData(
                    path: name,
                    found: "several entries in row \(rowsBefore + error.row + 1), column \(error.column + 1)",
                    expected: "values whose sum is at most 3.4028235e38", advice: "scale the values down"))
        }
        provenance.unsortedRows += result.unsortedRows
        provenance.duplicatesMerged += result.duplicatesMerged
        provenance.explicitZerosDropped += result.zerosDropped
        provenance.rowsWithoutFeatures = result.matrix.emptyRowCount
        self.init(matrix: result.matrix, provenance: provenance)
    }
}

extension CSRMatrix {
    /// The number of rows without entries.
    var emptyRowCount: Int { (0..<rowCount).count { entryCount(ofRow: $0) == 0 } }
}

/// Checks that there is enough memory for a number of rows from a file's header, which may be arbitrary: row offsets
/// for reading, for the matrix and for one copy.
///
/// - Parameter contentBytes: the size of the file's content.
/// - Throws: `FileError.badData` with the memory that would be needed.
func checkMemory(rowCount: Int, contentBytes: Int, path: String) throws(FileError) {
    let (bytes, overflow) = rowCount.multipliedReportingOverflow(by: 3 * MemoryLayout<Int>.stride)
    try AnnouncedSize.check(
        overflow ? .max : bytes, contentBytes: contentBytes, what: "\(rowCount) rows or columns", path: path)
}
