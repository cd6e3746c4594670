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
            throw error.badData(path: name)
        }
        provenance.rowsWithoutFeatures = 0
        provenance.add(result)
        self.init(matrix: result.matrix, provenance: provenance)
    }
}
