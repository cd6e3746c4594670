import FileIO
import SparseMatrices

/// A corpus file, mapped, in pieces: memory holds the entries and texts of one.
struct CorpusFilePieces: CorpusPieceSource {
    private let content: CorpusFile.Content
    private let path: String
    private let pieceRows: Int
    private var row = 0
    private var labels: EscapedLines.Cursor?
    private var ids: EscapedLines.Cursor?

    /// - Throws: as `CorpusFile.open`.
    init(path: String, pieceRows: Int) throws(FileError) {
        self.path = path
        self.pieceRows = pieceRows
        content = try CorpusFile.content(of: path)
        labels = content.labels
        ids = content.ids
        content.file.mapping.release()
    }

    var announcedRowCount: Int? { content.matrix.rowCount }
    var provenance: CorpusProvenance { content.provenance }

    /// - Throws: `FileError.badData` about the first row whose entries are wrong.
    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        if row == content.matrix.rowCount { return nil }
        // The system would keep what was read in the memory of the process as long as there is room.
        content.file.mapping.release()
        let rows = row..<min(content.matrix.rowCount, row + pieceRows)
        let matrix = content.matrix.sharedRows(rows)
        do throws(SparseMatrixError) {
            try matrix.validateEntries(parallelism: parallelism)
        } catch {
            throw CorpusFile.badEntries(error.movedDown(by: row), path: path)
        }
        row = rows.upperBound
        return Corpus(
            matrix: matrix, labels: labels?.nextLists(rows.count, content.labelSeparator).map { RowLabels(sets: $0) },
            ids: ids?.next(rows.count)?.map { $0 ?? "" }, vocabulary: content.vocabulary,
            provenance: CorpusProvenance(format: content.provenance.format))
    }
}
