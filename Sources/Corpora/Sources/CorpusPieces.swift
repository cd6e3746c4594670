import Dispatch
import FileIO
import SparseMatrices

/// A corpus for a model that exists, read in pieces of some thousand rows: memory holds a few of them, however many
/// rows there are, and of a pipe rows can be had before its end.
///
/// Libsvm and LDA-C of a known index base, text, corpus files, and UCI docword and MatrixMarket files whose entries
/// stand by rows are read as they come. All else is laid out in memory first: other orders, symmetric and transposed
/// matrices, lists of entries from a pipe, `.npz`, and libsvm whose index base only the whole input tells. Together the
/// pieces are what `CorpusReader` makes of the whole, whatever their size.
package final class CorpusPieces {
    /// Rows of all pieces that were handed out.
    package private(set) var rowCount = 0
    /// How many rows there will be, if that is known beforehand.
    package let announcedRowCount: Int?
    /// What the input's indices count from; nil for formats that have none.
    package let indexBase: IndexBase?
    /// What is known and counted of the corpus, once all pieces were handed out; nil until then.
    package private(set) var provenance: CorpusProvenance?
    private let pieces: PieceQueue
    private let rowMultiple: Int
    private var waiting: [Corpus] = []
    private var isAtEnd = false

    /// Bytes of text a piece has at most, apart from a longer line.
    static let mostBytes = 1 << 22

    /// Opens an input.
    ///
    /// - Parameters:
    ///   - path: a file, compressed or not, a folder, or `-` for standard input.
    ///   - options: with a number of features, and for a model.
    ///   - rowMultiple: each piece but the last has a multiple of this many rows.
    /// - Throws: as `CorpusReader.read`; what is wrong further down in the input shows when a piece is asked for.
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

    /// A corpus that is there, in pieces.
    package init(_ corpus: Corpus, rowMultiple: Int = 1) {
        precondition(rowMultiple > 0, "pieces cannot have a multiple of \(rowMultiple) rows")
        announcedRowCount = corpus.rowCount
        indexBase = corpus.provenance.indexBase
        pieces = PieceQueue(CorpusInput(corpus), parallelism: .serial)
        self.rowMultiple = rowMultiple
    }

    /// The next rows, at least one, as wide as the model; nil at the end.
    ///
    /// - Throws: `FileError`; an input without documents is bad data.
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

/// Reads the next piece while the one before is worked on, if there is more than one thread.
///
/// `input` belongs to the reader's queue while it reads, and to the caller in between.
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

    /// The next piece; nil at the end. Not to be called again after that, or after an error.
    func next() throws(FileError) -> Corpus? {
        if parallelism == .serial { return try input.next(parallelism: parallelism) }
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

    /// What is known of the whole, after the last piece; see `CorpusInput.finish`.
    func finish(rowCount: Int) throws(FileError) -> CorpusProvenance { try input.finish(rowCount: rowCount) }
}
