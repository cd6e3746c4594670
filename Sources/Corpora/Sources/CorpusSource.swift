import FileIO
import SparseMatrices

/// A source of the rows of one input, in order; all formats are read through this protocol. Reading joins the pieces of
/// a source, importing writes them to a corpus file, and embedding encodes them, one at a time.
protocol CorpusSource {
    /// The next rows; a piece may be empty. nil at the end.
    ///
    /// The provenance of a piece has the counts of its rows only; information about all rows is in `provenance`.
    ///
    /// - Throws: `FileError`; for invalid content `.badData` about the first error.
    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus?

    /// Information about the input other than the counts of each piece; complete at the end.
    var provenance: CorpusProvenance { get }

    /// The words of the columns, if pieces do not have them; known at the end, and only if rows are revocable.
    var vocabulary: Vocabulary? { get }

    /// The words of the first rows, if words are hashed and rows are final; complete at the end.
    var hashedWords: HashedWords? { get }

    /// The number of rows, if it is known in advance.
    var announcedRowCount: Int? { get }

    /// Whether the first piece contains all rows.
    var isWhole: Bool { get }

    /// Whether the columns of all rows must be increased by one, modulo 2³²; known at the end, and only if rows are
    /// revocable.
    var shiftsColumns: Bool { get }

    /// Whether the rows returned so far were found to be incomplete, so that the input must be read as a whole; only if
    /// rows are revocable. There are no more pieces then.
    var startsOver: Bool { get }
}

extension CorpusSource {
    var vocabulary: Vocabulary? { nil }
    var hashedWords: HashedWords? { nil }
    var announcedRowCount: Int? { nil }
    var shiftsColumns: Bool { false }
    var startsOver: Bool { false }

    /// All rows, with all information about them.
    ///
    /// - Precondition: no row has been returned yet, and rows are final.
    mutating func all(parallelism: Parallelism) throws(FileError) -> Corpus {
        var pieces: [Corpus] = []
        while let piece = try next(parallelism: parallelism) { pieces.append(piece) }
        var provenance = provenance
        for piece in pieces { provenance.add(piece.provenance) }
        var corpus = Corpus(stacking: pieces)
        corpus.provenance = provenance
        return if let vocabulary { corpus.widened(to: vocabulary.count).renamed(vocabulary) } else { corpus }
    }
}

/// How the rows of a source are used.
enum Handing {
    /// All rows are taken at once, which is fastest.
    case whole
    /// Rows are taken in pieces, and may still be discarded or their columns shifted.
    case revocable
    /// Rows are taken in pieces, each of which is final.
    case final
}

/// Counts the rows without a label in a corpus with labels, and labels that are not numbers.
struct LabelTally {
    private var rows = 0
    private var labelled = 0
    private var words: Set<ByteKey> = []

    mutating func add(_ piece: Corpus, isWord: (String) -> Bool) {
        rows += piece.rowCount
        guard let labels = piece.labels else { return }
        labelled += labels.codes.count { $0 != RowLabels.none }
        for name in labels.names where isWord(name) { words.insert(ByteKey(name)) }
    }

    /// Whether there are rows and none has a label.
    var isWithoutLabels: Bool { rows > 0 && labelled == 0 }

    var rowsWithoutLabel: Int { labelled == 0 ? 0 : rows - labelled }

    /// The number of distinct labels that are words.
    var wordCount: Int { words.count }
}

/// A corpus in memory, or mapped, returned as one piece.
struct WholeCorpus: CorpusSource {
    private var corpus: Corpus?
    let provenance: CorpusProvenance
    let announcedRowCount: Int?

    /// - Parameter provenance: information about all rows; nil to use all of the corpus' provenance.
    init(_ corpus: Corpus, provenance: CorpusProvenance? = nil) {
        self.corpus = corpus
        self.provenance = provenance ?? corpus.provenance
        announcedRowCount = corpus.rowCount
        if provenance == nil { self.corpus?.provenance = CorpusProvenance(format: corpus.provenance.format) }
    }

    var isWhole: Bool { true }

    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        defer { corpus = nil }
        return corpus
    }
}
