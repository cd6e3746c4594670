import FileIO
import SparseMatrices

/// An input whose pieces are made to suit a model one by one.
struct PieceInput {
    private(set) var source: any CorpusPieceSource
    private let path: String
    private let recognised: RecognisedFormat
    private let options: CorpusReadingOptions
    private let words: CorpusReader.FeatureWords?
    /// Whether pieces have to be made to suit; a corpus that was read as a whole suits already.
    private let isRaw: Bool
    /// What is counted of the pieces so far.
    private var counts = CorpusProvenance(format: "")

    /// - Throws: as `CorpusReader.read`.
    init(_ path: String, options: CorpusReadingOptions, parallelism: Parallelism) throws {
        self.path = path
        self.options = options
        recognised = try CorpusReader.format(of: path, options: options)
        let streamed = try Self.source(path, recognised.format, options: options, parallelism: parallelism)
        isRaw = streamed != nil
        words =
            isRaw && !recognised.format.isText
            ? try CorpusReader.words(for: path, format: recognised.format, options: options) : nil
        source =
            try streamed
            ?? WholeCorpusPieces(
                CorpusReader.read([path], [recognised], options: options, parallelism: parallelism),
                pieceRows: options.pieceRows)
    }

    /// A corpus that suits.
    init(_ corpus: Corpus) {
        path = ""
        options = CorpusReadingOptions()
        recognised = RecognisedFormat(format: .corpus, reason: "")
        isRaw = false
        words = nil
        source = WholeCorpusPieces(corpus, pieceRows: options.pieceRows)
    }

    /// - Returns: nil for what has to be read as a whole.
    private static func source(
        _ path: String, _ format: CorpusFormat, options: CorpusReadingOptions, parallelism: Parallelism
    ) throws -> (any CorpusPieceSource)? {
        if format.isText {
            return try CorpusReader.textReader([path], [format], options: options)
                .pieces(path: path, format: format.textFormat, lines: options.pieceRows, parallelism: parallelism)
        }
        if options.transposes(format) { return nil }
        switch format {
        case .libSVM where options.libSVM.indexBase == .auto: return nil
        case .libSVM, .ldaC: return try LibSVMPieces(path, format: format, options: options)
        case .matrixMarket, .uci:
            return try TripletPieces(path, format: format, options: options, parallelism: parallelism)
        case .corpus:
            try CorpusReader.requirePlainFile(path)
            return try CorpusFilePieces(path: path, pieceRows: options.pieceRows)
        case .npz, .tsv, .text, .jsonLines, .folder: return nil
        }
    }

    /// The next rows; nil at the end.
    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        guard let piece = try source.next(parallelism: parallelism) else { return nil }
        if !isRaw { return piece }
        let suiting = try piece.suiting(options, words: words, name: CorpusReader.inputName(path))
        let known = counts.notes
        counts.add(suiting.provenance)
        // What is said of columns is the same for each piece.
        counts.notes = known + suiting.provenance.notes.filter { !known.contains($0) }
        return suiting
    }

    /// What is known of the whole.
    ///
    /// - Throws: `FileError.badData` if there are no rows, or oddities that are to be errors.
    func finish(rowCount: Int) throws(FileError) -> CorpusProvenance {
        var provenance = source.provenance
        if !isRaw { return provenance }
        if recognised.format.isText { provenance.format = recognised.format.rawValue }
        provenance.add(counts)
        let name = CorpusReader.inputName(path)
        if !recognised.format.isText {
            try CorpusReader.requireSense(
                rowCount, provenance, format: recognised.format, options: options, name: name)
        } else if rowCount == 0 {
            throw .badData(TextCorpusReader.noDocuments(name))
        }
        provenance.note([path], [recognised])
        return provenance
    }
}
