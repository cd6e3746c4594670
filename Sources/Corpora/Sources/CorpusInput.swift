import FileIO
import SparseMatrices

/// An input, or several texts that are counted together: its source, and the conversion of its rows according to the
/// reading options.
struct CorpusInput {
    /// The name of the input in messages.
    let name: String
    private(set) var source: any CorpusSource
    private let inputs: [Input]
    private let formats: [RecognisedFormat]
    private let options: CorpusReadingOptions
    /// Rows from the source, and the first that has not been returned yet; a source may return more rows at a time than
    /// are requested.
    private var waiting: (rows: Corpus, first: Int)?
    /// The words of the columns, for rows that are returned piece by piece.
    private var words: FeatureWords?
    /// The counts of the pieces so far.
    private var counts = CorpusProvenance(format: "")

    private var format: CorpusFormat { formats[0].format }

    /// Opens an input.
    ///
    /// - Throws: as `CorpusReader.read` does.
    init(
        _ inputs: [Input], _ formats: [RecognisedFormat], options: CorpusReadingOptions, handing: Handing,
        parallelism: Parallelism
    ) throws {
        (self.inputs, self.formats, self.options) = (inputs, formats, options)
        name = inputs.map(\.path).map(inputName).joined(separator: ", ")
        source = try Self.source(inputs, formats, options: options, handing: handing, parallelism: parallelism)
    }

    /// A corpus in memory that needs no conversion.
    init(_ corpus: Corpus) {
        (name, inputs, formats) = ("", [], [RecognisedFormat(format: .corpus, reason: "")])
        options = CorpusReadingOptions()
        source = WholeCorpus(corpus)
    }

    private static func source(
        _ inputs: [Input], _ formats: [RecognisedFormat], options: CorpusReadingOptions, handing: Handing,
        parallelism: Parallelism
    ) throws -> any CorpusSource {
        let format = formats[0].format
        guard let kind = format.matrixKind else {
            let formats = formats.map(\.format)
            // Inputs in different formats are recognised one by one.
            return TextSource(
                try CorpusReader.textReader(inputs[0].path, formats, options: options), inputs: inputs,
                format: Set(formats).count == 1 ? format : nil, mostLines: options.pieceRows, handing: handing,
                parallelism: parallelism)
        }
        return try kind.source(
            inputs[0], options: options, handing: options.transposes(format) ? .whole : handing,
            parallelism: parallelism)
    }

    // MARK: - All rows together

    /// Reads all rows and converts them according to the options.
    ///
    /// - Precondition: the source returns final rows.
    mutating func corpus(parallelism: Parallelism) throws(FileError) -> Corpus {
        try suiting(try source.all(parallelism: parallelism), rowCount: nil)
    }

    /// Writes all rows to a corpus file.
    ///
    /// - Returns: a corpus without rows, which has all other information about them; nil if the input was found to
    ///   require reading as a whole: the rows written so far must then be discarded.
    /// - Precondition: after rows have been written, only the number and the names of columns may still change.
    mutating func append(to spools: RowSpools, parallelism: Parallelism) throws(FileError) -> Corpus? {
        let before = spools.state
        var frame: Corpus?
        var counts = CorpusProvenance(format: "")
        while let piece = try source.next(parallelism: parallelism) {
            try spools.append(piece)
            counts.add(piece.provenance)
            frame = Corpus(stacking: [frame, piece.sharedRows(0..<0)].compactMap { $0 })
        }
        if source.startsOver { return nil }
        var corpus = frame ?? Corpus(stacking: [])
        corpus.provenance = source.provenance
        corpus.provenance.add(counts)
        if let words = source.vocabulary { corpus = corpus.widened(to: words.count).renamed(words) }
        if source.shiftsColumns {
            spools.shiftColumns(ofEntriesFrom: before.entries)
            if options.lineOptions.featureCount == nil { corpus = corpus.widened(to: corpus.featureCount + 1) }
        }
        return try suiting(corpus, rowCount: spools.state.rows - before.rows)
    }

    /// Checks, transposes, names and widens a corpus according to the options.
    ///
    /// - Parameter rowCount: the number of rows, if they are stored elsewhere.
    private func suiting(_ corpus: Corpus, rowCount: Int?) throws(FileError) -> Corpus {
        var corpus = corpus
        if format.isText { corpus.provenance.format = format.rawValue }
        corpus = try transposedIfAsked(corpus)
        try requireSense(rowCount ?? corpus.rowCount, corpus.provenance)
        return try corpus.suiting(options, words: try featureWords(), name: name)
    }

    private func transposedIfAsked(_ corpus: Corpus) throws(FileError) -> Corpus {
        guard options.transposes(format) else { return corpus }
        var corpus = try corpus.transposed(name: name)
        if !options.isTransposed {
            corpus.provenance.notes.append("its columns are the documents, as when the model was trained")
        }
        return corpus
    }

