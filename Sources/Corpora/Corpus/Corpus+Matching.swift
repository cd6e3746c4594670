import SparseMatrices

extension Corpus {
    /// The same documents in the columns of other features, with those that are new after them.
    ///
    /// Features are matched by their words, or by their numbers if either side has no words.
    ///
    /// - Parameters:
    ///   - words: of the other features; nil if they have none.
    ///   - count: the number of the other features.
    /// - Complexity: O(entries + features); nothing is copied if the columns are the same.
    package func matched(to words: Vocabulary?, count: Int) -> Corpus {
        let wide = widened(to: max(featureCount, vocabulary?.count ?? 0, count))
        guard let words, let own = vocabulary else {
            // The words of one side are those of all features if there are enough.
            let known = [vocabulary, words].compactMap { $0 }.first { $0.count >= wide.featureCount }
            return known.map(wide.renamed) ?? wide.withoutWords
        }
        let columns = words.columnsByWord
        var all = words.words
        let places = own.words.map { word in
            if let column = columns[word] { return UInt32(column) }
            all.append(word)
            return UInt32(all.count - 1)
        }
        let named = Vocabulary(words: all)
        if places.enumerated().allSatisfy({ $0.offset == Int($0.element) }) {
            return widened(to: all.count).renamed(named)
        }
        let matrix = widened(to: own.count).matrix.renumbered(places, columnCount: all.count)
        return Corpus(
            matrix: matrix, labels: labels, ids: ids, qids: qids, weights: weights, vocabulary: named,
            textOptions: textOptions, provenance: provenance
        ).keeping(texts)
    }

    private var withoutWords: Corpus {
        Corpus(
            matrix: matrix, labels: labels, ids: ids, qids: qids, weights: weights, textOptions: textOptions,
            provenance: provenance
        ).keeping(texts)
    }
}
