import FileIO
import SparseMatrices

extension Corpus {
    /// A corpus of entries that were read from a file, sorted and merged.
    ///
    /// - Parameter rowsBefore: rows of the file before these, for messages.
    /// - Throws: `FileError.badData` if values that share a place add up to more than a Float holds.
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
    /// How many rows have no entry.
    var emptyRowCount: Int { (0..<rowCount).count { entryCount(ofRow: $0) == 0 } }
}
