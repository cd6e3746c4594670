import FileIO
import SparseMatrices

/// The documents of one or more text inputs, counted: piece by piece where their words are known, and otherwise as soon
/// as all were read, since the words' columns are known only then.
struct TextSource: CorpusSource {
    private var inputs: DocumentBlocks
    /// nil once all was counted at once.
    private var counting: TextCounting?
    private let reader: TextCorpusReader
    private let name: String
    private let handing: Handing
    /// What all of the input became, where it was read to its end before the first rows are handed out.
    private var counted: CountedText?
    private var rowCount = 0
    private var tally = LabelTally()

    /// How many blocks make a piece: enough to occupy some threads.
    private static let blocksAtOnce = 8

    /// - Precondition: where pieces are final, the reader has a vocabulary.
    init(
        _ reader: TextCorpusReader, inputs: [Input], format: CorpusFormat?, mostLines: Int = .max, handing: Handing,
        parallelism: Parallelism
    ) {
        precondition(!inputs.isEmpty, "there is nothing to read")
        precondition(handing != .final || reader.vocabulary != nil, "words are not known before the end")
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

    var provenance: CorpusProvenance {
        if let counted { return counted.provenance }
        var provenance = counting?.provenance ?? CorpusProvenance(format: "")
        provenance.rowsWithoutLabel = tally.rowsWithoutLabel
        provenance.wordLabels = tally.wordCount
        return provenance
    }

    /// - Throws: `FileError`: unreadable inputs, `.badData` for a line that is not what the format says, for inputs
    ///   without a document, and where no word is left.
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
            let counting, let vocabulary = reader.vocabulary
        else {
            if rowCount == 0 { throw .badData(TextCorpusReader.noDocuments(name)) }
            return nil
        }
        var counted = CountedText(
            counting, vocabulary: vocabulary, columns: nil, textOptions: reader.analyzer.options)
        guard var piece = counted.next(.max, parallelism: parallelism) else { return nil }
        piece.provenance.rowsWithoutFeatures = counted.provenance.rowsWithoutFeatures
        rowCount += piece.rowCount
        tally.add(piece, isWord: CountedText.isWord)
        return piece
    }
}
