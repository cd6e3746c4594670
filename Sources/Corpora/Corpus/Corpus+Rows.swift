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
                RowLabels(sets: labels.sets, codes: selection.map { labels.codes[$0] })
            },
            ids: ids.map { ids in selection.map { ids[$0] } }, qids: qids.map { qids in selection.map { qids[$0] } },
            weights: weights.map { weights in selection.map { weights[$0] } }, vocabulary: vocabulary,
            textOptions: textOptions, provenance: provenance)
    }

    /// A run of documents, whose entries are shared.
    func sharedRows(_ rows: Range<Int>) -> Corpus {
        if rows == 0..<rowCount { return self }
        return Corpus(
            matrix: matrix.sharedRows(rows),
            labels: labels.map { RowLabels(sets: $0.sets, codes: Array($0.codes[rows])) },
            ids: ids.map { Array($0[rows]) }, qids: qids.map { Array($0[rows]) },
            weights: weights.map { Array($0[rows]) }, vocabulary: vocabulary, textOptions: textOptions,
            provenance: provenance)
    }
}
