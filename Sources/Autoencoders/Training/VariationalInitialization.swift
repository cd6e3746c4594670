import SparseMatrices

extension VariationalAutoencoder {
    /// A model to start training from: random weights, and the decoder's bias such that at z = 0 the features are
    /// independent and distributed as in the training documents.
    ///
    /// - Parameter inputScale: of the random weights, so that sums of inputs are about 1.
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
            logVarianceDecoder: start.logVarianceDecoder(latentWidth: settings.latentWidth, generator: &generator))
    }
}

/// Where the decoder of a likelihood starts, from the training documents.
struct DecoderStart {
    private let family: any LikelihoodFamily.Type
    private let observed: ObservedFeatures

    init(_ kind: LikelihoodKind, _ documents: WeightedRows, rows: [Int]) {
        family = kind.family
        observed = ObservedFeatures(kind.observations(from: documents), rows: rows)
    }

    /// c: what makes the features independent at z = 0.
    var bias: [Float] { family.startingBias(of: observed) }

    /// D: small random numbers, as far as the likelihood needs nothing else.
    func weights(latentWidth: Int, generator: inout RandomGenerator) -> DenseMatrix {
        let features = observed.matrix.columnCount
        var weights = DenseMatrix(
            rowCount: features, columnCount: latentWidth,
            elements: (0..<features * latentWidth).map { _ in 0.02 * generator.nextNormal() })
        family.adaptStartingWeights(&weights, to: observed, generator: &generator)
        return weights
    }

    /// nil of likelihoods without log-variances.
    func logVarianceDecoder(latentWidth: Int, generator: inout RandomGenerator) -> LogVarianceDecoder? {
        family.startingLogVariance(of: observed, latentWidth: latentWidth, generator: &generator)
    }
}
