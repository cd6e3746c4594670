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
