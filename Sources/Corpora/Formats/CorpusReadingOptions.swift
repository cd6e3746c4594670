/// How the index of the first feature in a file is determined.
public enum IndexBaseRule: Sendable, Equatable {
    /// Determined once for the whole file: zero if index 0 occurs anywhere in it, otherwise one.
    case auto
    case zero
    /// Index 0 is an error.
    case one

    public init(_ base: IndexBase) { self = base == .zero ? .zero : .one }
}

/// How features beyond the requested number are handled.
public enum ExcessFeatures: Sendable, Equatable {
    case error
    /// They are left out and counted; used for new data with a model's number of features.
    case drop
}

/// Options for reading a corpus of any format.
public struct CorpusReadingOptions: Sendable, Equatable {
    /// The format; nil to recognise it.
    public var format: CorpusFormat?
    /// The part of these options that applies to lines of libsvm.
    package var libSVM: LibSVMOptions
    /// Whether the file's columns are the documents, as in 10x Genomics' features × barcodes.
    public var isTransposed = false
    /// Whether the columns of MatrixMarket, `.npz` and UCI files are the documents, as in the matrix that the model was
    /// trained on; does not apply to formats whose rows are documents by definition.
    public var isTransposedForModel = false
    /// A file with the words of the features.
    public var vocabularyPath: String?
    /// Options for turning text into counts.
    public var text = TextOptions()
    /// Options for finding documents in text files.
    public var textInput = TextInputOptions()
    /// Whether columns were chosen for this corpus, so that it has to be a table.
    public var isTable = false
    /// Whether the corpus is read for an existing model, so that only the model's words are counted in text.
    public var isForModel = false
    /// The words of the model's columns, to which the corpus' words are matched.
    public var knownWords: Vocabulary?

    /// The number of columns of the matrix; nil to use that of the file or its largest index.
    public var featureCount: Int? {
        get { libSVM.featureCount }
        set { libSVM.featureCount = newValue }
    }
    /// How features beyond `featureCount` are handled.
    public var excessFeatures: ExcessFeatures {
        get { libSVM.excessFeatures }
        set { libSVM.excessFeatures = newValue }
    }
    /// Treats every irregularity as an error: unsorted or duplicate indices, explicit zeros, blank lines, rows without
    /// a label in a file with labels, labels that are not numbers, ids that are not UTF-8.
    public var isStrict: Bool {
        get { libSVM.strict }
        set { libSVM.strict = newValue }
    }
    /// How the index base of a libsvm file is determined.
    public var indexBase: IndexBaseRule {
        get { libSVM.indexBase }
        set { libSVM.indexBase = newValue }
    }
    /// Reads a first field `a:b` of libsvm as the label `a` of a row with weight `b`. Otherwise such a field is a
    /// feature of a row without a label; the two cannot be distinguished.
    public var hasLabelWeights: Bool {
        get { libSVM.labelWeights }
        set { libSVM.labelWeights = newValue }
    }

    /// Whether the columns of a file of this format are documents.
    func transposes(_ format: CorpusFormat) -> Bool {
        format.matrixKind.map { isTransposed || isTransposedForModel && $0.isBareMatrix } ?? false
    }

    /// The approximate number of bytes in a piece, for inputs that are processed piece by piece.
    package var pieceSize = 1 << 25
    /// The maximum number of rows in a piece; for formats in which some lines are not rows, of lines.
    package var pieceRows = 1 << 12

    public init(format: CorpusFormat? = nil) { self.init(format: format, libSVM: LibSVMOptions()) }

    package init(format: CorpusFormat? = nil, libSVM: LibSVMOptions) {
        self.format = format
        self.libSVM = libSVM
    }
}
