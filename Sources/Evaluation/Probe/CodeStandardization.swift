import SparseMatrices

/// (x − m)/s with the means m and standard deviations s of each column, as fitted to some rows; a column that does not
/// vary is only centred.
struct CodeStandardization {
    private let means: [Float]
    private let inverseDeviations: [Float]

    /// - Complexity: O(rows·columns).
    init(fittedTo codes: DenseMatrix) {
        let moments = ColumnMoments(of: codes)
        means = moments.means.map { Float($0) }
        inverseDeviations = zip(moments.means, moments.variances).map { mean, variance in
            let deviation = variance.squareRoot()
            // What rounding leaves of a constant is no variance.
            return deviation > 1e-7 * abs(mean) && deviation > 0 ? Float(1 / deviation) : 1
        }
    }

    /// The standardised rows, each followed by a one for the intercept: rows × (columns + 1).
    func design(of codes: DenseMatrix) -> DenseMatrix {
        let width = codes.columnCount
        precondition(width == means.count, "\(width) columns for a standardization of \(means.count)")
        var design = DenseMatrix(rowCount: codes.rowCount, columnCount: width + 1, repeating: 1)
        design.withUnsafeMutableElements { target in
            codes.withUnsafeElements { x in
                for row in 0..<codes.rowCount {
                    for unit in 0..<width {
                        target[row * (width + 1) + unit] =
                            (x[row * width + unit] - means[unit]) * inverseDeviations[unit]
                    }
                }
            }
        }
        return design
    }
}

extension DenseMatrix {
    /// The given rows, in the given order.
    func rows(_ selection: [Int]) -> DenseMatrix {
        var result = DenseMatrix(rowCount: selection.count, columnCount: columnCount)
        result.withUnsafeMutableElements { target in
            withUnsafeElements { source in
                for (i, row) in selection.enumerated() {
                    (target + i * columnCount).update(from: source + row * columnCount, count: columnCount)
                }
            }
        }
        return result
    }
}
