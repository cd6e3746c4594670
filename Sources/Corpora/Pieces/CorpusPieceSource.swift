import FileIO
import SparseMatrices

/// Where pieces of a corpus come from, in the order of the rows.
protocol CorpusPieceSource {
    /// The next rows; a piece may have none. nil at the end.
    ///
    /// Its provenance has what is counted of these rows alone; what is said of all of them stands in `provenance`.
    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus?

    /// What is known of the input besides what is counted in each piece; complete at the end.
    var provenance: CorpusProvenance { get }

    /// How many rows there will be, if that is known beforehand.
    var announcedRowCount: Int? { get }
}

/// Counts the rows without a label of a corpus in which others have one.
struct LabelTally {
    private var rows = 0
    private var labelled = 0

    mutating func add(_ piece: Corpus) {
        rows += piece.rowCount
        labelled += piece.labels?.codes.count { $0 != RowLabels.none } ?? 0
    }

    /// Whether there are rows, and none has a label.
    var isWithoutLabels: Bool { rows > 0 && labelled == 0 }

    var rowsWithoutLabel: Int { labelled == 0 ? 0 : rows - labelled }
}

/// A corpus in memory, or mapped, in pieces.
struct WholeCorpusPieces: CorpusPieceSource {
    private let corpus: Corpus
    private let pieceRows: Int
    private var row = 0

    init(_ corpus: Corpus, pieceRows: Int) {
        self.corpus = corpus
        self.pieceRows = pieceRows
    }

    var announcedRowCount: Int? { corpus.rowCount }
    var provenance: CorpusProvenance { corpus.provenance }

    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        if row == corpus.rowCount { return nil }
        let rows = row..<min(corpus.rowCount, row + pieceRows)
        row = rows.upperBound
        var piece = corpus.sharedRows(rows)
        piece.provenance = CorpusProvenance(format: "")
        return piece
    }
}
