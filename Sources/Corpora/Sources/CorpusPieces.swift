import Dispatch
import FileIO
import SparseMatrices

/// A corpus for an existing model, read in pieces of a few thousand rows: memory holds a few pieces, whatever the
/// number of rows, and rows of a pipe are available before its end.
///
/// Libsvm and LDA-C with a known index base, text, corpus files, and UCI docword and MatrixMarket files whose entries
/// are sorted by rows are read piece by piece. Everything else is read into memory first: other orders, symmetric and
/// transposed matrices, lists of entries from a pipe, `.npz`, and libsvm whose index base is known only after the whole
/// input has been read. Together the pieces are the same as the corpus that `CorpusReader` reads, whatever their size.
package final class CorpusPieces {
    /// The number of rows of all pieces returned so far.
    package private(set) var rowCount = 0
    /// The number of rows, if it is known in advance.
    package let announcedRowCount: Int?
    /// The index base of the input; nil for formats that have none.
    package let indexBase: IndexBase?
    /// The provenance of the corpus, after all pieces have been returned; nil until then.
    package private(set) var provenance: CorpusProvenance?
    private let pieces: PieceQueue
    private let rowMultiple: Int
    private var waiting: [Corpus] = []
    private var isAtEnd = false

    /// The maximum number of bytes of text in a piece, unless a single line is longer.
    static let mostBytes = 1 << 22

    /// Opens an input.
    ///
    /// - Parameters:
    ///   - path: a file, compressed or not, a folder, or `-` for standard input.
    ///   - options: the reading options of a model, with a number of features.
    ///   - rowMultiple: each piece but the last has a multiple of this many rows.
    /// - Throws: as `CorpusReader.read` does; errors further down in the input are thrown by `next()`.
    package init(
        _ path: String, options: CorpusReadingOptions, rowMultiple: Int = 1, parallelism: Parallelism = .allCores
    ) throws {
        precondition(options.isForModel && options.featureCount != nil, "pieces have the width of a model")
        precondition(rowMultiple > 0, "pieces cannot have a multiple of \(rowMultiple) rows")
        var options = options
        options.pieceSize = min(options.pieceSize, Self.mostBytes)
        let (inputs, formats) = try CorpusReader.recognise([path], options: options)
        var input = try CorpusInput(inputs, formats, options: options, handing: .final, parallelism: parallelism)
        announcedRowCount = try input.begin(parallelism: parallelism)
        indexBase = input.source.provenance.indexBase
        pieces = PieceQueue(input, parallelism: parallelism)
        self.rowMultiple = rowMultiple
    }

    /// A corpus in memory, in pieces.
    package init(_ corpus: Corpus, rowMultiple: Int = 1) {
        precondition(rowMultiple > 0, "pieces cannot have a multiple of \(rowMultiple) rows")
        announcedRowCount = corpus.rowCount
        indexBase = corpus.provenance.indexBase
        pieces = PieceQueue(CorpusInput(corpus), parallelism: .serial)
        self.rowMultiple = rowMultiple
    }

    /// The next rows, at least one, with the model's number of columns; nil at the end.
    ///
    /// - Throws: `FileError`; an input without documents is an error.
    package func next() throws(FileError) -> Corpus? {
        var rows = waiting.reduce(0) { $0 + $1.rowCount }
        while !isAtEnd, rows < rowMultiple {
            guard let piece = try pieces.next() else {
                isAtEnd = true
                provenance = try pieces.finish(rowCount: rowCount + rows)
                break
            }
            if piece.rowCount > 0 { waiting.append(piece) }
            rows += piece.rowCount
        }
        if rows == 0 { return nil }
        let all = try Corpus.joined(waiting, names: waiting.map { _ in "" })
        let whole = isAtEnd ? rows : rows / rowMultiple * rowMultiple
        waiting = whole == rows ? [] : [all.sharedRows(whole..<rows)]
        rowCount += whole
        return all.sharedRows(0..<whole)
    }
}

/// Reads the next piece while the previous one is processed, if there is more than one thread.
///
/// `input` is used only by the reader's queue while it reads, and only by the caller otherwise.
final class PieceQueue: @unchecked Sendable {
    private var input: CorpusInput
    private let parallelism: Parallelism
    private let reader = DispatchQueue(label: "gossamer.pieces")
    private let isRead = DispatchSemaphore(value: 0)
    private var piece: Result<Corpus?, FileError> = .success(nil)
    private var isReading = false

    init(_ input: CorpusInput, parallelism: Parallelism) {
        self.input = input
        self.parallelism = parallelism
    }

    /// The next piece; nil at the end. Must not be called again after that, or after an error.
    func next() throws(FileError) -> Corpus? {
        if parallelism.usableThreads == 1 { return try input.next(parallelism: parallelism) }
        if !isReading { read() }
        isRead.wait()
        isReading = false
        let next = try piece.get()
        piece = .success(nil)
        if next != nil { read() }
        return next
    }

    private func read() {
        isReading = true
        reader.async { [self] in
            piece = Result { () throws(FileError) in try input.next(parallelism: parallelism) }
            isRead.signal()
        }
    }

    /// See `CorpusSource.hashedWords`; after the last piece.
    var hashedWords: HashedWords? { input.source.hashedWords }

    /// The provenance of the whole input, after the last piece; see `CorpusInput.finish`.
    func finish(rowCount: Int) throws(FileError) -> CorpusProvenance { try input.finish(rowCount: rowCount) }
}
