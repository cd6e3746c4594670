import FileIO
import SparseMatrices

/// Documents that were counted, and the columns that their features get; one step before a matrix or a corpus file.
struct CountedText {
    let vocabulary: Vocabulary
    let textOptions: TextOptions
    var provenance: CorpusProvenance
    private var documents: [CountedDocuments]
    /// For each feature its column, or `FeatureSelection.none`; nil if features are columns.
    private let columns: [UInt32]?
    private let labels: RowLabels?
    private let ids: [String]?
    /// The next part and its first row.
    private var (part, row) = (0, 0)

    init(_ counting: TextCounting, vocabulary: Vocabulary, columns: [UInt32]?, textOptions: TextOptions) {
        self.vocabulary = vocabulary
        self.textOptions = textOptions.remembering(counting.names)
        self.columns = columns
        documents = counting.documents
        labels = counting.labels.rowLabels
        ids = counting.ids
        provenance = counting.provenance
        provenance.rowsWithoutLabel = labels?.codes.count { $0 == RowLabels.none } ?? 0
        provenance.wordLabels = labels?.names.count(where: Self.isWord) ?? 0
        provenance.rowsWithoutFeatures = documents.reduce(0) { $0 + $1.emptyRows(columns) }
    }

    /// Whether a label is a word rather than a number.
    static func isWord(_ label: String) -> Bool { Double(label) == nil }

    /// The rows of the next parts, at most so many; nil at the end. Their counts are forgotten.
    mutating func next(_ mostParts: Int, parallelism: Parallelism) -> Corpus? {
        if part == documents.count { return nil }
        let parts = part..<part + min(mostParts, documents.count - part)
        let matrix = CSRMatrix(
            counting: Array(documents[parts]), columns: columns, columnCount: vocabulary.count,
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
            provenance: CorpusProvenance(format: ""))
    }
}

extension TextOptions {
    /// The same with the names of a table's columns, unless there are others to be remembered.
    fileprivate func remembering(_ names: [String]?) -> TextOptions {
        var options = self
        options.table?.names = table?.names ?? names
        return options
    }
}

extension CountedDocuments {
    /// How many rows are left without an entry.
    fileprivate func emptyRows(_ columns: [UInt32]?) -> Int {
        var start = 0
        return rowEnds.count { end in
            defer { start = end }
            guard let columns else { return start == end }
            return features[start..<end].allSatisfy { columns[Int($0)] == FeatureSelection.none }
        }
    }
}

/// What became of a text on its way to counts.
package struct TextProvenance: Sendable, Equatable {
    /// Tokens that the pattern found, stop words included.
    package var tokens = 0
    package var stopWordsDropped = 0
    /// Occurrences of features that a given vocabulary doesn't have.
    package var outOfVocabulary = 0
    /// Distinct features that stood in too few documents.
    package var belowMinDF = 0
    /// Distinct features that stood in too many documents.
    package var aboveMaxDF = 0
    /// Distinct features beyond the highest number to keep.
    package var beyondMaxFeatures = 0
    /// Documents with bytes that are not UTF-8; each was read as U+FFFD, which is no part of a word.
    package var documentsRepaired = 0
    /// Lines that were not understood and skipped on request; they are not rows.
    package var badLinesSkipped = 0
    /// Hidden files, and files beside the class folders; they are not rows.
    package var filesSkipped = 0
    /// Fields a line of labelled text, decided from the first lines: 2 or 3.
    package var fields: Int?
    /// What the columns of tab-separated text were taken for, such as `label 1, id 2, text 3`.
    package var columns: String?

    package init() {}

    /// What a user should hear about.
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
