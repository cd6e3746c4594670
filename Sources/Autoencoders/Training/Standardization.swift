import SparseMatrices

/// Dense data as the squared error should see them: every feature with mean 0 and variance 1 over the training rows,
///
///     x′_v = (x_v − μ_v)/σ_v
///
/// Of a document most features are zeros that mean something, and their scale is that of the words' weights. A table
/// in which most entries are stored has columns in whatever units they came in: the squared error would be about the
/// column with the largest numbers, and all documents would point in the direction of the means. The finished model
/// takes x as it comes, for the encoder's weights and biases take (x − μ)/σ over, and the decoder's turn it back. The
/// least-squares decoder of a code is the same for any scale of the features, each of which has its own row of D.
struct Standardization: Sendable {
    /// μ: features.
    private let means: [Float]
    /// σ: features; the root mean square where a feature hardly changes, and 1 where it is always zero.
    private let deviations: [Float]

    /// A deviation below this share of the root mean square is taken for rounding errors of a constant.
    private static let leastRelativeDeviation = 1e-4

    /// - Complexity: O(entries selected + features).
    init(of matrix: WeightedRows, rows: [Int]) {
        var sums = [Double](repeating: 0, count: matrix.columnCount)
        matrix.forEachRow(in: rows) { _, columns, values in
            for (i, column) in columns.enumerated() { sums[Int(column)] += Double(values[i]) }
        }
        let count = Double(max(1, rows.count))
        let means = sums.map { $0 / count }
        // Of the stored entries; those that are not are zeros, each of them μ away from the mean.
        var squares = sums.map { _ in 0.0 }
        var stored = sums.map { _ in 0.0 }
        matrix.forEachRow(in: rows) { _, columns, values in
            for (i, column) in columns.enumerated() {
                let difference = Double(values[i]) - means[Int(column)]
                squares[Int(column)] += difference * difference
                stored[Int(column)] += 1
            }
        }
        self.means = means.map { Float($0) }
        deviations = means.indices.map { feature in
            let mean = means[feature]
            let variance = (squares[feature] + (count - stored[feature]) * mean * mean) / count
            let size = (variance + mean * mean).squareRoot()
            let deviation = variance.squareRoot()
            let chosen = deviation > Self.leastRelativeDeviation * size ? deviation : size
            return chosen >= Double(Float.leastNormalMagnitude) ? Float(chosen) : 1
        }
    }

    /// The standardised rows, every entry of them stored.
    ///
    /// - Complexity: O(rows·features), of time and of memory; at most twice the entries of dense data.
    func apply(to matrix: WeightedRows) -> CSRMatrix {
        let (rows, features) = (matrix.rowCount, matrix.columnCount)
        let values = AlignedBuffer<Float>(uninitialized: rows * features)
        let columnIndices = AlignedBuffer<UInt32>(uninitialized: rows * features)
        let zeros = (0..<features).map { -means[$0] / deviations[$0] }
        matrix.forEachRow(in: 0..<rows) { row, columns, stored in
            let target = values.baseAddress + row * features
            for feature in 0..<features {
                target[feature] = zeros[feature]
                columnIndices.baseAddress[row * features + feature] = UInt32(feature)
            }
            for (i, column) in columns.enumerated() {
                let feature = Int(column)
                target[feature] = (stored[i] - means[feature]) / deviations[feature]
            }
        }
        return CSRMatrix(
            validRowCount: rows, columnCount: features,
            rowOffsets: AlignedBuffer((0...rows).map { $0 * features }), columnIndices: columnIndices, values: values)
    }

    /// A model of standardised rows as one of the rows as they come:
    ///
    ///     W ← diag(1/σ)·W,  b ← b − Wᵀμ with that W,  D ← diag(σ)·D,  c ← σ·c + μ
    ///
    /// - Complexity: O(features·H₁), H₁ the width of the input layer.
    func fold(into model: inout SparseAutoencoder) {
        model.encoder.input.weights.scale(rows: deviations.map { 1 / $0 })
        let width = model.encoder.input.width
        var shifts = [Double](repeating: 0, count: width)
        model.encoder.input.weights.withUnsafeElements { weights in
            for (feature, mean) in means.enumerated() {
                for unit in 0..<width { shifts[unit] += Double(mean) * Double(weights[feature * width + unit]) }
            }
        }
        model.encoder.input.bias = zip(model.encoder.input.bias, shifts).map { Float(Double($0) - $1) }
        model.decoder.rescale(features: deviations)
        model.decoder.bias = zip(model.decoder.bias, means).map { $0 + $1 }
    }
}
