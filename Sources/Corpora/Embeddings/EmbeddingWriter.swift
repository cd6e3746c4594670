import FileIO

/// Takes embeddings in blocks of rows and writes them to a file, which appears whole on `finish()` or not at all.
/// Memory does not grow with the number of rows, except for 8 bytes a row in `.npz`.
public protocol EmbeddingWriter: AnyObject {
    /// Appends rows in the order of the documents.
    ///
    /// - Parameter rows: count × latent units, row-major.
    /// - Throws: `FileError.writeFailed`.
    /// - Precondition: the block has this size, and there are no more rows than announced.
    func append(rows: UnsafeBufferPointer<Float>, count: Int) throws(FileError)

    /// Makes the file appear under its name.
    ///
    /// - Precondition: as many rows as announced were appended.
    func finish() throws(FileError)
}

/// What is known of the rows besides their vectors.
public struct RowMetadata: Sendable {
    /// A document's label as it stood in the corpus; an empty one means that there is none.
    public var labels: [String]?
    public var ids: [String]?

    public init(labels: [String]? = nil, ids: [String]? = nil) {
        self.labels = labels
        self.ids = ids
    }

    public init(of corpus: Corpus) {
        labels = corpus.labels.map { labels in (0..<labels.count).map { labels[$0] ?? "" } }
        ids = corpus.ids
    }
}

extension EmbeddingFormat {
    /// Starts a file of embeddings.
    ///
    /// - Parameters:
    ///   - path: `-` is standard output, for text formats.
    ///   - columnCount: the number of latent units.
    /// - Throws: `FileError.cannotCreate`, also for a binary format on standard output; `FileError.writeFailed`.
    /// - Precondition: there are as many labels and ids as rows, if any.
    public func makeWriter(
        path: String, rowCount: Int, columnCount: Int, metadata: RowMetadata = RowMetadata()
    ) throws(FileError) -> any EmbeddingWriter {
        let table = EmbeddingTable(rowCount: rowCount, columnCount: columnCount, metadata: metadata)
        guard isText || path != "-" else {
            throw .cannotCreate(path: path, reason: "\(rawValue) is binary and cannot go to standard output")
        }
        return switch self {
        case .npy: try NpyEmbeddingWriter(path: path, table: table)
        case .npz: try NpzEmbeddingWriter(path: path, table: table)
        case .safetensors: try SafetensorsEmbeddingWriter(path: path, table: table)
        case .csv: try TextEmbeddingWriter(path: path, table: table, formatter: CSVRowFormatter(table: table))
        case .tsv: try TextEmbeddingWriter(path: path, table: table, formatter: TSVRowFormatter())
        case .vec: try TextEmbeddingWriter(path: path, table: table, formatter: VecRowFormatter(table: table))
        case .svm: try TextEmbeddingWriter(path: path, table: table, formatter: SVMRowFormatter(table: table))
        case .jsonl: try TextEmbeddingWriter(path: path, table: table, formatter: JSONRowFormatter(table: table))
        }
    }
}

/// The shape that was announced and what is known of the rows.
struct EmbeddingTable {
    let rowCount: Int
    let columnCount: Int
    let metadata: RowMetadata

    init(rowCount: Int, columnCount: Int, metadata: RowMetadata) {
        precondition(rowCount >= 0 && columnCount >= 0, "embeddings cannot be \(rowCount) × \(columnCount)")
        if let labels = metadata.labels {
            precondition(labels.count == rowCount, "\(labels.count) labels for \(rowCount) rows")
        }
        if let ids = metadata.ids { precondition(ids.count == rowCount, "\(ids.count) ids for \(rowCount) rows") }
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.metadata = metadata
    }
}

/// Counts rows and holds writers to what was announced.
struct RowCounter {
    private let rowCount: Int
    private let columnCount: Int
    private(set) var count = 0

    init(_ table: EmbeddingTable) {
        rowCount = table.rowCount
        columnCount = table.columnCount
    }

    /// Takes note of a block.
    ///
    /// - Returns: the number of its first row.
    mutating func add(_ rows: UnsafeBufferPointer<Float>, count added: Int) -> Int {
        precondition(
            added >= 0 && rows.count == added * columnCount,
            "\(rows.count) values for \(added) rows × \(columnCount) columns")
        precondition(added <= rowCount - count, "\(count) + \(added) rows, \(rowCount) were announced")
        defer { count += added }
        return count
    }

    func checkComplete() {
        precondition(count == rowCount, "\(count) rows, \(rowCount) were announced")
    }
}
