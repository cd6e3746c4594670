import RealModule
import SparseMatrices

/// The standardisation of dense data, for the squared error and the Gaussian likelihood: every feature has mean 0 and
/// variance 1 over the training rows,
///
///     x′_v = (x_v − μ_v)/σ_v
///
/// In documents most features are zeros, which are meaningful, and the scale of features is that of the words' weights.
/// In a table in which most entries are stored, columns have arbitrary units: the squared error would be dominated by
/// the column with the largest numbers, and all documents would point in the direction of the means. The finished model
/// takes x without standardisation: (x − μ)/σ is folded into the weights and biases of the encoder, and its inverse
/// into those of the decoder. The least-squares decoder of a code is the same for any scale of the features, since each
/// has a separate row of D.
struct FeatureStandardization: Sendable {
    /// μ: features.
    private let means: [Float]
    /// σ: features; the root mean square for a nearly constant feature, and 1 for a feature that is always zero.
    private let deviations: [Float]

    /// A standard deviation below this fraction of the root mean square is attributed to rounding of a constant.
    private static let leastRelativeDeviation = 1e-4

    /// - Complexity: O(entries selected + features).
    init(of matrix: WeightedRows, rows: [Int]) {
        let moments = ColumnMoments(of: matrix, rows: rows)
        means = moments.means.map { Float($0) }
        deviations = zip(moments.means, moments.variances).map { mean, variance in
            let (deviation, size) = (variance.squareRoot(), (variance + mean * mean).squareRoot())
            let chosen = deviation > Self.leastRelativeDeviation * size ? deviation : size
            return chosen >= Double(Float.leastNormalMagnitude) ? Float(chosen) : 1
        }
    }

    /// The standardised rows, with all entries stored.
    ///
    /// - Complexity: O(rows·features) time and memory; at most twice the entries of dense data.
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

    /// Converts a model of standardised rows to a model of original rows:
    ///
    ///     W ← diag(1/σ)·W,  b ← b − Wᵀμ with that W,  D ← diag(σ)·D,  c ← σ·c + μ
    ///
    /// - Complexity: O(features·H₁), H₁ the width of the input layer.
    func fold(into model: inout SparseAutoencoder) {
        fold(into: &model.encoder.input)
        fold(into: &model.decoder)
    }

    /// Converts a variational model of a Gaussian likelihood in the same way, its log-variances too:
    ///
    ///     e ← e + 2·ln σ,  r ← r + 2·ln σ
    ///
    /// - Complexity: O(features·(H₁ + K)).
    func fold(into model: inout VariationalAutoencoder) {
        fold(into: &model.encoder.input)
        fold(into: &model.decoder)
        model.dispersion = model.dispersion?.shifted(by: deviations.map { 2 * Float.log($0) })
    }

    private func fold(into layer: inout LinearLayer) {
        layer.weights.scale(rows: deviations.map { 1 / $0 })
        layer.bias = zip(layer.bias, outputs(of: layer)).map { Float(Double($0) - $1) }
    }

    /// Wᵀμ.
    private func outputs(of layer: LinearLayer) -> [Double] {
        let width = layer.width
        var sums = [Double](repeating: 0, count: width)
        layer.weights.withUnsafeElements { weights in
            for (feature, mean) in means.prefix(layer.inputCount).enumerated() {
                for unit in 0..<width { sums[unit] += Double(mean) * Double(weights[feature * width + unit]) }
            }
        }
        return sums
    }

    private func fold(into decoder: inout LinearDecoder) {
        decoder.rescale(features: deviations)
        decoder.bias = zip(decoder.bias, means).map { $0 + $1 }
    }
}

/// The inverse of `fold`, for models of the first features.
extension FeatureStandardization {
    func unfold(_ model: inout SparseAutoencoder) {
        unfold(&model.encoder.input)
        unfold(&model.decoder)
    }

    func unfold(_ model: inout VariationalAutoencoder) {
        let known = deviations.prefix(model.featureCount)
        unfold(&model.encoder.input)
        unfold(&model.decoder)
        model.dispersion = model.dispersion?.shifted(by: known.map { -2 * Float.log($0) })
    }

    private func unfold(_ layer: inout LinearLayer) {
        layer.bias = zip(layer.bias, outputs(of: layer)).map { Float(Double($0) + $1) }
        layer.weights.scale(rows: Array(deviations.prefix(layer.inputCount)))
    }

    private func unfold(_ decoder: inout LinearDecoder) {
        decoder.bias = zip(decoder.bias, means).map { $0 - $1 }
        decoder.rescale(features: deviations.prefix(decoder.featureCount).map { 1 / $0 })
    }
}
