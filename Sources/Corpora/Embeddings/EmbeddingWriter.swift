import FileIO

/// The formats in which embeddings are written, a row a document. Raw values are the endings of file names.
public enum EmbeddingFormat: String, Sendable, CaseIterable {
    /// NumPy array, `Float`, rows × latent units.
    case npy
    /// SciPy sparse matrix (CSR), as `scipy.sparse.load_npz` reads it; zeros are not stored.
    case npz
    /// Comma-separated values with a header.
    case csv
    /// Tab-separated vectors alone, as the TensorFlow Projector takes them.
    case tsv
    /// The text format of word2vec, with ids as tokens.
    case vec
    /// libsvm: label, then one-based `index:value` of what is not zero.
    case svm
    /// Tensors `embeddings` and, if there are ids, `ids`.
    case safetensors
    /// A JSON object a line.
    case jsonl

    /// The format that the path's ending names, in either case.
    ///
    /// - Throws: `UnknownEmbeddingFormat`, which lists the endings that are known.
    public init(path: String) throws(UnknownEmbeddingFormat) {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let dot = name.lastIndex(of: "."),
            let format = EmbeddingFormat(rawValue: name[name.index(after: dot)...].lowercased())
        else { throw UnknownEmbeddingFormat(path: path) }
        self = format
    }

    /// Whether ids and labels can be columns beside the vectors.
    public var takesColumns: Bool {
        switch self {
        case .csv, .tsv, .jsonl: true
        case .npy, .npz, .vec, .svm, .safetensors: false
        }
    }

    /// Whether the format is text, which may go to standard output.
    public var isText: Bool {
        switch self {
        case .csv, .tsv, .vec, .svm, .jsonl: true
        case .npy, .npz, .safetensors: false
        }
    }
}

/// A path whose ending says nothing about the format to write.
public struct UnknownEmbeddingFormat: ExplainedError, Equatable {
    public let path: String

    public var message: Message {
        let endings = EmbeddingFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: " ")
        return
            "\(path): the ending does not name a format for embeddings; known are \(endings); without one, \(setting: "outFormat") names it"
    }
}

/// Takes embeddings in blocks of rows and writes them to a file, which appears whole on `finish()` or not at all. How
/// many rows come need not be known, and memory does not grow with them.
public protocol EmbeddingWriter: AnyObject {
    /// Appends rows in the order of the documents.
    ///
    /// - Parameters:
    ///   - rows: count × latent units, row-major.
    ///   - metadata: what is known of these rows.
    /// - Throws: `FileError.writeFailed`.
    /// - Precondition: the block has this size, and there are as many labels and ids as rows, if any.
    func append(rows: UnsafeBufferPointer<Float>, count: Int, metadata: RowMetadata) throws(FileError)

    /// Makes the file appear under its name.
    func finish() throws(FileError)

    /// Rows whose ids or labels are left out, since rows without any had gone to a pipe before them, in a form that has
    /// no place for these. Never of a file.
    var rowsWithoutTheirTexts: Int { get }

    /// What stands in the output otherwise than in the corpus, in sentences.
    var changes: [String] { get }
}

extension EmbeddingWriter {
    public var rowsWithoutTheirTexts: Int { 0 }
    public var changes: [String] { [] }
}

/// What is known of some rows besides their vectors.
public struct RowMetadata: Sendable {
    /// A document's label as it stood in the corpus; an empty one means that there is none. nil if no row has one.
    public var labels: [String]?
    /// The same of ids.
    public var ids: [String]?
    /// Where rows may have several labels, those of each; `labels` has them as one text.
    public var labelSets: [[String]]?

    public init(labels: [String]? = nil, ids: [String]? = nil) {
        self.labels = labels
        self.ids = ids
    }

    /// Of all documents of a corpus.
    public init(of corpus: Corpus) { self.init(of: corpus, rows: 0..<corpus.rowCount) }

