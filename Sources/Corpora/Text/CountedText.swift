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

    init(_ counting: TextCounting, vocabulary: Vocabulary, columns: [UInt32]?, textOptions: TextOptions) {
        self.vocabulary = vocabulary
        self.textOptions = textOptions
        self.columns = columns
        documents = counting.documents
        labels = counting.labels.rowLabels
        ids = counting.ids
        provenance = counting.provenance
        provenance.rowsWithoutLabel = labels?.codes.count { $0 == RowLabels.none } ?? 0
        provenance.wordLabels = labels?.names.count { Double($0) == nil } ?? 0
        provenance.rowsWithoutFeatures = documents.reduce(0) { $0 + $1.emptyRows(columns) }
    }

    func corpus(parallelism: Parallelism) -> Corpus {
        let matrix = CSRMatrix(
            counting: documents, columns: columns, columnCount: vocabulary.count, parallelism: parallelism)
        return Corpus(
            matrix: matrix, labels: labels, ids: ids, vocabulary: vocabulary, textOptions: textOptions,
            provenance: provenance)
    }

    /// Appends the rows to a corpus file, a part after the other; the counts are forgotten on the way.
    mutating func append(to spools: RowSpools, parallelism: Parallelism) throws(FileError) {
        var row = 0
        let partsAtOnce = 4 * parallelism.threads
        for first in stride(from: 0, to: documents.count, by: partsAtOnce) {
            let parts = first..<min(documents.count, first + partsAtOnce)
            let matrix = CSRMatrix(
                counting: Array(documents[parts]), columns: columns, columnCount: vocabulary.count,
                parallelism: parallelism)
            for part in parts { documents[part] = CountedDocuments() }
            let rows = row..<row + matrix.rowCount
            let annotations = RowSpools.Annotations(
                labels: labels.map { labels in rows.map { labels.labels(ofRow: $0) } }, ids: ids.map { Array($0[rows]) })
            try matrix.withUnsafeView { view throws(FileError) in try spools.append(view, annotations) }
            row = rows.upperBound
        }
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
