import FileIO
import SparseMatrices

/// The formats that a corpus can be read from. Raw values are their names in options and files.
public enum CorpusFormat: String, Sendable, CaseIterable {
    /// libsvm or svmlight: `label index:value …`.
    case libSVM = "libsvm"
    case matrixMarket = "matrix-market"
    /// SciPy's sparse matrices, or a dense one.
    case npz
    /// NumPy's dense matrix.
    case npy
    /// The UCI bag of words, `docword.NAME.txt`.
    case uci
    /// Blei's LDA-C: `N id:count …`.
    case ldaC = "lda-c"
    /// Labelled text: label TAB text, or label TAB id TAB text.
    case tsv
    /// A table of texts with commas between its columns.
    case csv
    /// A table of numbers with commas between its columns.
    case numberTable = "csv-numbers"
    /// Vowpal Wabbit's `label |namespace feature:value …`.
    case vowpalWabbit = "vw"
    /// A document a line.
    case text
    /// fastText's `__label__NAME … text`.
    case fastText = "fasttext"
    /// MALLET's `id label text`.
    case mallet
    /// A JSON object a line.
    case jsonLines = "jsonl"
    /// A JSON array of objects.
    case jsonArray = "json"
    /// A folder of 10x Genomics: features × cells.
    case tenX = "10x"
    /// Text files in one folder per class.
    case folder
    /// Gossamer's own file.
    case corpus

    /// What is true of the format.
    var kind: any FormatKind.Type {
        switch self {
        case .libSVM: LibSVM.self
        case .matrixMarket: MatrixMarket.self
        case .npz: SciPy.self
        case .npy: DenseArray.self
        case .uci: Docword.self
        case .ldaC: LDAC.self
        case .tsv: TabSeparated.self
        case .csv: CommaSeparated.self
        case .numberTable: NumberTable.self
        case .vowpalWabbit: VowpalWabbit.self
        case .text: PlainText.self
        case .fastText: FastText.self
        case .mallet: Mallet.self
        case .jsonLines: JSONLines.self
        case .jsonArray: JSONArray.self
        case .tenX: TenX.self
        case .folder: TextFolder.self
        case .corpus: CorpusFile.self
        }
    }

    /// Whether documents are words, which a vocabulary turns into entries.
    public var isText: Bool { textKind != nil }

    var textKind: (any TextFormat.Type)? { kind as? any TextFormat.Type }
    var matrixKind: (any MatrixFormat.Type)? { kind as? any MatrixFormat.Type }
}

/// All that is true of a format, in the folder that reads it; `CorpusFormat` gives it a name.
protocol FormatKind {
    /// What claims the format at the end of a file's name, in lower case with the dot.
    static var endings: [String] { get }
    /// What claims it at the beginning of a file's name.
    static var beginning: String? { get }
    /// Whether files say how many columns they have, other than by the largest index that occurs.
    static var declaresWidth: Bool { get }
    /// Whether it is text through and through, in which a zero byte means damage.
    static var hasNoZeros: Bool { get }
    /// Whether it is a table of which columns can be chosen.
    static var isTable: Bool { get }

    /// How the format begins in a way of its own, in words; nil if the content does not.
    static func signature(of head: HeadShape) -> String?
    /// What its lines look like, in words, and another reading that would fit as well; nil if they do not. No two
    /// formats claim the same lines.
    static func shape(of head: HeadShape) -> (reason: String, hint: String?)?
    /// Of a name's claim that two formats share, why it means this one rather than the other; nil if it does not.
    static func narrows(_ claimed: CorpusFormat, in head: HeadShape) -> String?
    /// What a folder of the format is, in words; nil if the folder is none.
    static func folder(_ path: String) -> String?
    /// - Throws: `FileError.badData` if the content shows that the file's name is wrong, or that nothing reads it.
    static func refuseContradiction(in head: HeadShape, reason: String) throws(FileError)
}

extension FormatKind {
    static var endings: [String] { [] }
    static var beginning: String? { nil }
    static var declaresWidth: Bool { false }
    static var hasNoZeros: Bool { false }
    static var isTable: Bool { false }
    static func signature(of head: HeadShape) -> String? { nil }
    static func shape(of head: HeadShape) -> (reason: String, hint: String?)? { nil }
    static func narrows(_ claimed: CorpusFormat, in head: HeadShape) -> String? { nil }
    static func folder(_ path: String) -> String? { nil }
    static func refuseContradiction(in head: HeadShape, reason: String) throws(FileError) {}
}

/// A format whose documents are rows of a matrix.
protocol MatrixFormat: FormatKind {
    /// Whether it holds a bare matrix, of which the columns may be the documents.
    static var isBareMatrix: Bool { get }
    /// Whether the source refuses oddities by itself, with lines and columns.
    static var refusesOddities: Bool { get }

    /// A file with words of the columns, where it is usual to have one beside the matrix.
    static func vocabularyPath(beside path: String) -> String?

    /// Opens an input.
    ///
    /// - Throws: `FileError`.
    static func source(
        _ input: Input, options: CorpusReadingOptions, handing: Handing, parallelism: Parallelism
    ) throws(FileError) -> any CorpusSource
}

extension MatrixFormat {
    static var isBareMatrix: Bool { false }
    static var refusesOddities: Bool { false }
    static func vocabularyPath(beside path: String) -> String? { nil }
}

/// A format whose documents are words, which a vocabulary turns into entries.
protocol TextFormat: FormatKind {
    /// The content in blocks of whole documents.
    static func blocks(_ stream: ByteStream, options: TextInputOptions) -> any DocumentStream

    /// Decides from the first block how documents stand in it.
    ///
    /// - Throws: `FileError.badData` if it is not of the format.
    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout
}

extension TextFormat {
    static func blocks(_ stream: ByteStream, options: TextInputOptions) -> any DocumentStream {
        LineStream(stream, blockSize: options.blockSize, mostLines: options.mostLines)
    }
}

/// Blocks of whole documents.
protocol DocumentStream {
    /// nil at the end.
    func next() throws(FileError) -> [UInt8]?
}

extension LineStream: DocumentStream {}
