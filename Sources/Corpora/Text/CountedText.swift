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
