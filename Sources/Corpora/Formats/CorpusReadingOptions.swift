/// How a corpus is read, whatever its format.
public struct CorpusReadingOptions: Sendable, Equatable {
    /// nil to recognise it.
    public var format: CorpusFormat?
    /// Width, strictness, and what belongs to libsvm alone. Width and strictness hold for every format.
    public var libSVM: LibSVMOptions
    /// Whether the file's columns are the documents, as in 10x Genomics' features × barcodes.
    public var isTransposed = false
    /// Whether the same holds for matrices from elsewhere, as for the one that the model was trained on: MatrixMarket,
    /// `.npz` and UCI files, but not corpora whose rows are documents already.
    public var isTransposedForModel = false
    /// A file with the features' words.
    public var vocabularyPath: String?
    /// How text becomes counts.
    public var text = TextOptions()
    /// How documents stand in text.
    public var textInput = TextInputOptions()
    /// Whether columns were chosen for this corpus, so that it has to be a table.
    public var isTable = false
    /// Whether the corpus is for a model that exists: text is counted by the model's words only.
    public var isForModel = false
    /// The words of the model's columns, by which those of the corpus are matched.
    public var knownWords: Vocabulary?

    /// Whether the columns of a file of this format are documents.
    func transposes(_ format: CorpusFormat) -> Bool {
        format.matrixKind.map { isTransposed || isTransposedForModel && $0.isBareMatrix } ?? false
    }

    /// Where inputs are worked on piece by piece, a piece has about this many bytes.
    package var pieceSize = 1 << 25
    /// Where rows are handed out piece by piece, a piece has at most this many; of lines, where some are not rows.
    package var pieceRows = 1 << 12

    public init(format: CorpusFormat? = nil, libSVM: LibSVMOptions = LibSVMOptions()) {
        self.format = format
        self.libSVM = libSVM
    }
}
