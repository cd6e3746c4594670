import FileIO
import SparseMatrices

/// Where the rows of one input come from, in order: the only way in which a format is read. Reading joins what a
/// source gives, importing writes it to a corpus file, embedding encodes it, each piece as it comes.
protocol CorpusSource {
    /// The next rows; a piece may have none. nil at the end.
    ///
    /// Its provenance has what is counted of these rows alone; what is said of all of them stands in `provenance`.
    ///
    /// - Throws: `FileError`; of content that is wrong `.badData` about the first fault.
    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus?

    /// What is known of the input besides what is counted in each piece; complete at the end.
    var provenance: CorpusProvenance { get }

    /// The words of the columns where pieces do not have them; known at the end, and only if rows are not final.
    var vocabulary: Vocabulary? { get }

    /// How many rows there will be, if that is known beforehand.
    var announcedRowCount: Int? { get }

    /// Whether the first piece is all there is.
    var isWhole: Bool { get }

    /// Whether the columns of all rows are one larger than they were handed out as, modulo 2³²; known at the end, and
    /// only where rows can be revoked.
    var shiftsColumns: Bool { get }

    /// Whether it turned out that the rows handed out were not complete, so that the input has to be read as a whole;
    /// only where rows can be revoked. There are no more pieces then.
    var startsOver: Bool { get }
}

extension CorpusSource {
    var vocabulary: Vocabulary? { nil }
    var announcedRowCount: Int? { nil }
    var shiftsColumns: Bool { false }
    var startsOver: Bool { false }

    /// All rows, with all that is known of them.
    ///
    /// - Precondition: no row was handed out yet, and each one is final.
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

/// What whoever takes rows from a source can do with them.
enum Handing {
    /// Takes all of them at once, which is fastest.
    case whole
    /// Takes pieces, and can still forget them or shift their columns.
    case revocable
    /// Takes pieces, each for good.
    case final
}

/// Counts the rows without a label of a corpus in which others have one, and labels that are no numbers.
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

    /// Whether there are rows, and none has a label.
    var isWithoutLabels: Bool { rows > 0 && labelled == 0 }

    var rowsWithoutLabel: Int { labelled == 0 ? 0 : rows - labelled }

    /// Distinct labels that are words.
    var wordCount: Int { words.count }
}

/// A corpus in memory, or mapped, as one piece.
struct WholeCorpus: CorpusSource {
    private var corpus: Corpus?
    let provenance: CorpusProvenance
    let announcedRowCount: Int?

    /// - Parameter provenance: what is said of all rows; nil if all of the corpus's provenance is.
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
