import FileIO
import SparseMatrices

/// The counted documents of one or more text inputs: piece by piece if their words are known, otherwise after all of
/// them have been read, since the words' columns are known only then.
struct TextSource: CorpusSource {
    private var inputs: DocumentBlocks
    /// nil after everything has been counted.
    private var counting: TextCounting?
    private let reader: TextCorpusReader
    private let name: String
    private let handing: Handing
    /// The counts of the whole input, if it was read to its end before the first rows are returned.
    private var counted: CountedText?
    private var rowCount = 0
    private var tally = LabelTally()
    /// Of hashed words in rows that are returned piece by piece.
    private let sample: WordSample?

    /// The number of blocks in a piece: enough to occupy several threads.
    private static let blocksAtOnce = 8

    /// - Precondition: if pieces are final, the reader has a vocabulary, or hashes words.
    init(
        _ reader: TextCorpusReader, inputs: [Input], format: CorpusFormat?, mostLines: Int = .max, handing: Handing,
        parallelism: Parallelism
    ) {
        precondition(!inputs.isEmpty, "there is nothing to read")
        precondition(
            handing != .final || reader.vocabulary != nil || reader.hashing != nil, "words are not known before the end"
        )
        sample = handing == .final ? reader.hashing.map(WordSample.init) : nil
        self.reader = reader
        self.handing = handing
        var options = reader.inputOptions
        if handing == .final { options.mostLines = max(1, mostLines / Self.blocksAtOnce) }
        name = inputs.map(\.path).map(inputName).joined(separator: ", ")
        self.inputs = DocumentBlocks(inputs, format: format, options: options)
        var counting = TextCounting(reader.analyzer, fixed: reader.fixed, options, parallelism: parallelism)
        counting.add(notes: reader.notes)
        self.counting = counting
    }

    var isWhole: Bool { handing == .whole }
    var hashedWords: HashedWords? { sample?.words }

    var provenance: CorpusProvenance {
        if let counted { return counted.provenance }
        var provenance = counting?.provenance ?? CorpusProvenance(format: "")
        provenance.rowsWithoutLabel = tally.rowsWithoutLabel
        provenance.wordLabels = tally.wordCount
        return provenance
    }

    /// - Throws: `FileError`: unreadable inputs, `.badData` for a line that is invalid in the format, for inputs
    ///   without documents, and if no words remain.
    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        if handing == .final { return try nextCounted(parallelism: parallelism) }
        if var counting {
            self.counting = nil
            try counting.count(&inputs, parallelism: parallelism)
            counted = try reader.finished(counting, name: name)
        }
        let partsAtOnce = handing == .whole ? Int.max : 4 * parallelism.threads
        return counted?.next(partsAtOnce, parallelism: parallelism)
    }

    private mutating func nextCounted(parallelism: Parallelism) throws(FileError) -> Corpus? {
        guard try counting?.countNext(Self.blocksAtOnce, of: &inputs, parallelism: parallelism) == true,
            let counting
        else {
            if rowCount == 0 { throw .badData(TextCorpusReader.noDocuments(name)) }
            return nil
        }
        var counted = CountedText(
            counting, vocabulary: reader.vocabulary, hashing: reader.hashing, textOptions: reader.analyzer.options)
        sample?.add(counting)
        guard var piece = counted.next(.max, parallelism: parallelism) else { return nil }
        piece.provenance.rowsWithoutFeatures = counted.provenance.rowsWithoutFeatures
        rowCount += piece.rowCount
        tally.add(piece, isWord: CountedText.isWord)
        return piece
    }
}

