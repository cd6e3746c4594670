import FileIO

/// The formats in which embeddings are written, one row per document. Raw values are the extensions of file names.
public enum EmbeddingFormat: String, Sendable, CaseIterable {
    /// NumPy array, `Float`, rows × latent units.
    case npy
    /// SciPy sparse matrix (CSR), as `scipy.sparse.load_npz` reads it; zeros are not stored.
    case npz
    /// Comma-separated values with a header.
    case csv
    /// Tab-separated vectors without other columns, as the TensorFlow Projector requires.
    case tsv
    /// The text format of word2vec, with ids as tokens.
    case vec
    /// libsvm: label, then one-based `index:value` of nonzero values.
    case svm
    /// Tensors `embeddings` and, if there are ids, `ids`.
    case safetensors
    /// One JSON object per line.
    case jsonl

    /// The format of the path's extension, in either case.
    ///
    /// - Throws: `UnknownEmbeddingFormat`, which lists the known extensions.
    public init(path: String) throws(UnknownEmbeddingFormat) {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard let dot = name.lastIndex(of: "."),
            let format = EmbeddingFormat(rawValue: name[name.index(after: dot)...].lowercased())
        else { throw UnknownEmbeddingFormat(path: path) }
        self = format
    }

    /// Whether the format allows ids and labels as columns beside the vectors.
    public var takesColumns: Bool {
        switch self {
        case .csv, .tsv, .jsonl: true
        case .npy, .npz, .vec, .svm, .safetensors: false
        }
    }

    /// Whether the format is text, which may be written to standard output.
    public var isText: Bool {
        switch self {
        case .csv, .tsv, .vec, .svm, .jsonl: true
        case .npy, .npz, .safetensors: false
        }
    }
}

/// The error for a path whose extension is not that of a known format.
public struct UnknownEmbeddingFormat: ExplainedError, Equatable {
    public let path: String

    public var message: Message {
        let endings = EmbeddingFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: " ")
        return
            "\(path): the ending does not name a format for embeddings; known are \(endings); without one, \(setting: "outFormat") names it"
    }
}

/// Receives embeddings in blocks of rows and writes them to a file, which is created by `finish()`, complete or not at
/// all. The number of rows need not be known in advance, and memory does not grow with it.
public protocol EmbeddingWriter: AnyObject {
    /// Appends rows in the order of the documents.
    ///
    /// - Parameters:
    ///   - rows: count × latent units, row-major.
    ///   - metadata: the ids and labels of these rows.
    /// - Throws: `FileError.writeFailed`.
    /// - Precondition: the block has this size, and there are as many labels and ids as rows, if any.
    func append(rows: UnsafeBufferPointer<Float>, count: Int, metadata: RowMetadata) throws(FileError)

    /// Completes the file and moves it to its path.
    func finish() throws(FileError)

    /// The number of rows whose ids or labels are left out, because rows without any had already been written to a pipe
    /// in a form without them. Always 0 for a file.
    var rowsWithoutTheirTexts: Int { get }

    /// Descriptions of values that are written differently than in the corpus, as sentences.
    var changes: [String] { get }
}

extension EmbeddingWriter {
    public var rowsWithoutTheirTexts: Int { 0 }
    public var changes: [String] { [] }
}

/// The ids and labels of some rows.
public struct RowMetadata: Sendable {
    /// The documents' labels as in the corpus; an empty text stands for a missing label. nil if no row has one.
    public var labels: [String]?
    /// The documents' ids, in the same form.
    public var ids: [String]?
    /// The labels of each row if rows may have several; `labels` has them as one text.
    public var labelSets: [[String]]?

    public init(labels: [String]? = nil, ids: [String]? = nil) {
        self.labels = labels
        self.ids = ids
    }

    /// The metadata of all documents of a corpus.
    public init(of corpus: Corpus) { self.init(of: corpus, rows: 0..<corpus.rowCount) }

    /// The metadata of a range of documents of a corpus.
    public init(of corpus: Corpus, rows: Range<Int>) {
        labels = corpus.labels.map { labels in rows.map { labels[$0] ?? "" } }
        labelSets = corpus.labels.map { labels in rows.map { labels.labels(ofRow: $0) } }
        ids = corpus.ids.map { Array($0[rows]) }
    }
}

/// The texts of rows that a file has fields for.
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
    /// Creates a writer of embeddings.
    ///
    /// Text formats are written to standard output and pipes immediately, except for `.vec`, whose first line is known
    /// last.
    ///
    /// - Parameters:
    ///   - path: `-` is standard output, for text formats.
    ///   - columnCount: the number of latent units.
    ///   - columns: texts that have a column even if no row has any, in formats with `takesColumns`.
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

/// Counts rows and checks that blocks have the announced width.
struct RowCounter {
    let columnCount: Int
    private(set) var count = 0

    init(columnCount: Int) { self.columnCount = columnCount }

    /// Counts a block.
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