    /// Of some documents of a corpus.
    public init(of corpus: Corpus, rows: Range<Int>) {
        labels = corpus.labels.map { labels in rows.map { labels[$0] ?? "" } }
        labelSets = corpus.labels.map { labels in rows.map { labels.labels(ofRow: $0) } }
        ids = corpus.ids.map { Array($0[rows]) }
    }
}

/// Which texts of rows a file has a place for.
public struct RowFields: Sendable, Equatable {
    public var ids = false
    public var labels = false

    public init(ids: Bool = false, labels: Bool = false) {
        self.ids = ids
        self.labels = labels
    }

    init(of metadata: RowMetadata) {
        ids = metadata.ids != nil
        labels = metadata.labels != nil
    }

    func union(_ other: RowFields) -> RowFields {
        RowFields(ids: ids || other.ids, labels: labels || other.labels)
    }

    func intersection(_ other: RowFields) -> RowFields {
        RowFields(ids: ids && other.ids, labels: labels && other.labels)
    }

    func subtracting(_ other: RowFields) -> RowFields {
        RowFields(ids: ids && !other.ids, labels: labels && !other.labels)
    }
}

extension EmbeddingFormat {
    /// Starts a file of embeddings.
    ///
    /// Text formats go to standard output and pipes as they come, but for `.vec`, whose first line is known last.
    ///
    /// - Parameters:
    ///   - path: `-` is standard output, for text formats.
    ///   - columnCount: the number of latent units.
    ///   - columns: texts that have a place even if no row has any, in formats where `takesColumns`.
    /// - Throws: `FileError.cannotCreate`, also for a binary format on standard output.
    public func makeWriter(
        path: String, columnCount: Int, columns: RowFields = RowFields()
    ) throws(FileError) -> any EmbeddingWriter {
        precondition(takesColumns || columns == RowFields(), "\(rawValue) has no columns for texts")
        precondition(columnCount >= 0, "embeddings cannot have \(columnCount) columns")
        guard isText || path != "-" else {
            throw .cannotCreate(path: path, reason: "\(rawValue) is binary and cannot go to standard output")
        }
        return switch self {
        case .npy: try NpyEmbeddingWriter(path: path, columnCount: columnCount)
        case .npz: try NpzEmbeddingWriter(path: path, columnCount: columnCount)
        case .safetensors: try SafetensorsEmbeddingWriter(path: path, columnCount: columnCount)
        case .csv:
            try TextEmbeddingWriter(path: path, columnCount: columnCount, formatter: CSVRowFormatter(columns: columns))
        case .tsv:
            try TextEmbeddingWriter(path: path, columnCount: columnCount, formatter: TSVRowFormatter(columns: columns))
        case .vec: try TextEmbeddingWriter(path: path, columnCount: columnCount, formatter: VecRowFormatter())
        case .svm: try TextEmbeddingWriter(path: path, columnCount: columnCount, formatter: SVMRowFormatter())
        case .jsonl:
            try TextEmbeddingWriter(path: path, columnCount: columnCount, formatter: JSONRowFormatter(columns: columns))
        }
    }
}

/// Counts rows and holds whoever hands them over to the width that was announced.
struct RowCounter {
    let columnCount: Int
    private(set) var count = 0

    init(columnCount: Int) { self.columnCount = columnCount }

    /// Takes note of a block.
    ///
    /// - Returns: the number of its first row.
    mutating func add(_ rows: UnsafeBufferPointer<Float>, count added: Int, _ metadata: RowMetadata) -> Int {
        precondition(
            added >= 0 && rows.count == added * columnCount,
            "\(rows.count) values for \(added) rows × \(columnCount) columns")
        for texts in [metadata.labels?.count, metadata.ids?.count] {
            precondition(texts ?? added == added, "\(texts ?? 0) texts for \(added) rows")
        }
        defer { count += added }
        return count
    }
}