    /// Rejects inputs without documents and, if irregularities are errors, those with irregularities.
    private func requireSense(_ rowCount: Int, _ provenance: CorpusProvenance) throws(FileError) {
        if format.matrixKind != nil { try requireDocuments(rowCount, provenance) }
        let refusesOddities = format.matrixKind?.refusesOddities ?? false
        if options.isStrict, !refusesOddities, let oddity = provenance.oddities.first {
            throw .badData(
                BadData(
                    path: name, found: "an oddity: \(oddity)", expected: "none with \(setting: "strict")",
                    advice: "put the file right, or read it without \(setting: "strict")"))
        }
    }

    private func requireDocuments(_ rowCount: Int, _ provenance: CorpusProvenance) throws(FileError) {
        guard rowCount > 0 else {
            throw .badData(
                BadData(
                    path: name, found: "no documents", expected: "at least one row",
                    advice: "check that this is the file you meant"))
        }
        let isMatrix = provenance.origin.flatMap(CorpusFormat.init)?.matrixKind?.isBareMatrix ?? false
        if isMatrix, options.isTransposedForModel, !options.isTransposed, !provenance.isTransposed {
            throw .badData(
                BadData(
                    path: name, found: "a matrix (\(provenance.origin ?? "")) whose rows were imported as documents",
                    expected: "documents in the columns of what was imported, as when the model was trained",
                    advice: "import it again with \(setting: "transpose"), or give \(setting: "transpose") here"))
        }
    }

    // MARK: - Piece by piece

    /// Prepares returning rows piece by piece.
    ///
    /// - Returns: the number of rows, if it is known in advance.
    mutating func begin(parallelism: Parallelism) throws(FileError) -> Int? {
        words = try featureWords()
        guard source.isWhole else { return source.announcedRowCount }
        try receive(parallelism: parallelism)
        return waiting?.rows.rowCount
    }

    /// The next rows, converted according to the options; nil at the end.
    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        if waiting == nil { try receive(parallelism: parallelism) }
        guard let (all, first) = waiting else { return nil }
        let end = source.isWhole ? min(all.rowCount, first + options.pieceRows) : all.rowCount
        waiting = end < all.rowCount ? (all, end) : nil
        var piece = try all.sharedRows(first..<end).suiting(options, words: words, name: name)
        piece.provenance.rowsWithoutFeatures = piece.matrix.emptyRowCount
        let known = counts.notes
        counts.add(piece.provenance)
        // Notes about columns are the same for each piece.
        counts.notes = known + piece.provenance.notes.filter { !known.contains($0) }
        return piece
    }

    private mutating func receive(parallelism: Parallelism) throws(FileError) {
        guard var piece = try source.next(parallelism: parallelism) else { return }
        if source.isWhole {
            piece = try transposedIfAsked(piece)
            // Counts of all rows must not be added again for each part of them.
            counts.add(piece.provenance)
            counts.rowsWithoutFeatures = 0
            counts.isTransposed = piece.provenance.isTransposed
            piece.provenance = CorpusProvenance(format: piece.provenance.format)
        }
        waiting = (piece, 0)
    }

    /// The provenance of all pieces, after the last one has been returned.
    ///
    /// - Throws: `FileError.badData` if there are no rows, or if irregularities are errors and there are any.
    func finish(rowCount: Int) throws(FileError) -> CorpusProvenance {
        var provenance = source.provenance
        if format.isText { provenance.format = format.rawValue }
        provenance.isTransposed = provenance.isTransposed != counts.isTransposed
        provenance.add(counts)
        provenance.rowsWithoutFeatures = counts.rowsWithoutFeatures
        if inputs.isEmpty { return provenance }
        try requireSense(rowCount, provenance)
        provenance.note(inputs, formats)
        return provenance
    }

    /// The words of the given file or of the one that belongs to the input; nil if there are none.
    private func featureWords() throws(FileError) -> FeatureWords? {
        guard let kind = format.matrixKind, let path = inputs.first?.path else { return nil }
        if let given = options.vocabularyPath { return try FeatureWords(path: given, isGiven: true) }
        guard let found = kind.vocabularyPath(beside: path) else { return nil }
        return try FeatureWords(path: found, isGiven: false)
    }
}

/// Words that are the names of a matrix' features.
struct FeatureWords {
    let vocabulary: Vocabulary
    let path: String
    /// Whether the words were given by the user rather than found beside the input.
    let isGiven: Bool
    /// The interpretation of the file, if there were several possible ones.
    private let rule: Message?

    /// Descriptions of the decisions, as sentences.
    var notes: [Message] {
        [isGiven ? nil : "the words are those of \(path), which stands beside it", rule].compactMap { $0 }
    }

    init(path: String, isGiven: Bool) throws(FileError) {
        let file = try Vocabulary.readFile(path: path)
        (vocabulary, rule) = (file.vocabulary, file.note.map { Message($0) })
        (self.path, self.isGiven) = (path, isGiven)
    }
}
