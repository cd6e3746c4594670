import FileIO
import SparseMatrices

/// A corpus that is read once, from its beginning to its end, a chunk of documents at a time: memory holds a few chunks,
/// whatever the number of documents.
///
/// The number of columns must be known before the first document: words are hashed or those of a vocabulary, and indices
/// have a largest number. Where chunks end depends on the documents alone, not on how they arrive.
package final class CorpusStream {
    /// The largest number of documents in a chunk.
    package static let rowsPerChunk = 1 << 14
    /// A chunk has no more entries than this, unless a single document has.
    package static let entriesPerChunk = 1 << 22
    /// How many bits of a word's hash are its column, unless said otherwise.
    package static let usualHashBits = 16

    /// What was read, after the last chunk; nil until then.
    package private(set) var provenance: CorpusProvenance?
    /// Of hashed words, after the last chunk.
    package var hashedWords: HashedWords? { provenance == nil ? nil : pieces.hashedWords }
    package let indexBase: IndexBase?
    private let pieces: PieceQueue
    private var waiting: [CSRMatrix] = []
    private var frame: Corpus?
    private var rowCount = 0
    private var isAtEnd = false

    /// Opens an input.
    ///
    /// - Parameters:
    ///   - path: `-` for standard input, or a file.
    ///   - options: without a vocabulary and without `hashBits`, words are hashed by `usualHashBits`; an index base that
    ///     is not given is 1, since later documents could contradict any other.
    /// - Throws: as `CorpusReader.read` does; errors further down are thrown by `next()`. `FileError.badData` for a format
    ///   whose documents are not lines of text or of indices, and for indices without a largest number.
    package init(_ path: String, options: CorpusReadingOptions, parallelism: Parallelism = .allCores) throws {
        var options = options
        options.pieceSize = CorpusPieces.mostBytes
        let (inputs, formats) = try CorpusReader.recognise([path], options: options)
        if formats[0].format.isText {
            if options.vocabularyPath == nil { options.text.hashBits = options.text.hashBits ?? Self.usualHashBits }
        } else {
            try Self.requireLines(of: formats[0], options, name: inputName(path))
            if options.indexBase == .auto { options.indexBase = .one }
        }
        var input = try CorpusInput(inputs, formats, options: options, handing: .final, parallelism: parallelism)
        _ = try input.begin(parallelism: parallelism)
        indexBase = input.source.provenance.indexBase
        pieces = PieceQueue(input, parallelism: parallelism)
    }

    private static func requireLines(
        of found: RecognisedFormat, _ options: CorpusReadingOptions, name: String
    ) throws(FileError) {
        guard [.libSVM, .ldaC].contains(found.format), !options.isTransposed else {
            throw .badData(
                BadData(
                    path: name, found: "the format \(found.format.rawValue): \(found.reason)",
                    expected:
                        "lines of text, JSON, libsvm or LDA-C, of which each is a document, to learn from in one pass",
                    advice: "give a file, or \(setting: "epochs") to hold all documents in memory"))
        }
        guard options.featureCount != nil else {
            throw .badData(
                BadData(
                    path: name, found: "indices (\(found.format.rawValue)) without a largest number",
                    expected: "\(setting: "features"), since a stream shows its largest index at its end only",
                    advice: "give \(setting: "features"), or \(setting: "epochs") to hold all documents in memory"))
        }
    }

    /// The next documents, at least one, without labels and ids; nil at the end.
    ///
    /// - Throws: `FileError`; an input without documents is an error.
    package func next() throws(FileError) -> Corpus? {
        var (rows, entries) = (0, 0)
        for matrix in waiting { (rows, entries) = (rows + matrix.rowCount, entries + matrix.entryCount) }
        while !isAtEnd, rows < Self.rowsPerChunk, entries < Self.entriesPerChunk {
            guard let piece = try pieces.next() else {
                isAtEnd = true
                provenance = try pieces.finish(rowCount: rowCount + rows)
                break
            }
            frame = frame ?? piece.sharedRows(0..<0)
            waiting.append(piece.matrix)
            (rows, entries) = (rows + piece.rowCount, entries + piece.matrix.entryCount)
        }
        guard rows > 0, let frame else { return nil }
        let all = CSRMatrix(stacking: waiting, columnCount: frame.featureCount)
        let end = Self.end(ofChunkIn: all)
        waiting = end == rows ? [] : [all.rows(end..<rows)]
        rowCount += end
        return Corpus(
            matrix: all.sharedRows(0..<end), vocabulary: frame.vocabulary, textOptions: frame.textOptions,
            provenance: frame.provenance)
    }

    private static func end(ofChunkIn matrix: CSRMatrix) -> Int {
        let most = min(rowsPerChunk, matrix.rowCount)
        return matrix.withUnsafeView { view in
            (1..<most + 1).first { $0 == most || view.rowOffsets[$0 + 1] > entriesPerChunk } ?? most
        }
    }
}
