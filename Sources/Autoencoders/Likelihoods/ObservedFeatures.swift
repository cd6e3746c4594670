import SparseMatrices

/// What the training documents say of every feature: what decoders start from.
package struct ObservedFeatures {
    /// The observations of all documents.
    package let matrix: WeightedRows
    /// Those of the training documents.
    package let rows: [Int]
    /// Σ x of every feature.
    package private(set) var sums: [Double]
    private var squares: [Double]

    /// - Parameter matrix: the observations; see `LikelihoodFamily.observation`.
    /// - Complexity: O(features + entries of the rows).
    init(_ matrix: WeightedRows, rows: [Int]) {
        self.matrix = matrix
        self.rows = rows
        sums = Array(repeating: 0, count: matrix.columnCount)
        squares = sums
        matrix.forEachRow(in: rows) { _, columns, values in
            for (i, column) in columns.enumerated() {
                let value = Double(values[i])
                sums[Int(column)] += value
                squares[Int(column)] += value * value
            }
        }
    }

    /// How many documents there are, at least 1.
    package var documents: Double { Double(max(rows.count, 1)) }
    /// Σ x of all features, at least 1.
    package var total: Double { max(sums.reduce(0, +), 1) }

    /// The logarithm of each feature's share of all tokens; a feature that the rows do not have counts half a time.
    package var logShares: [Float] {
        let total = total
        return sums.map { Float(logarithm(max($0, 0.5) / total)) }
    }

    /// The variance of every feature over the rows, entries that are not stored counting as zeros; at least a
    /// thousandth of the mean variance, for features that hardly change.
    package var variances: [Double] {
        let documents = documents
        let plain = zip(sums, squares).map { max(0, $1 / documents - ($0 / documents) * ($0 / documents)) }
        let mean = plain.reduce(0, +) / Double(max(plain.count, 1))
        let least = mean > 0 ? 1e-3 * mean : 1
        return plain.map { min(max($0, least), Double(Float.greatestFiniteMagnitude)) }
    }
}
