import FileIO
import SparseMatrices

extension Corpus {
    /// A corpus of entries that were read from a file, sorted and merged.
    ///
    /// - Throws: `FileError.badData` if values that share a place add up to more than a Float holds.
    init(
        _ entries: RowMajorEntries, provenance: CorpusProvenance, name: String, parallelism: Parallelism
    ) throws(FileError) {
        var provenance = provenance
        let result: RowMajorEntries.Matrix
        do throws(RowMajorEntries.SumOverflow) {
            result = try entries.matrix(parallelism: parallelism)
        } catch {
            throw .badData(
                BadData(
                    path: name, found: "several entries in row \(error.row + 1), column \(error.column + 1)",
                    expected: "values whose sum is at most 3.4028235e38", advice: "scale the values down"))
        }
        provenance.unsortedRows += result.unsortedRows
        provenance.duplicatesMerged += result.duplicatesMerged
        provenance.explicitZerosDropped += result.zerosDropped
        provenance.rowsWithoutFeatures = (0..<result.matrix.rowCount).count {
            result.matrix.entryCount(ofRow: $0) == 0
        }
        self.init(matrix: result.matrix, provenance: provenance)
    }
}
