import FileIO
import SparseMatrices

/// Counted documents and the columns of their features, from which a matrix or a corpus file is created.
struct CountedText {
    /// nil if the columns have no names.
    let vocabulary: Vocabulary?
    private let columnCount: Int
    let textOptions: TextOptions
    var provenance: CorpusProvenance
    private var documents: [CountedDocuments]
    /// The column of each feature, or `FeatureSelection.none`; nil if features are columns.
    private let columns: [UInt32]?
    private let labels: RowLabels?
    private let ids: [String]?
    private let texts: [String]?
    /// The next part and the number of its first row.
    private var (part, row) = (0, 0)

    /// - Parameter hashing: how features are hashed to columns, in place of `columns`.
    init(
        _ counting: TextCounting, vocabulary: Vocabulary?, columns: [UInt32]? = nil, hashing: FeatureHashing? = nil,
        textOptions: TextOptions
    ) {
        precondition(vocabulary != nil || hashing != nil, "the number of columns is not known")
        self.vocabulary = vocabulary
        columnCount = hashing?.columnCount ?? vocabulary?.count ?? 0
        self.textOptions = textOptions.remembering(counting.names)
        self.columns = columns
        if let hashing {
            let hashed = hashing.columns(of: counting.vocabulary)
            documents = counting.documents.map { $0.gathered(in: hashed) }
        } else {
            documents = counting.documents
        }
        labels = counting.labels.rowLabels
        ids = counting.ids
        texts = counting.texts
        provenance = counting.provenance
        provenance.rowsWithoutLabel = labels?.codes.count { $0 == RowLabels.none } ?? 0
        provenance.wordLabels = labels?.names.count(where: Self.isWord) ?? 0
        provenance.rowsWithoutFeatures = documents.reduce(0) { $0 + $1.emptyRows(columns) }
    }

    /// Whether a label is a word rather than a number.
    static func isWord(_ label: String) -> Bool { Double(label) == nil }

    /// The rows of the next parts, at most `mostParts`; nil at the end. Their counts are freed.
    mutating func next(_ mostParts: Int, parallelism: Parallelism) -> Corpus? {
        if part == documents.count { return nil }
        let parts = part..<part + min(mostParts, documents.count - part)
        let matrix = CSRMatrix(
            counting: Array(documents[parts]), columns: columns, columnCount: columnCount,
            parallelism: parallelism)
        for part in parts { documents[part] = CountedDocuments() }
        let rows = row..<row + matrix.rowCount
        part = parts.upperBound
        row = rows.upperBound
        let isAll = parts.count == documents.count
        return Corpus(
            matrix: matrix,
            labels: isAll ? labels : labels.map { RowLabels(sets: $0.sets, codes: Array($0.codes[rows])) },
            ids: isAll ? ids : ids.map { Array($0[rows]) }, vocabulary: vocabulary, textOptions: textOptions,
            provenance: CorpusProvenance(format: "")
        ).keeping(isAll ? texts : texts.map { Array($0[rows]) })
    }
}

extension TextOptions {
    /// The same options with the names of a table's columns, unless they already have names.
    fileprivate func remembering(_ names: [String]?) -> TextOptions {
        var options = self
        options.table?.names = table?.names ?? names
        return options
    }
}

extension CountedDocuments {
    /// The number of rows without entries in the given columns.
    fileprivate func emptyRows(_ columns: [UInt32]?) -> Int {
        var start = 0
        return rowEnds.count { end in
            defer { start = end }
            guard let columns else { return start == end }
            return features[start..<end].allSatisfy { columns[Int($0)] == FeatureSelection.none }
        }
    }
}

/// Statistics of counting text.
package struct TextProvenance: Sendable, Equatable {
    /// The number of tokens found by the pattern, including stop words.
    package var tokens = 0
    package var stopWordsDropped = 0
    /// The number of occurrences of features that are not in a given vocabulary.
    package var outOfVocabulary = 0
    /// The number of distinct features that occur in too few documents.
    package var belowMinDF = 0
    /// The number of distinct features that occur in too many documents.
    package var aboveMaxDF = 0
    /// The number of distinct features removed to keep at most the maximum number.
    package var beyondMaxFeatures = 0
    /// The number of documents with invalid UTF-8; each invalid byte was read as U+FFFD, which is not part of any word.
    package var documentsRepaired = 0
    /// The number of invalid lines that were skipped on request; they are not rows.
    package var badLinesSkipped = 0
    /// The number of hidden files and files beside the class folders; they are not rows.
    package var filesSkipped = 0
    /// The number of fields per line of labelled text, determined from the first lines: 2 or 3.
    package var fields: Int?
    /// The use of the columns of tab-separated text, such as `label 1, id 2, text 3`.
    package var columns: String?

    package init() {}

    /// Warnings for the user.
    var warnings: [String] {
        [
            sentence(
                documentsRepaired, "document was not valid UTF-8; its invalid bytes were taken for separators",
                "documents were not valid UTF-8; their invalid bytes were taken for separators"),
            sentence(
                badLinesSkipped, "bad line was skipped; it is not a document",
                "bad lines were skipped; they are not documents"),
            sentence(
                filesSkipped, "file is hidden or stands beside the class folders; it is not a document",
                "files are hidden or stand beside the class folders; they are not documents"),
            sentence(
                outOfVocabulary, "word is not in the vocabulary and was left out",
                "words are not in the vocabulary and were left out"),
        ].compactMap { $0 }
    }
}
