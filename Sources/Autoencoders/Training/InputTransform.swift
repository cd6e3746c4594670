import SparseMatrices

/// The transform of the documents that a sparse autoencoder is trained on, which makes training easier: dense data are
/// standardised, columns without entries are left out, rare features are emphasised, and lengths are in units of the
/// root mean square of ‖x‖. `fold` incorporates the transform into the finished model, which takes documents without
/// it.
///
/// For a likelihood, features are not transformed except for the unit of length, which applies to its encoder only.
struct InputTransform: Sendable {
    private var standardization: FeatureStandardization?
    private var occupied: OccupiedColumns?
    private var emphasis: FeatureEmphasis?
    /// The power of the emphasis, if it was chosen from the data.
    private(set) var chosenEmphasis: ChosenEmphasis?
    /// The root mean square of ‖x‖ with emphasis. Batches are divided by it when they are loaded.
    private(set) var scale: Float = 1

    /// If most features do not occur, weights, statistics and moments are stored for the others only: the weights of
    /// absent features are 0, so neither time nor memory of training depends on their number.
    ///
    /// - Parameters:
    ///   - rows: the training rows.
    ///   - keepsColumns: whether columns without entries stay, because an earlier model knows their features.
    init(
        _ settings: AutoencoderSettings, for matrix: WeightedRows, rows: @autoclosure () -> [Int],
        keepsColumns: Bool = false
    ) {
        if settings.standardizes(matrix.matrix) {
            standardization = FeatureStandardization(of: matrix, rows: rows())
        } else if settings.objective == .squaredError, !keepsColumns {
            let occupied = OccupiedColumns(of: matrix.matrix)
            if occupied.areFew { self.occupied = occupied }
        }
    }

    /// A transform with an emphasis and a unit of length only.
    init(emphasis: FeatureEmphasis? = nil, scale: Float) {
        self.emphasis = emphasis
        self.scale = scale
    }

    /// Determines the emphasis and the unit of length from rows with the transform's columns.
    ///
    /// - Parameters:
    ///   - matrix: the result of `inColumns`.
    ///   - lengths: the lengths of those rows.
    /// - Returns: the factor of step sizes that compensates for the emphasis, since rates are chosen for rows without
    ///   it.
    mutating func weigh(
        _ settings: AutoencoderSettings, _ matrix: WeightedRows, _ lengths: RowLengths, rows: [Int]
    ) -> Float {
        if settings.objective == .squaredError { chooseEmphasis(settings.emphasis, matrix, rows: rows) }
        let weighted = emphasis == nil ? lengths : RowLengths(of: emphasized(matrix))
        scale = weighted.rootMeanSquare
        return emphasis == nil ? 1 : weighted.peakRate / lengths.peakRate
    }

    /// The rows with the transform's columns, standardised if the transform standardises.
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

    /// Rows with these columns as inputs of the encoder, before division by the unit of length.
    func emphasized(_ matrix: WeightedRows) -> WeightedRows { emphasis?.apply(to: matrix) ?? matrix }

    /// Removes the emphasis.
    ///
    /// - Returns: the factors of the features; nil if there was no emphasis.
    mutating func dropEmphasis() -> [Float]? {
        defer { emphasis = nil }
        return emphasis?.factors
    }

    /// Converts a model of original rows to a model of transformed rows; what `fold` undoes.
    ///
    /// - Precondition: all columns are kept.
    func unfold(_ model: inout SparseAutoencoder) {
        precondition(occupied == nil, "a model cannot be narrowed to the columns with entries")
        standardization?.unfold(&model)
        if model.objective == .squaredError {
            model.decoder.weights.scale(by: 1 / scale)
            model.decoder.bias = model.decoder.bias.map { $0 / scale }
        }
        if let emphasis {
            model.encoder.input.weights.scale(rows: emphasis.factors.map { 1 / $0 })
            model.decoder.rescale(features: emphasis.factors)
        }
        model.encoder.input.weights.scale(by: scale)
    }

    /// Converts a model of transformed rows to a model of original rows: the code of a document x is that of the
    /// transformed x, and its reconstruction is transformed back. The conversion is done part by part, so that at most
    /// one part is in memory twice.
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

/// The average lengths of the non-empty rows of a matrix, from which step sizes and units of length are derived.
struct RowLengths {
    /// The result of `LearningRateSchedule.peak(for:)`.
    let peakRate: Float
    /// √(mean ‖x‖²); 1 if there are no entries.
    let rootMeanSquare: Float

    /// - Complexity: O(entries).
    init(of matrix: WeightedRows) { self.init(of: matrix, rows: 0..<matrix.rowCount) }

    /// The lengths of some of the rows.
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
