import FileIO
import SparseMatrices

/// MatrixMarket and UCI docword files whose entries stand by rows, piece by piece.
struct TripletPieces: CorpusPieceSource {
    private var stream: TripletStream
    private var rows: RowMajorImport
    /// What was read to see how the entries stand.
    private var first: [[CoordinatePiece]]
    private let isUCI: Bool
    private var isAtEnd = false

    /// - Returns: nil if the file has to be read as a whole: entries in another order, a symmetric matrix, or an input
    ///   that cannot be read twice. What is longer than a piece is gone through once more beforehand, since rows that
    ///   were handed out cannot be taken back.
    /// - Throws: `FileError`.
    init?(
        _ path: String, format: CorpusFormat, options: CorpusReadingOptions, parallelism: Parallelism
    ) throws(FileError) {
        guard path != "-", FileKind(path: path) == .file else { return nil }
        stream = try TripletStream(path, format: format, pieceSize: options.pieceSize)
        if stream.head.mirroring != .none { return nil }
        first = []
        while first.count < 2, let entries = try stream.next(parallelism: parallelism) { first.append(entries) }
        let isShort = first.count < 2
        var rest = try isShort ? nil : TripletStream(path, format: format, pieceSize: options.pieceSize)
        var row = 0
        var next = isShort ? first.first : try rest?.next(parallelism: parallelism)
        while let entries = next {
            guard entries.allSatisfy({ $0.isInOrder(from: &row) }) else { return nil }
            next = isShort ? nil : try rest?.next(parallelism: parallelism)
        }
        isUCI = format == .uci
        rows = RowMajorImport(
            rowCount: stream.head.lines.rowCount, columnCount: stream.head.lines.columnCount, name: stream.name,
            provenance: CorpusProvenance(format: format.rawValue))
        first.reverse()
    }

    var announcedRowCount: Int? { rows.rowCount }

    var provenance: CorpusProvenance {
        var provenance = rows.provenance
        if isUCI { provenance.blankLines = stream.counts.blankLines }
        provenance.valuesRounded = stream.counts.valuesRounded
        return provenance
    }

    mutating func next(parallelism: Parallelism) throws(FileError) -> Corpus? {
        if isAtEnd { return nil }
        var entries = first.popLast()
        if entries == nil { entries = try stream.next(parallelism: parallelism) }
        var matrices: [CSRMatrix] = []
        if let entries {
            matrices = try rows.add(entries, parallelism: parallelism) ?? []
        } else {
            isAtEnd = true
            matrices = try rows.finish(parallelism: parallelism)
        }
        return Corpus(
            matrix: CSRMatrix(stacking: matrices, columnCount: rows.columnCount),
            provenance: CorpusProvenance(format: rows.provenance.format))
    }
}
