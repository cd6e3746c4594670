import FileIO
import SparseMatrices

extension CorpusFile: MatrixFormat {
    static let endings = [".safetensors"]
    static let declaresWidth = true
    static let refusesOddities = true

    static func signature(of head: HeadShape) -> String? {
        HeadShape.isSafetensors(head.bytes) ? "it begins as a safetensors file does" : nil
    }

    /// The rows of a corpus file: as a whole in place, or in pieces, of which the entries and texts of one are in
    /// memory.
    ///
    /// - Throws: as `open` does, and `FileError` if the file cannot be mapped.
    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource {
        let path = input.path
        try requirePlainFile(path)
        if handing == .final { return try CorpusFilePieces(path: path, pieceRows: options.pieceRows) }
        let corpus = try open(path: path)
        try validateEntries(of: corpus, path: path, parallelism: parallelism)
        return WholeCorpus(corpus)
    }

    private static func requirePlainFile(_ path: String) throws(FileError) {
        guard FileKind(path: path) != .other, path != "-" else {
            throw .unreadable(
                path: inputName(path), reason: "a corpus file is mapped into memory, so it has to be a plain file")
        }
        let mapped = try MappedFile(path: path)
        if let compression = withExtendedLifetime(mapped, { Compression(signatureOf: mapped.bytes) }) {
            throw .badData(
                BadData(
                    path: path, found: "a corpus file under \(compression.rawValue)", expected: "a plain one",
                    advice: "decompress it first: it is mapped into memory"))
        }
    }
}

/// The rows of a mapped corpus file, in pieces, without query ids and weights.
private struct CorpusFilePieces: CorpusSource {
    private let content: CorpusFile.Content
    private let path: String
    private let pieceRows: Int
    private var row = 0
    private var labels: EscapedLines.Cursor?
    private var ids: EscapedLines.Cursor?

    /// - Throws: as `CorpusFile.open` does.
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
    var isWhole: Bool { false }

    /// - Throws: `FileError.badData` about the first row whose entries are invalid.
    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        if row == content.matrix.rowCount { return nil }
        // Otherwise the system would keep the pages that were read in the memory of the process as long as there is
        // room.
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
