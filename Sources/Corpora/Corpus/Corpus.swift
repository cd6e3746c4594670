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

    /// The same rows with additional empty columns; entries are shared, not copied.
    ///
    /// - Precondition: `columnCount` is not below `featureCount`.
    public func widened(to columnCount: Int) -> Corpus {
        precondition(columnCount >= featureCount, "\(featureCount) columns cannot be narrowed to \(columnCount)")
        if columnCount == featureCount { return self }
        return Corpus(
            matrix: matrix.widened(to: columnCount), labels: labels, ids: ids, qids: qids, weights: weights,
            vocabulary: vocabulary.flatMap { $0.count >= columnCount ? $0 : nil }, textOptions: textOptions,
            provenance: provenance)
    }
}

extension Corpus {
    /// A hash of everything that can be learned from a corpus: its number of columns, entries and labels. It does not
    /// depend on the format. It protects against mistakes, not against forgery.
    ///
    /// - Complexity: O(rows + entries).
    public var fingerprint: UInt64 {
        var hash = WordHash()
        hash.add(UInt64(max(featureCount, vocabulary?.count ?? 0)))
        matrix.withUnsafeView { view in
            for row in 0..<view.rowCount {
                let entries = view.entries(ofRow: row)
                hash.add(UInt64(entries.count))
                for entry in entries {
                    hash.add(UInt64(view.columnIndices[entry]) << 32 | UInt64(view.values[entry].bitPattern))
                }
            }
        }
        for set in labels?.sets.indices ?? 0..<0 {
            let name = labels?.text(ofSet: set) ?? ""
            hash.add(UInt64(name.utf8.count))
            for byte in name.utf8 { hash.add(UInt64(byte)) }
        }
        for code in labels?.codes ?? [] { hash.add(UInt64(code)) }
        return hash.value
    }
}

/// FNV-1a (Fowler, Noll & Vo) over words instead of bytes; the high half of each product is folded into the low one,
/// which multiplication alone would not affect.
private struct WordHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 32
    }
}