/// Reads text and counts its words, with the results of scikit-learn's `CountVectorizer`.
///
/// Inputs are plain lines, labelled lines, lines of JSON or folders, compressed or not, and are read once from
/// beginning to end, so standard input is possible; memory depends on the vocabulary and the counts, not on the size of
/// the text.
package struct TextCorpusReader: Sendable {
    let analyzer: TextAnalyzer
    let inputOptions: TextInputOptions
    let vocabulary: Vocabulary?
    let fixed: TokenTable?
    /// nil unless words are hashed; the vocabulary then has the names of columns.
    let hashing: FeatureHashing?
    /// Decisions made before reading, as sentences for the provenance.
    var notes: [Message] = []

    /// - Parameter vocabulary: the words to count, in column order; nil to determine them from the text. With a given
    ///   vocabulary the limits on features (`minDF`, `maxDF`, `maxFeatures`) are ignored.
    /// - Throws: `TextOptionsError` for invalid options, and for a vocabulary with a duplicate word.
    package init(
        _ options: TextOptions = TextOptions(), input: TextInputOptions = TextInputOptions(),
        vocabulary: Vocabulary? = nil
    ) throws(TextOptionsError) {
        analyzer = try TextAnalyzer(options)
        inputOptions = input.choosing(options.table)
        self.vocabulary = vocabulary
        hashing = FeatureHashing(options)
        try hashing?.check(options)
        fixed =
            hashing != nil
            ? nil
            : try vocabulary.map { (vocabulary) throws(TextOptionsError) in try TokenTable(columnsOf: vocabulary) }
    }

    /// Reads one or more inputs, one after another, as one corpus.
    ///
    /// - Parameters:
    ///   - paths: files, folders, or `-` for standard input.
    ///   - format: nil to recognise the format of each input: folders as such, files by their extension, others by the
    ///     first byte.
    /// - Returns: the counts, one row per document; columns are sorted by code points.
    /// - Throws: `FileError`: unreadable inputs, `.badData` for a line that is invalid in the format, for inputs
    ///   without documents, and if no words remain.
    /// - Complexity: O(bytes) and a sort of each row and of the vocabulary.
    package func read(
        paths: [String], format: CorpusFormat? = nil, parallelism: Parallelism = .allCores
    ) throws(FileError) -> Corpus {
        var source = TextSource(
            self, inputs: paths.map(Input.init(path:)), format: format, handing: .whole, parallelism: parallelism)
        return try source.all(parallelism: parallelism)
    }

    /// Counts texts in memory: one row for each, in order, as `read` counts those of files.
    ///
    /// - Parameter text: the bytes of a text, which need not be valid UTF-8; called by several threads.
    /// - Throws: `FileError.badData` without texts, and if no words remain.
    package func count(
        _ texts: Int, parallelism: Parallelism = .allCores, _ text: (Int) -> UnsafeRawBufferPointer
    ) throws(FileError) -> Corpus {
        var counting = TextCounting(analyzer, fixed: fixed, inputOptions, parallelism: parallelism)
        counting.count(texts, parallelism: parallelism, text)
        var counted = try finished(counting, name: "<texts>")
        let provenance = counted.provenance
        guard var corpus = counted.next(.max, parallelism: parallelism) else {
            throw .badData(Self.noDocuments("<texts>"))
        }
        corpus.provenance = provenance
        return corpus
    }

    /// Selects the features of counted documents and their columns.
    ///
    /// - Throws: `FileError.badData` if there are no documents, or no words.
    func finished(_ counting: TextCounting, name: String) throws(FileError) -> CountedText {
        guard counting.documents.contains(where: { !$0.rowEnds.isEmpty }) else {
            throw .badData(Self.noDocuments(name))
        }
        if let hashing {
            let sample = WordSample(hashing)
            if vocabulary == nil { sample.add(counting) }
            var counted = CountedText(
                counting, vocabulary: vocabulary ?? sample.words.names, hashing: hashing, textOptions: analyzer.options)
            if vocabulary == nil { counted.provenance.notes.append(sample.words.note) }
            return counted
        }
        if let vocabulary {
            return CountedText(counting, vocabulary: vocabulary, textOptions: analyzer.options)
        }
        let selection = FeatureSelection(counting.vocabulary, counting.documents, analyzer.options)
        if selection.words.isEmpty { throw .badData(nothingLeft(name, counting, selection)) }
        var counted = CountedText(
            counting, vocabulary: Vocabulary(words: selection.words), columns: selection.columns,
            textOptions: analyzer.options)
        counted.provenance.text?.note(selection)
        return counted
    }

    static func noDocuments(_ name: String) -> BadData {
        BadData(
            path: name, found: "no documents", expected: "at least one",
            advice: "check that this is the input you meant")
    }

    private func nothingLeft(_ name: String, _ counting: TextCounting, _ selection: FeatureSelection) -> BadData {
        let features = counting.vocabulary.count
        var text = counting.provenance.text ?? TextProvenance()
        text.note(selection)
        var found = "no words"
        if features > 0 {
            found =
                "no word left of \(features): \(text.belowMinDF) are in fewer documents than min-df "
                + "\(analyzer.options.minDF), \(text.aboveMaxDF) in more than max-df \(analyzer.options.maxDF)"
        } else if text.tokens > 0 {
            found = "stop words only, \(text.stopWordsDropped) of them"
        }
        return BadData(
            path: name, found: found, expected: "at least one word to count",
            advice: features > 0
                ? "lower min-df or raise max-df" : "check the token pattern, the stop words, and that this is text")
    }
}

extension TextProvenance {
    /// Records the number of features that were left out.
    fileprivate mutating func note(_ selection: FeatureSelection) {
        belowMinDF = selection.belowMinDF
        aboveMaxDF = selection.aboveMaxDF
        beyondMaxFeatures = selection.beyondMaxFeatures
    }
}
