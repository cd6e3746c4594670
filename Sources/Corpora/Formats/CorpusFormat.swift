import FileIO
import SparseMatrices

/// The formats that a corpus can be read from. Raw values are their names in options and files.
public enum CorpusFormat: String, Sendable, CaseIterable {
    /// libsvm or svmlight: `label index:value …`.
    case libSVM = "libsvm"
    case matrixMarket = "matrix-market"
    /// SciPy's sparse matrices, or a dense one.
    case npz
    /// A dense NumPy matrix.
    case npy
    /// The UCI bag of words, `docword.NAME.txt`.
    case uci
    /// Blei's LDA-C: `N id:count …`.
    case ldaC = "lda-c"
    /// Labelled text: label TAB text, or label TAB id TAB text.
    case tsv
    /// A table of texts with comma-separated columns.
    case csv
    /// A table of numbers with comma-separated columns.
    case numberTable = "csv-numbers"
    /// Vowpal Wabbit's `label |namespace feature:value …`.
    case vowpalWabbit = "vw"
    /// Text with one document per line.
    case text
    /// fastText's `__label__NAME … text`.
    case fastText = "fasttext"
    /// MALLET's `id label text`.
    case mallet
    /// One JSON object per line.
    case jsonLines = "jsonl"
    /// A JSON array of objects.
    case jsonArray = "json"
    /// A folder of 10x Genomics: features × cells.
    case tenX = "10x"
    /// Text files in one folder per class.
    case folder
    /// Gossamer's corpus file.
    case corpus

    /// The type that implements the format.
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

    /// Whether documents consist of words, which are converted to entries by a vocabulary.
    public var isText: Bool { textKind != nil }

    var textKind: (any TextFormat.Type)? { kind as? any TextFormat.Type }
    var matrixKind: (any MatrixFormat.Type)? { kind as? any MatrixFormat.Type }
}

/// The properties of a format, implemented in the folder that reads it; `CorpusFormat` names it.
protocol FormatKind {
    /// File name extensions of the format, in lower case with the dot.
    static var endings: [String] { get }
    /// A prefix of file names of the format.
    static var beginning: String? { get }
    /// Whether files declare their number of columns, other than by the largest index.
    static var declaresWidth: Bool { get }
    /// Whether the format is text, in which a zero byte indicates damage.
    static var hasNoZeros: Bool { get }
    /// Whether it is a table whose columns can be chosen.
    static var isTable: Bool { get }

    /// A description of the signature that the content begins with; nil if it has none of this format.
    static func signature(of head: HeadShape) -> String?
    /// A description of the shape of the lines, and a hint about another possible format; nil if the lines do not
    /// match. At most one format matches.
    static func shape(of head: HeadShape) -> (reason: String, hint: String?)?
    /// For file names that two formats share, the reason why the file is of this format rather than of `claimed`; nil
    /// if it is not.
    static func narrows(_ claimed: CorpusFormat, in head: HeadShape) -> String?
    /// A description of a folder of the format; nil if the folder is not of the format.
    static func folder(_ path: String) -> String?
    /// - Throws: `FileError.badData` if the content shows that the file's extension is wrong or that it cannot be read.
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
    /// Whether it is a matrix without other data, whose columns may be the documents.
    static var isBareMatrix: Bool { get }
    /// Whether the source rejects irregularities itself, with line and column.
    static var refusesOddities: Bool { get }

    /// The file with the words of the columns, for formats that usually have one beside the matrix.
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

/// A format whose documents consist of words, which are converted to entries by a vocabulary.
protocol TextFormat: FormatKind {
    /// The content in blocks of complete documents.
    static func blocks(_ stream: ByteStream, options: TextInputOptions) -> any DocumentStream

    /// Determines the layout of documents from the first block.
    ///
    /// - Throws: `FileError.badData` if the block is not of the format.
    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout
}

extension TextFormat {
    static func blocks(_ stream: ByteStream, options: TextInputOptions) -> any DocumentStream {
        LineStream(stream, blockSize: options.blockSize, mostLines: options.mostLines)
    }
}

/// Blocks of complete documents.
protocol DocumentStream {
    /// The next block; nil at the end.
    func next() throws(FileError) -> [UInt8]?
}

extension LineStream: DocumentStream {}
