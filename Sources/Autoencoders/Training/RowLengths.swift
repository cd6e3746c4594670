import SparseMatrices

/// How long the rows of a matrix are that are not empty, on average: what steps and units of length follow.
struct RowLengths {
    /// What `LearningRateSchedule.peak(for:)` says.
    let peakRate: Float
    /// √(mean ‖x‖²); 1 if there are no entries.
    let rootMeanSquare: Float

    /// - Complexity: O(entries).
    init(of matrix: WeightedRows) { self.init(of: matrix, rows: 0..<matrix.rowCount) }

    /// Of some of the rows.
    init(of matrix: WeightedRows, rows selection: some Sequence<Int>) {
        var (absolutes, squares, rows) = (0.0, 0.0, 0)
        matrix.forEachRow(in: selection) { _, _, values in
            if values.isEmpty { return }
            rows += 1
            for value in values { absolutes += Double(abs(value)) }
            squares += values.reduce(0.0) { $0 + Double($1) * Double($1) }
        }
        peakRate = absolutes > 0 ? Float(0.01 * Double(rows) / absolutes) : 0.01
        rootMeanSquare = squares > 0 ? Float((squares / Double(rows)).squareRoot()) : 1
    }
}
