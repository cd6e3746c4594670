import FileIO
import SparseMatrices

/// Documents as the rows of a sparse matrix, with all other information of the file.
public struct Corpus: Sendable, Equatable {
    /// Documents × features.
    public let matrix: CSRMatrix
    /// The labels; nil if no row has a label.
    public let labels: RowLabels?
    /// The document ids; nil if no row has one. A row without one has an empty id.
    public let ids: [String]?
    /// The query ids of ranking data; nil if no row has one.
    public let qids: [Int?]?
    /// The row weights; nil if the file has none. A row without one has weight 1.
    public let weights: [Float]?
    /// The names of the features; nil if they are not known.
    public private(set) var vocabulary: Vocabulary?
    /// The settings by which text was turned into counts, for counting new documents in the same way; nil if the corpus
    /// was not counted from text.
    public var textOptions: TextOptions?
    /// The beginning of each document's text; nil unless reading was asked to keep it, see `TextInputOptions`.
    package var texts: [String]?
    public var provenance: CorpusProvenance

    /// - Precondition: labels, ids, qids and weights, if given, have one element for each row; the vocabulary has a
    ///   word for each column.
    public init(
        matrix: CSRMatrix, labels: RowLabels? = nil, ids: [String]? = nil, qids: [Int?]? = nil,
        weights: [Float]? = nil, vocabulary: Vocabulary? = nil, textOptions: TextOptions? = nil,
        provenance: CorpusProvenance
    ) {
        for (what, count) in [
            ("labels", labels?.count), ("ids", ids?.count), ("qids", qids?.count), ("weights", weights?.count),
        ] {
            precondition(
                count ?? matrix.rowCount == matrix.rowCount, "\(count ?? 0) \(what) for \(matrix.rowCount) rows")
        }
        precondition(
            vocabulary.map { $0.count >= matrix.columnCount } ?? true,
            "\(vocabulary?.count ?? 0) words for \(matrix.columnCount) columns")
        self.matrix = matrix
        self.labels = labels
        self.ids = ids
        self.qids = qids
        self.weights = weights
        self.vocabulary = vocabulary
        self.textOptions = textOptions
        self.provenance = provenance
    }

    public var rowCount: Int { matrix.rowCount }
    public var featureCount: Int { matrix.columnCount }

    /// The same corpus with names of features.
    ///
    /// - Parameters:
    ///   - path: the vocabulary's file, for messages.
    ///   - widening: whether the matrix gets a column for each word; otherwise it is unchanged.
    /// - Throws: `FileError.badData` if there are fewer words than columns, or more words although the format declares
    ///   the number of columns. Otherwise the last words may simply not occur in these documents.
    public func naming(
        features vocabulary: Vocabulary, path: String, widening: Bool = true
    ) throws(FileError) -> Corpus {
        let isDeclared = CorpusFormat(rawValue: provenance.format)?.kind.declaresWidth == true
        try vocabulary.requireWords(forColumns: featureCount, isDeclared: isDeclared, path: path)
        return (widening ? self.widened(to: vocabulary.count) : self).renamed(vocabulary)
    }

    /// - Precondition: the vocabulary has a word for each column.
    func renamed(_ vocabulary: Vocabulary) -> Corpus {
        precondition(vocabulary.count >= featureCount, "\(vocabulary.count) words for \(featureCount) columns")
        var named = self
        named.vocabulary = vocabulary
        return named
    }

    /// The same corpus with the beginnings of its documents' texts.
    ///
    /// - Precondition: one for each row, if any.
    func keeping(_ texts: [String]?) -> Corpus {
        precondition(texts?.count ?? rowCount == rowCount, "\(texts?.count ?? 0) texts for \(rowCount) rows")
        var corpus = self
        corpus.texts = texts
        return corpus
    }

    /// The same rows with additional empty columns; entries are shared, not copied.
    ///
    /// - Precondition: `columnCount` is not below `featureCount`.
    public func widened(to columnCount: Int) -> Corpus {
        precondition(columnCount >= featureCount, "\(featureCount) columns cannot be narrowed to \(columnCount)")
        if columnCount == featureCount { return self }
        return Corpus(
            matrix: matrix.widened(to: columnCount), labels: labels, ids: ids, qids: qids, weights: weights,
            vocabulary: vocabulary.flatMap { $0.count >= columnCount ? $0 : nil }, textOptions: textOptions,
            provenance: provenance
        ).keeping(texts)
    }
}
