import FileIO
import SparseMatrices
import TensorFiles

/// Rows of a corpus in temporary files, until it is known how many there are and the corpus file can be written.
final class RowSpools {
    let rowEnds: SpoolFile<Int>
    let columnIndices: SpoolFile<UInt32>
    let values: SpoolFile<Float>
    let labels: SpoolFile<UInt8>
    let ids: SpoolFile<UInt8>
    let qids: SpoolFile<Int>
    let weights: SpoolFile<Float>
    private(set) var state = State()

    /// The state that changes with each row; spools can be reset to an earlier state.
    struct State {
        var rows = 0
        var entries = 0
        var labelBytes = 0
        var idBytes = 0
        var hasLabels = false
        var hasIDs = false
        var hasQueries = false
        var hasWeights = false
        /// The entries whose columns are to be increased by one.
        var shifted: [Range<Int>] = []
    }

    /// Information about rows other than their entries; a list is nil if no row has any.
    struct Annotations {
        /// The labels of each row: none, one or several.
        var labels: [[String]]?
        var ids: [String]?
        var qids: [Int?]?
        var weights: [Float]?
    }

    /// - Throws: `FileError.cannotCreate`.
    init(besides path: String) throws(FileError) {
        rowEnds = try SpoolFile(besides: path)
        columnIndices = try SpoolFile(besides: path)
        values = try SpoolFile(besides: path)
        labels = try SpoolFile(besides: path)
        ids = try SpoolFile(besides: path)
        qids = try SpoolFile(besides: path)
        weights = try SpoolFile(besides: path)
    }

    /// - Precondition: each list has one element for each row.
    private func append(_ rows: CSRView, _ annotations: Annotations) throws(FileError) {
        let entries = rows.allEntries
        let before = state.entries - entries.lowerBound
        try rowEnds.append(contentsOf: rows.rowOffsets.dropFirst().map { before + $0 })
        try columnIndices.append(contentsOf: UnsafeBufferPointer(rebasing: rows.columnIndices[entries]))
        try values.append(contentsOf: UnsafeBufferPointer(rebasing: rows.values[entries]))
        state.rows += rows.rowCount
        state.entries += entries.count
        try append(annotations, rowCount: rows.rowCount)
    }

    /// Appends the rows of a corpus, whose columns may be provisional.
    func append(_ corpus: Corpus) throws(FileError) {
        try corpus.matrix.withUnsafeView { view throws(FileError) in
            // The texts of a block of rows at a time.
            for start in stride(from: 0, to: view.rowCount, by: 1 << 14) {
                let rows = start..<min(view.rowCount, start + (1 << 14))
                try append(
                    view.rows(rows),
                    Annotations(
                        labels: corpus.labels.map { labels in rows.map { labels.labels(ofRow: $0) } },
                        ids: corpus.ids.map { Array($0[rows]) }, qids: corpus.qids.map { Array($0[rows]) },
                        weights: corpus.weights.map { Array($0[rows]) }))
            }
        }
    }

    private func append(_ annotations: Annotations, rowCount: Int) throws(FileError) {
        for count in [
            annotations.labels?.count, annotations.ids?.count, annotations.qids?.count, annotations.weights?.count,
        ] { precondition(count ?? rowCount == rowCount, "\(count ?? 0) annotations for \(rowCount) rows") }
        state.hasLabels = state.hasLabels || annotations.labels != nil
        state.hasIDs = state.hasIDs || annotations.ids != nil
        state.hasQueries = state.hasQueries || annotations.qids != nil
        state.hasWeights = state.hasWeights || annotations.weights != nil
        var (labelLines, idLines) = ([UInt8](), [UInt8]())
        for row in 0..<rowCount {
            EscapedLines.append(list: annotations.labels?[row] ?? [], to: &labelLines)
            EscapedLines.append(annotations.ids?[row] ?? "", to: &idLines)
        }
        try labels.append(contentsOf: labelLines)
        try ids.append(contentsOf: idLines)
        state.labelBytes = labels.count
        state.idBytes = ids.count
        for row in 0..<rowCount {
            try qids.append(annotations.qids.flatMap { $0[row] } ?? CorpusFile.noQuery)
            try weights.append(annotations.weights?[row] ?? 1)
        }
    }

    /// Marks the columns of all entries from a number on to be increased by one, modulo 2³².
    func shiftColumns(ofEntriesFrom first: Int) {
        if first < state.entries { state.shifted.append(first..<state.entries) }
    }

    /// Removes everything that was appended after the state `earlier`.
    func goBack(to earlier: State) throws(FileError) {
        try rowEnds.truncate(to: earlier.rows)
        try columnIndices.truncate(to: earlier.entries)
        try values.truncate(to: earlier.entries)
        try labels.truncate(to: earlier.labelBytes)
        try ids.truncate(to: earlier.idBytes)
        try qids.truncate(to: earlier.rows)
        try weights.truncate(to: earlier.rows)
        state = earlier
    }

    /// The final columns, in pieces.
    func forEachPieceOfColumns(_ body: (UnsafeBufferPointer<UInt32>) throws(FileError) -> Void) throws(FileError) {
        try columnIndices.forEachPiece { piece, first throws(FileError) in
            for range in state.shifted {
                for entry in range.clamped(to: first..<first + piece.count) { piece[entry - first] &+= 1 }
            }
            try body(UnsafeBufferPointer(piece))
        }
    }
}
