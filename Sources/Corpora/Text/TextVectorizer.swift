import SparseMatrices

/// Counts the words of new documents with a vocabulary that is already there, such as a model's.
public struct TextVectorizer: Sendable {
    public let options: TextOptions
    public let vocabulary: Vocabulary
    private let analyzer: TextAnalyzer
    private let table: TokenTable

    /// - Parameter vocabulary: the words in column order.
    /// - Throws: `TextOptionsError` for options that make no sense, and a vocabulary with a word twice.
    public init(_ options: TextOptions, vocabulary: Vocabulary) throws(TextOptionsError) {
        analyzer = try TextAnalyzer(options)
        self.options = options
        self.vocabulary = vocabulary
        table = try TokenTable(columnsOf: vocabulary)
    }

    /// What became of documents.
    public struct Counts: Sendable {
        /// Documents × words of the vocabulary.
        public let matrix: CSRMatrix
        /// Occurrences of features that the vocabulary doesn't have.
        public let outOfVocabulary: Int
    }

    /// A row of counts for each document, in order; a document without a known word is an empty row.
    public func counts(of documents: [String], parallelism: Parallelism = .allCores) -> Counts {
        let blockSize = 256
        let parts = parallelism.map((documents.count + blockSize - 1) / blockSize) { block in
            let counter = DocumentCounter(analyzer, fixed: table)
            for document in documents[block * blockSize..<min(documents.count, (block + 1) * blockSize)] {
                var text = document
                text.withUTF8 { counter.count($0) }
            }
            return (rows: counter.takeRows(), outOfVocabulary: counter.outOfVocabulary)
        }
        return Counts(
            matrix: CSRMatrix(
                counting: parts.map(\.rows), columns: nil, columnCount: vocabulary.count, parallelism: parallelism),
            outOfVocabulary: parts.reduce(0) { $0 + $1.outOfVocabulary })
    }
}
