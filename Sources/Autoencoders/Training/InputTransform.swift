import RealModule
import SparseMatrices

/// What a sparse autoencoder learns from in place of documents as they come, so that training is easier: dense data
/// are standardised, columns that no document has are left out, rare features are emphasised, and lengths are in units
/// of the root mean square of ‖x‖. `fold` puts all of it into the finished model, which takes documents as they come.
///
/// A likelihood has something to say of all features as they are: of these only the unit of length is for it, and for
/// its encoder alone.
struct InputTransform: Sendable {
    private var standardization: FeatureStandardization?
    private var occupied: OccupiedColumns?
    private var emphasis: FeatureEmphasis?
    /// The power of the emphasis, if it was chosen from the data.
    private(set) var chosenEmphasis: ChosenEmphasis?
    /// The root mean square of ‖x‖, x with the emphasis. Batches are divided by it when they are loaded.
    private(set) var scale: Float = 1

    /// Where most features do not occur, weights, statistics and moments are for the others only: the weights of those
    /// are 0, so neither time nor memory of training depends on how many they are.
    ///
    /// - Parameter rows: those of training.
    init(_ settings: AutoencoderSettings, for matrix: WeightedRows, rows: @autoclosure () -> [Int]) {
        if settings.standardizes(matrix.matrix) {
            standardization = FeatureStandardization(of: matrix, rows: rows())
        } else if settings.objective == .squaredError {
            let occupied = OccupiedColumns(of: matrix.matrix)
            if occupied.areFew { self.occupied = occupied }
        }
    }

    /// Of rows as they are, but for an emphasis and a unit of length.
    init(emphasis: FeatureEmphasis? = nil, scale: Float) {
        self.emphasis = emphasis
        self.scale = scale
    }

    /// Decides how rows are weighted further, from the rows in their columns.
    ///
    /// - Parameters:
    ///   - matrix: what `inColumns` gives.
    ///   - lengths: of those rows.
    /// - Returns: what steps are multiplied by on account of the emphasis, since a rate is for rows without it.
    mutating func weigh(
        _ settings: AutoencoderSettings, _ matrix: WeightedRows, _ lengths: RowLengths, rows: [Int]
    ) -> Float {
        if settings.objective == .squaredError { chooseEmphasis(settings.emphasis, matrix, rows: rows) }
        let weighted = emphasis == nil ? lengths : RowLengths(of: emphasized(matrix))
        scale = weighted.rootMeanSquare
        return emphasis == nil ? 1 : weighted.peakRate / lengths.peakRate
    }

    /// The rows over the columns that training is about, in its units.
    func inColumns(_ matrix: WeightedRows) -> WeightedRows {
        if let standardization { return WeightedRows(standardization.apply(to: matrix)) }
        return occupied.map(matrix.keeping) ?? matrix
    }

    /// - Parameter power: nil is chosen from the data.
    private mutating func chooseEmphasis(_ power: Float?, _ matrix: WeightedRows, rows: [Int]) {
        if power == 0 { return }
        let frequencies = matrix.rowCountsOfColumns(in: rows)
        if power == nil { chosenEmphasis = ChosenEmphasis(documentFrequencies: frequencies, rows: rows.count) }
        emphasis = (power ?? chosenEmphasis?.power).flatMap {
            FeatureEmphasis(power: $0, documentFrequencies: frequencies, rows: rows.count)
        }
    }

    /// Rows over these columns as the encoder sees them, but for the unit of length.
    func emphasized(_ matrix: WeightedRows) -> WeightedRows { emphasis?.apply(to: matrix) ?? matrix }

    /// Gives up the emphasis.
    ///
    /// - Returns: what it multiplied features by; nil if there was none.
    mutating func dropEmphasis() -> [Float]? {
        defer { emphasis = nil }
        return emphasis?.factors
    }

    /// A model of rows as training saw them as one of rows as they come: a document x has the code of what was made of
    /// x, and its reconstruction is turned back. Part by part, so that no more than one is in memory twice.
    ///
    /// - Complexity: O(features·(H₁ + H)), H₁ the width of the input layer.
    func fold(into model: inout SparseAutoencoder) {
        model.encoder.input.weights.scale(by: 1 / scale)
        if let emphasis {
            model.encoder.input.weights.scale(rows: emphasis.factors)
            model.decoder.rescale(features: emphasis.factors.map { 1 / $0 })
        }
        if model.objective == .squaredError {
            model.decoder.weights.scale(by: scale)
            model.decoder.bias = model.decoder.bias.map { scale * $0 }
        }
        if let occupied {
            model.encoder.input.weights = occupied.spread(model.encoder.input.weights)
            model.decoder = LinearDecoder(
                weights: occupied.spread(model.decoder.weights), bias: occupied.spread(model.decoder.bias))
        }
        standardization?.fold(into: &model)
    }
}

extension DenseMatrix {
    fileprivate mutating func scale(by factor: Float) {
        let count = elementCount
        withUnsafeMutableElements { kernels.scale(count: count, alpha: factor, x: $0) }
    }
}

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

/// Dense data as the squared error should see them: every feature with mean 0 and variance 1 over the training rows,
///
///     x′_v = (x_v − μ_v)/σ_v
///
/// Of a document most features are zeros that mean something, and their scale is that of the words' weights. A table
/// in which most entries are stored has columns in whatever units they came in: the squared error would be about the
/// column with the largest numbers, and all documents would point in the direction of the means. The finished model
/// takes x as it comes, for the encoder's weights and biases take (x − μ)/σ over, and the decoder's turn it back. The
/// least-squares decoder of a code is the same for any scale of the features, each of which has its own row of D.
struct FeatureStandardization: Sendable {
    /// μ: features.
    private let means: [Float]
    /// σ: features; the root mean square where a feature hardly changes, and 1 where it is always zero.
    private let deviations: [Float]

    /// A deviation below this share of the root mean square is taken for rounding errors of a constant.
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
