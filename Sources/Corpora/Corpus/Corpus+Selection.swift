import FileIO
import SparseMatrices

extension Corpus {
    /// The given documents, in the given order, with their labels, ids, query ids and weights; the number of columns
    /// and the vocabulary are unchanged.
    ///
    /// - Precondition: each number is a row of the corpus.
    /// - Complexity: O(rows + entries selected).
    public func rows(_ selection: some RandomAccessCollection<Int>) -> Corpus {
        Corpus(
            matrix: matrix.rows(selection),
            labels: labels.map { labels in
                RowLabels(sets: labels.sets, codes: selection.map { labels.codes[$0] })
            },
            ids: ids.map { ids in selection.map { ids[$0] } }, qids: qids.map { qids in selection.map { qids[$0] } },
            weights: weights.map { weights in selection.map { weights[$0] } }, vocabulary: vocabulary,
            textOptions: textOptions, provenance: provenance
        ).keeping(texts.map { texts in selection.map { texts[$0] } })
    }

    /// A range of documents, sharing their entries.
    func sharedRows(_ rows: Range<Int>) -> Corpus {
        if rows == 0..<rowCount { return self }
        return Corpus(
            matrix: matrix.sharedRows(rows),
            labels: labels.map { RowLabels(sets: $0.sets, codes: Array($0.codes[rows])) },
            ids: ids.map { Array($0[rows]) }, qids: qids.map { Array($0[rows]) },
            weights: weights.map { Array($0[rows]) }, vocabulary: vocabulary, textOptions: textOptions,
            provenance: provenance
        ).keeping(texts.map { Array($0[rows]) })
    }
}

extension Corpus {
    /// The same rows with another number of columns.
    ///
    /// - Parameter dropping: whether entries beyond the last column are left out and counted.
    /// - Throws: `FileError.badData` about `name` if there are entries beyond the last column, or a larger declared
    ///   number of columns, and they are not to be dropped.
    func fitted(to width: Int, dropping: Bool, name: String) throws(FileError) -> Corpus {
        if featureCount <= width { return widened(to: width) }
        guard dropping else { throw Self.tooWide(featureCount, width, name: name) }
        let words = vocabulary.map { Vocabulary(words: Array($0.words.prefix(width))) }
        return try remapped(to: width, name: name, vocabulary: words) { $0 < width ? UInt32($0) : nil }
    }

    /// The error for a vocabulary that has fewer words than there are columns.
    static func tooFewWords(_ wordCount: Int, _ width: Int, name: String) -> FileError {
        .badData(
            BadData(
                path: name, found: "\(wordCount) columns with a word each",
                expected: "a word for each of the \(width) columns that \(setting: "features") asks for",
                advice: "leave \(setting: "features") out, or give a \(setting: "vocabulary") of that many words"))
    }

    static func tooWide(_ columnCount: Int, _ width: Int, name: String) -> FileError {
        .badData(
            BadData(
                path: name, found: "\(columnCount) columns", expected: "at most \(width)",
                advice: "give \(setting: "features") the number of columns that all files have"))
    }

    /// The same documents with the columns of another vocabulary: columns are matched by their words; entries of words
    /// that it does not have are left out and counted.
    ///
    /// - Throws: `FileError.badData` about `name` if the sum of values of the same word exceeds the range of Float.
    /// - Complexity: O(entries + words).
    public func aligned(to other: Vocabulary, name: String) throws(FileError) -> Corpus {
        guard let vocabulary else { return self }
        if vocabulary.begins(like: other, count: featureCount) {
            return featureCount <= other.count ? widened(to: other.count).renamed(other) : self
        }
        // Older corpus files and models may have duplicate words, for which the column is ambiguous.
        for words in [vocabulary, other] {
            guard let (first, second) = words.firstRepetition else { continue }
            throw .badData(
                BadData(
                    path: name, found: "columns \(first + 1) and \(second + 1) of the same word '\(words[first])'",
                    expected: "distinct words, by which columns are matched to the model's",
                    advice: "make the corpus again with words that differ"))
        }
        let columns = other.columnsByWord
        let targets = vocabulary.words.map { columns[$0].map(UInt32.init) }
        var corpus = try remapped(to: other.count, name: name, vocabulary: other) { targets[$0] }
        corpus.provenance.notes.append("columns were matched to the model's by their words")
        return corpus
    }

    /// Moves entries to the columns that `target` returns; entries for which it returns none are left out and counted.
    private func remapped(
        to width: Int, name: String, vocabulary: Vocabulary?, _ target: (Int) -> UInt32?
    ) throws(FileError) -> Corpus {
        let offsets = AlignedBuffer<Int>(uninitialized: rowCount + 1)
        var (columns, values) = ([UInt32](), [Float]())
        columns.reserveCapacity(matrix.entryCount)
        values.reserveCapacity(matrix.entryCount)
        offsets.elements[0] = 0
        matrix.withUnsafeView { view in
            for row in 0..<view.rowCount {
                for entry in view.entries(ofRow: row) {
                    guard let column = target(Int(view.columnIndices[entry])) else { continue }
                    columns.append(column)
                    values.append(view.values[entry])
                }
                offsets.elements[row + 1] = columns.count
            }
        }
        var provenance = provenance
        provenance.excessFeaturesDropped += matrix.entryCount - columns.count
        let entries = RowMajorEntries(
            rowCount: rowCount, columnCount: width, rowOffsets: offsets, columnIndices: AlignedBuffer(columns),
            values: AlignedBuffer(values))
        let tidy = try Corpus(entries, provenance: provenance, name: name, parallelism: .serial)
        return Corpus(
            matrix: tidy.matrix, labels: labels, ids: ids, qids: qids, weights: weights, vocabulary: vocabulary,
            textOptions: textOptions, provenance: tidy.provenance
        ).keeping(texts)
    }

    /// The transposed corpus, which is defined only for a matrix without labels, ids, weights or vocabulary.
    func transposed(name: String) throws(FileError) -> Corpus {
        guard labels == nil, ids == nil, qids == nil, weights == nil, vocabulary == nil else {
            throw .badData(
                BadData(
                    path: name, found: "rows with labels, ids or other texts", expected: "a bare matrix to transpose",
                    advice: "do not transpose it: its rows are documents already"))
        }
        let entryBytes = 8 * matrix.entryCount
        try checkMemory(rowCount: featureCount, contentBytes: entryBytes, path: name)
        var provenance = provenance
        provenance.isTransposed.toggle()
        let matrix = matrix.transposed()
        provenance.rowsWithoutFeatures = (0..<matrix.rowCount).count { matrix.entryCount(ofRow: $0) == 0 }
        return Corpus(matrix: matrix, provenance: provenance)
    }
}
