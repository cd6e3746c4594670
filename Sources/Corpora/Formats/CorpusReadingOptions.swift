/// From which index a file counts its features.
public enum IndexBaseRule: Sendable, Equatable {
    /// Decided once for the whole file: zero if index 0 stands anywhere in it, one otherwise.
    case auto
    case zero
    /// Index 0 is an error.
    case one

    public init(_ base: IndexBase) { self = base == .zero ? .zero : .one }
}

/// What to do with a feature beyond the width that was asked for.
public enum ExcessFeatures: Sendable, Equatable {
    case error
    /// For new data under a model's width: left out and counted.
    case drop
}

/// How a corpus is read, whatever its format.
public struct CorpusReadingOptions: Sendable, Equatable {
    /// nil to recognise it.
    public var format: CorpusFormat?
    /// What of all this lines of libsvm are read by.
    package var libSVM: LibSVMOptions
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

    /// The matrix's width; nil takes what the file says, or its largest index.
    public var featureCount: Int? {
        get { libSVM.featureCount }
        set { libSVM.featureCount = newValue }
    }
    /// What to do with features beyond `featureCount`.
    public var excessFeatures: ExcessFeatures {
        get { libSVM.excessFeatures }
        set { libSVM.excessFeatures = newValue }
    }
    /// Makes each oddity an error: unsorted or duplicate indices, explicit zeros, blank lines, rows without a label
    /// among rows with one, labels that are not numbers, ids that are not UTF-8.
    public var isStrict: Bool {
        get { libSVM.strict }
        set { libSVM.strict = newValue }
    }
    /// From which index a libsvm file counts its features.
    public var indexBase: IndexBaseRule {
        get { libSVM.indexBase }
        set { libSVM.indexBase = newValue }
    }
    /// Reads a first field `a:b` of libsvm as the label `a` of a row that weighs `b`. Otherwise such a field is a feature
    /// of a row without a label: the two cannot be told apart.
    public var hasLabelWeights: Bool {
        get { libSVM.labelWeights }
        set { libSVM.labelWeights = newValue }
    }

    /// Whether the columns of a file of this format are documents.
    func transposes(_ format: CorpusFormat) -> Bool {
        format.matrixKind.map { isTransposed || isTransposedForModel && $0.isBareMatrix } ?? false
    }

    /// Where inputs are worked on piece by piece, a piece has about this many bytes.
    package var pieceSize = 1 << 25
    /// Where rows are handed out piece by piece, a piece has at most this many; of lines, where some are not rows.
    package var pieceRows = 1 << 12

    public init(format: CorpusFormat? = nil) { self.init(format: format, libSVM: LibSVMOptions()) }

    package init(format: CorpusFormat? = nil, libSVM: LibSVMOptions) {
        self.format = format
        self.libSVM = libSVM
    }
}
