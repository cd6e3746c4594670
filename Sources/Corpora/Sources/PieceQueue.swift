import Dispatch
import FileIO
import SparseMatrices

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
