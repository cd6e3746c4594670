import FileIO
import SparseMatrices

extension Corpus {
    /// The same documents in the columns of other features, with those that are new after them.
    ///
    /// Features are matched by their words, or by their numbers if either side has no words.
    ///
    /// - Parameters:
    ///   - words: of the other features; nil if they have none.
    ///   - count: the number of the other features.
    /// - Throws: `FileError.badData` if a word names two columns, if only the others have words, and not for all columns, or
    ///   if only these have words, and for other than all columns.
    /// - Complexity: O(entries + features); nothing is copied if the columns are the same.
    package func matched(to words: Vocabulary?, count: Int) throws(FileError) -> Corpus {
        // The words of hashed columns are names of them, and the same word has the same column everywhere.
        if textOptions?.hashBits != nil, featureCount == count { return words.map(renamed) ?? self }
        try requireMatchable(to: words, count: count)
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

    private func requireMatchable(to words: Vocabulary?, count: Int) throws(FileError) {
        func bad(found: String, expected: Message, advice: Message) -> FileError {
            .badData(BadData(path: "the corpus", found: found, expected: expected, advice: advice))
        }
        guard let words else {
            // Words of as many columns are those of the same columns; of others nobody knows where they belong.
            guard let own = vocabulary, max(own.count, featureCount) != count else { return }
            throw bad(
                found: "words for \(own.count) columns", expected: "\(count) columns, as the model has no words",
                advice: "give the model's columns, with their words or without, or go on from a model with words")
        }
        if vocabulary == nil, featureCount > words.count {
            throw bad(
                found: "\(featureCount) columns without words",
                expected: "at most \(words.count), as the model has words",
                advice: "give the words of the columns, so that new ones have names")
        }
        guard let own = vocabulary else { return }
        for words in [own, words] {
            guard let (first, second) = words.firstRepetition else { continue }
            throw bad(
                found: "columns \(first + 1) and \(second + 1) of the same word '\(words[first])'",
                expected: "distinct words, by which columns are matched to the model's",
                advice: "make the corpus again with words that differ")
        }
    }

    private var withoutWords: Corpus {
        Corpus(
            matrix: matrix, labels: labels, ids: ids, qids: qids, weights: weights, textOptions: textOptions,
            provenance: provenance
        ).keeping(texts)
    }
}
