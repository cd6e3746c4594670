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
