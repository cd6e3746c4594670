import SparseMatrices

extension SparseEncoder {
    /// The initial encoder: each unit of the input layer is a normalised training document, so that it is active on
    /// real data from the first step, whatever the number of features. Dense layers are initialised by
    /// `LinearLayer.init(inputs:outputs:generator:)`.
    ///
    /// If there are fewer documents than units, documents are repeated with half of their entries dropped at random.
    package init(
        _ settings: AutoencoderSettings, rows: [Int], of matrix: WeightedRows, generator: inout RandomGenerator
    ) {
        let widths = settings.hiddenWidths + [settings.latentWidth]
        var atoms = DenseMatrix(rowCount: matrix.columnCount, columnCount: widths[0])
        let candidates = rows.filter { matrix.entryCount(ofRow: $0) > 0 }.shuffled(using: &generator)
        let units = 0..<(candidates.isEmpty ? 0 : widths[0])
        atoms.withUnsafeMutableElements { w in
            var unit = 0
            matrix.forEachRow(in: units.lazy.map { candidates[$0 % candidates.count] }) { _, columns, values in
                let isRepeat = unit >= candidates.count
                let kept = values.indices.filter { _ in !isRepeat || generator.nextUniform() < 0.5 }
                let norm = kept.reduce(0.0) { $0 + Double(values[$1]) * Double(values[$1]) }.squareRoot()
                for entry in norm == 0 ? [] : kept {
                    w[Int(columns[entry]) * widths[0] + unit] = Float(Double(values[entry]) / norm)
                }
                unit += 1
            }
        }
        let isLone = settings.hiddenWidths.isEmpty && !candidates.isEmpty
        let bias = isLone ? settings.activation.function.startingBias : 0
        self.init(
            input: LinearLayer(weights: atoms, bias: Array(repeating: bias, count: widths[0])),
            layers: zip(widths, widths.dropFirst()).map {
                LinearLayer(inputs: $0, outputs: $1, generator: &generator)
            },
            activation: settings.activation)
    }
}

extension VariationalAutoencoder {
    /// The initial model: random weights, and the bias of the decoder such that at z = 0 the features are independent
    /// and distributed as in the training documents.
    ///
    /// - Parameter inputScale: the scale of the random weights, chosen so that sums of inputs are about 1.
    init(
        _ settings: VariationalSettings, matrix: WeightedRows, inputScale: Float, rows: [Int],
        generator: inout RandomGenerator
    ) {
        let widths = settings.hiddenWidths
        precondition(!widths.isEmpty, "a variational encoder needs at least one hidden layer")
        let features = matrix.columnCount
        let input = DenseMatrix(
            rowCount: features, columnCount: widths[0],
            elements: (0..<features * widths[0]).map { _ in inputScale * generator.nextNormal() })
        let encoder = SparseEncoder(
            input: LinearLayer(weights: input, bias: Array(repeating: 0, count: widths[0])),
            layers: zip(widths, widths.dropFirst()).map {
                LinearLayer(inputs: $0, outputs: $1, generator: &generator)
            },
            hiddenActivation: .tanh, activation: .tanh)
        let last = widths[widths.count - 1]
        let logVariance = LinearLayer(
            weights: DenseMatrix(rowCount: last, columnCount: settings.latentWidth),
            bias: Array(repeating: -2, count: settings.latentWidth))
        let mean = LinearLayer(inputs: last, outputs: settings.latentWidth, generator: &generator)
        let start = DecoderStart(settings.likelihood, matrix, rows: rows)
        let weights = start.weights(latentWidth: settings.latentWidth, generator: &generator)
        self.init(
            inputLength: settings.inputLength ?? .unit, encoder: encoder,
            latent: GaussianLatent(mean: mean, logVariance: logVariance),
            decoder: LinearDecoder(weights: weights, bias: start.bias), likelihood: settings.likelihood,
            dispersion: start.dispersion(latentWidth: settings.dispersionWidth, generator: &generator))
    }
}

/// The initial decoder of a likelihood, from the training documents.
struct DecoderStart {
    private let family: any LikelihoodFamily.Type
    private let observed: ObservedFeatures

    init(_ kind: LikelihoodKind, _ documents: WeightedRows, rows: [Int]) {
        family = kind.family
        observed = ObservedFeatures(kind.observations(from: documents), rows: rows)
    }

    /// c, with which the features are independent at z = 0.
    var bias: [Float] { family.startingBias(of: observed) }

    /// D: small random numbers, unless the likelihood needs other values.
    func weights(latentWidth: Int, generator: inout RandomGenerator) -> DenseMatrix {
        let features = observed.matrix.columnCount
        var weights = DenseMatrix(
            rowCount: features, columnCount: latentWidth,
            elements: (0..<features * latentWidth).map { _ in 0.02 * generator.nextNormal() })
        family.adaptStartingWeights(&weights, to: observed, generator: &generator)
        return weights
    }

    /// nil of likelihoods without dispersions.
    ///
    /// - Parameter latentWidth: K; 0 of dispersions that are not to follow z.
    func dispersion(latentWidth: Int, generator: inout RandomGenerator) -> DispersionDecoder? {
        family.startingDispersion(of: observed, latentWidth: latentWidth, generator: &generator)
    }
}
