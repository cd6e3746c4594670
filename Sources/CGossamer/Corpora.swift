import CGossamerInterface
import Corpora
import FileIO
import SparseMatrices

/// What a corpus' handle refers to: the corpus, and its texts in the form that C reads, made when they are first asked
/// for.
final class CorpusObject: Sendable {
    let corpus: Corpus
    private let words: Lazy<TextList>
    private let ids: Lazy<TextList>
    private let labels: Lazy<TextList>

    init(_ corpus: Corpus) {
        self.corpus = corpus
        words = Lazy { TextList(corpus.vocabulary.map { Array($0.words.prefix(corpus.featureCount)) } ?? []) }
        ids = Lazy { TextList(corpus.ids ?? []) }
        labels = Lazy {
            TextList(corpus.labels.map { labels in (0..<corpus.rowCount).map { labels[$0] ?? "" } } ?? [])
        }
    }

    var wordList: TextList { words.value }
    var idList: TextList { ids.value }
    var labelList: TextList { labels.value }
}

@c @implementation
public func gossamer_corpus_read(
    _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
    _ corpus: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let options = try CorpusReadingOptions(try JSONValue.members(options, "options"))
        try give(CorpusObject(try CorpusReader.read(try givenText(path, "path"), options: options)), to: corpus)
    }
}

@c @implementation
public func gossamer_corpus_from_matrix(
    _ matrix: UnsafePointer<gossamer_matrix>?, _ words: UnsafePointer<gossamer_texts>?,
    _ release: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?, _ context: UnsafeMutableRawPointer?,
    _ corpus: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    // Frees the arrays at the end of this call unless the matrix reads them in place, also after an error.
    let memory = CallerMemory(release, context)
    return answering(error) {
        guard let matrix else { throw UsageError("matrix is NULL; expected one") }
        let rows = try CSRMatrix(matrix.pointee, memory)
        var vocabulary: Vocabulary?
        if let words {
            vocabulary = Vocabulary(words: try GivenTexts(words.pointee, "words").strings("words"))
            if vocabulary?.count != rows.columnCount {
                throw UsageError(
                    "words: found \(vocabulary?.count ?? 0); expected \(rows.columnCount), one for each column")
            }
        }
        try give(
            CorpusObject(
                Corpus(matrix: rows, vocabulary: vocabulary, provenance: CorpusProvenance(format: "arrays"))),
            to: corpus)
    }
}

@c @implementation
public func gossamer_corpus_count(
    _ texts: UnsafePointer<gossamer_texts>?, _ options: UnsafePointer<CChar>?,
    _ vocabulary: UnsafePointer<gossamer_texts>?, _ threads: Int32,
    _ corpus: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        guard let texts else { throw UsageError("texts is NULL; expected texts") }
        let documents = try GivenTexts(texts.pointee, "texts")
        let words = try vocabulary.map {
            Vocabulary(words: try GivenTexts($0.pointee, "vocabulary").strings("vocabulary"))
        }
        let reader = try TextCorpusReader(
            try TextOptions(try JSONValue.members(options, "options")), vocabulary: words)
        let counted = try reader.count(documents.count, parallelism: try Parallelism(given: threads)) { documents[$0] }
        try give(CorpusObject(counted), to: corpus)
    }
}

@c @implementation
public func gossamer_corpus_matrix(
    _ corpus: OpaquePointer?, _ matrix: UnsafeMutablePointer<gossamer_matrix>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        guard let matrix else { throw UsageError("the address of the result is NULL; expected one") }
        let rows = try given(corpus, CorpusObject.self, "corpus").corpus.matrix
        try rows.validateEntries()
        // The corpus keeps the arrays alive, at the same addresses.
        rows.withUnsafeView { view in
            matrix.pointee = gossamer_matrix(
                rows: Int64(view.rowCount), columns: Int64(view.columnCount), indptr: view.rowOffsets.baseAddress,
                indices: view.columnIndices.baseAddress, data: view.values.baseAddress, indptr_type: 2,
                indices_type: 3, data_type: 4)
        }
    }
}

@c @implementation
public func gossamer_corpus_words(
    _ corpus: OpaquePointer?, _ words: UnsafeMutablePointer<gossamer_texts>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) { try given(corpus, CorpusObject.self, "corpus").wordList.give(to: words) }
}

@c @implementation
public func gossamer_corpus_ids(
    _ corpus: OpaquePointer?, _ ids: UnsafeMutablePointer<gossamer_texts>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) { try given(corpus, CorpusObject.self, "corpus").idList.give(to: ids) }
}

@c @implementation
public func gossamer_corpus_labels(
    _ corpus: OpaquePointer?, _ labels: UnsafeMutablePointer<gossamer_texts>?,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) { try given(corpus, CorpusObject.self, "corpus").labelList.give(to: labels) }
}

@c @implementation
public func gossamer_corpus_number_labels(
    _ corpus: OpaquePointer?, _ labels: UnsafeMutablePointer<Double>?, _ count: Int64,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let corpus = try given(corpus, CorpusObject.self, "corpus").corpus
        let place = try place(labels, count, needed: corpus.rowCount, "labels")
        guard let labels = corpus.labels else { throw ArrayError("the corpus has no labels") }
        let numbers = try labels.sets.map { set in
            guard set.count == 1, let number = Double(set[0]) else {
                throw ArrayError("found the label \(set.joined(separator: ",")); expected numbers, one a row")
            }
            return number
        }
        for (row, code) in labels.codes.enumerated() {
            place[row] = code == RowLabels.none ? .nan : numbers[Int(code)]
        }
    }
}

@c @implementation
public func gossamer_corpus_qids(
    _ corpus: OpaquePointer?, _ qids: UnsafeMutablePointer<Int64>?, _ count: Int64,
    _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let corpus = try given(corpus, CorpusObject.self, "corpus").corpus
        let place = try place(qids, count, needed: corpus.rowCount, "qids")
        for row in 0..<corpus.rowCount { place[row] = Int64(corpus.qids?[row] ?? -1) }
    }
}

@c @implementation
public func gossamer_corpus_write(
    _ corpus: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> gossamer_status {
    answering(error) {
        let path = try givenText(path, "path")
        try CorpusOutputFormat(path: path).write(try given(corpus, CorpusObject.self, "corpus").corpus, to: path)
    }
}

@c @implementation
public func gossamer_corpus_free(_ corpus: OpaquePointer?) { free(corpus, CorpusObject.self) }
