import SparseMatrices

/// (x − m)/s with the means m and standard deviations s of each column, as fitted to some rows; a column that does not
/// vary is only centred.
struct Standardization {
    private let means: [Float]
    private let inverseDeviations: [Float]

    /// - Complexity: O(rows·columns); sums are in Double and in row order.
    init(fittedTo codes: DenseMatrix) {
        let width = codes.columnCount
        let count = Double(max(1, codes.rowCount))
        var sums = [Double](repeating: 0, count: width)
        var squares = [Double](repeating: 0, count: width)
        codes.withUnsafeElements { x in
            for row in 0..<codes.rowCount {
                for unit in 0..<width { sums[unit] += Double(x[row * width + unit]) }
            }
            for unit in 0..<width { sums[unit] /= count }
            for row in 0..<codes.rowCount {
                for unit in 0..<width {
                    let distance = Double(x[row * width + unit]) - sums[unit]
                    squares[unit] += distance * distance
                }
            }
        }
        means = sums.map { Float($0) }
        inverseDeviations = zip(sums, squares).map { mean, square in
            let deviation = (square / count).squareRoot()
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
