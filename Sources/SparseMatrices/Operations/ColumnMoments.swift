/// The mean and the variance of every column over some rows,
///
///     μ_v = (1/n)·Σ_i x_iv,  σ²_v = (1/n)·Σ_i (x_iv − μ_v)²
///
/// including the zeros that are not stored. Sums are in Double and in the order of the rows. The squared distances from
/// the mean are summed in a second pass, so that a small variance beside a large mean keeps its precision.
package struct ColumnMoments: Sendable {
    package let means: [Double]
    package let variances: [Double]

    /// - Complexity: O(entries of the rows + columns).
    package init(of matrix: WeightedRows, rows: [Int]) {
        self.init(rowCount: rows.count, columnCount: matrix.columnCount) { body in
            matrix.forEachRow(in: rows) { _, columns, values in body(columns, values) }
        }
    }

    /// Over all rows.
    ///
    /// - Complexity: O(rows·columns).
    package init(of matrix: DenseMatrix) {
        let width = matrix.columnCount
        let columns = (0..<width).map { UInt32($0) }
        self.init(rowCount: matrix.rowCount, columnCount: width) { body in
            columns.withUnsafeBufferPointer { columns in
                matrix.withUnsafeElements { elements in
                    for row in 0..<matrix.rowCount {
                        body(columns, UnsafeBufferPointer(start: elements + row * width, count: width))
                    }
                }
            }
        }
    }

    private typealias RowBody = (_ columns: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<Float>) -> Void

    private init(rowCount: Int, columnCount: Int, forEachRow: (RowBody) -> Void) {
        let count = Double(max(1, rowCount))
        var sums = [Double](repeating: 0, count: columnCount)
        forEachRow { columns, values in
            for (i, column) in columns.enumerated() { sums[Int(column)] += Double(values[i]) }
        }
        let means = sums.map { $0 / count }
        var squares = [Double](repeating: 0, count: columnCount)
        // The number of zeros that are not stored, each at a distance of μ from the mean.
        var missing = [Double](repeating: count, count: columnCount)
        forEachRow { columns, values in
            for (i, column) in columns.enumerated() {
                let distance = Double(values[i]) - means[Int(column)]
                squares[Int(column)] += distance * distance
                missing[Int(column)] -= 1
            }
        }
        self.means = means
        variances = means.indices.map { (squares[$0] + missing[$0] * means[$0] * means[$0]) / count }
    }
}
