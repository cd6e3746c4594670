import SparseMatrices

extension Corpus {
    /// The given documents, in the given order, with their labels, ids, query ids and weights; width and vocabulary
    /// stay.
    ///
    /// - Precondition: each number is that of a row.
    /// - Complexity: O(rows + entries selected).
    public func rows(_ selection: some RandomAccessCollection<Int>) -> Corpus {
        Corpus(
            matrix: matrix.rows(selection),
            labels: labels.map { labels in
                RowLabels(names: labels.names, codes: selection.map { labels.codes[$0] })
            },
            ids: ids.map { ids in selection.map { ids[$0] } }, qids: qids.map { qids in selection.map { qids[$0] } },
            weights: weights.map { weights in selection.map { weights[$0] } }, vocabulary: vocabulary,
            textOptions: textOptions, provenance: provenance)
    }
}
