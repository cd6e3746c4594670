import SparseMatrices

extension VariationalAutoencoder {
    /// A model to start training from: random weights, and the decoder's bias such that at z = 0 the features are
    /// independent and distributed as in the training documents.
    ///
    /// - Parameter inputScale: of the random weights, so that sums of inputs are about 1.
    init(
        _ settings: VariationalSettings, matrix: CSRMatrix, inputScale: Float, rows: [Int],
        generator: inout RandomGenerator
    ) {
        let widths = settings.hiddenWidths
        precondition(!widths.isEmpty, "a variational encoder needs at least one hidden layer")
        let features = matrix.columnCount
        let input = DenseMatrix(
            rowCount: features, columnCount: widths[0],
            elements: (0..<features * widths[0]).map { _ in inputScale * generator.nextNormal() })
        let encoder = SparseEncoder(
            input: SparseLinear(weights: input, bias: Array(repeating: 0, count: widths[0])),
            layers: zip(widths, widths.dropFirst()).map {
                DenseLinear(inputs: $0, outputs: $1, generator: &generator)
            },
            hiddenActivation: .tanh, activation: .tanh)
        let last = widths[widths.count - 1]
        let logVariance = DenseLinear(
            weights: DenseMatrix(rowCount: last, columnCount: settings.latentWidth),
            bias: Array(repeating: -2, count: settings.latentWidth))
        let mean = DenseLinear(inputs: last, outputs: settings.latentWidth, generator: &generator)
        let start = DecoderStart(
            settings.likelihood, settings.likelihood.observations(from: matrix), rows: rows)
        let weights = start.weights(latentWidth: settings.latentWidth, generator: &generator)
        self.init(
            inputLength: settings.inputLength ?? .unit, encoder: encoder,
            latent: GaussianLatent(mean: mean, logVariance: logVariance),
            decoder: LinearDecoder(weights: weights, bias: start.bias), likelihood: settings.likelihood,
            logVarianceDecoder: settings.likelihood == .gaussian
                ? start.logVarianceDecoder(latentWidth: settings.latentWidth, generator: &generator) : nil)
    }
}

/// Where the decoder of a likelihood starts, from the training documents.
struct DecoderStart {
    private let kind: LikelihoodKind
    private let matrix: CSRMatrix
    private let rows: [Int]
    /// Of every feature.
    private var sums: [Double]
    private var squares: [Double]

    /// - Parameter matrix: the observations; see `LikelihoodKind.observations`.
    init(_ kind: LikelihoodKind, _ matrix: CSRMatrix, rows: [Int]) {
        self.kind = kind
        self.matrix = matrix
        self.rows = rows
        sums = Array(repeating: 0, count: matrix.columnCount)
        squares = sums
        matrix.withUnsafeView { view in
            for row in rows {
                for entry in view.entries(ofRow: row) {
                    let value = Double(view.values[entry])
                    sums[Int(view.columnIndices[entry])] += value
                    squares[Int(view.columnIndices[entry])] += value * value
                }
            }
        }
    }

    /// c: what makes the features independent at z = 0. Per-token likelihoods take the log of each feature's share of
    /// all tokens, the others its log-odds, log-mean or mean over documents; a feature that the rows do not have
    /// counts half a time.
    var bias: [Float] {
        let total = max(sums.reduce(0, +), 1)
        let documents = Double(max(rows.count, 1))
        return sums.map { sum in
            switch kind {
            case .multinomial, .topicMixture: Float(logarithm(max(sum, 0.5) / total))
            case .bernoulli:
                Float(logarithm(min(max(sum, 0.5), documents - 0.25) / max(documents - sum, 0.5)))
            case .poisson: Float(logarithm(max(sum, 0.5) / documents))
            case .gaussian: Float(sum / documents)
            }
        }
    }

    /// D: small random numbers, which a product of experts breaks its symmetry from; of a Gaussian likelihood in units
    /// of each feature's standard deviation.
    ///
    /// A mixture of topics would sit on a plateau there, where all topics are the same: its topics start as the word
    /// shares of random documents instead, a few to a topic, mixed with those of the whole corpus.
    func weights(latentWidth: Int, generator: inout RandomGenerator) -> DenseMatrix {
        let features = matrix.columnCount
        var weights = DenseMatrix(
            rowCount: features, columnCount: latentWidth,
            elements: (0..<features * latentWidth).map { _ in 0.02 * generator.nextNormal() })
        weights.withUnsafeMutableElements { d in
            if kind == .gaussian {
                for (feature, variance) in variances.enumerated() {
                    kernels.scale(
                        count: latentWidth, alpha: 5 * Float(variance.squareRoot()), x: d + feature * latentWidth)
                }
            }
            if kind == .topicMixture { addDocuments(to: d, latentWidth: latentWidth, generator: &generator) }
        }
        return weights
    }

    /// Documents a topic, and the share of the corpus in what a topic starts as.
    private static let documentsPerTopic = 4
    private static let corpusShare = 0.5

    private func addDocuments(
        to d: UnsafeMutablePointer<Float>, latentWidth: Int, generator: inout RandomGenerator
    ) {
        let candidates = rows.filter { matrix.entryCount(ofRow: $0) > 0 }.shuffled(using: &generator)
        if candidates.isEmpty { return }
        let total = max(sums.reduce(0, +), 1)
        matrix.withUnsafeView { view in
            for unit in 0..<latentWidth {
                var shares: [UInt32: Double] = [:]
                for i in 0..<Self.documentsPerTopic {
                    let row = candidates[(unit * Self.documentsPerTopic + i) % candidates.count]
                    let entries = view.entries(ofRow: row)
                    let tokens = entries.reduce(0.0) { $0 + Double(view.values[$1]) }
                    if tokens <= 0 { continue }
                    for entry in entries {
                        shares[view.columnIndices[entry], default: 0] +=
                            Double(view.values[entry]) / (tokens * Double(Self.documentsPerTopic))
                    }
                }
                // D is relative to the log-shares of the corpus, which are the bias.
                for (feature, share) in shares {
                    let corpus = max(sums[Int(feature)], 0.5) / total
                    d[Int(feature) * latentWidth + unit] += Float(
                        logarithm(((1 - Self.corpusShare) * share / corpus + Self.corpusShare) / Self.corpusShare))
                }
            }
        }
    }

    /// The variance of every feature over the rows, entries that are not stored counting as zeros; at least a
    /// thousandth of the mean variance, for features that hardly change.
    private var variances: [Double] {
        let documents = Double(max(rows.count, 1))
        let plain = zip(sums, squares).map { max(0, $1 / documents - ($0 / documents) * ($0 / documents)) }
        let mean = plain.reduce(0, +) / Double(max(plain.count, 1))
        let least = mean > 0 ? 1e-3 * mean : 1
        return plain.map { min(max($0, least), Double(Float.greatestFiniteMagnitude)) }
    }

    /// The log-variances of the features, at first hardly following z.
    func logVarianceDecoder(latentWidth: Int, generator: inout RandomGenerator) -> LogVarianceDecoder {
        let logarithms = variances.map { Float(logarithm($0)) }
        let weights = DenseMatrix(
            rowCount: logarithms.count, columnCount: latentWidth,
            elements: (0..<logarithms.count * latentWidth).map { _ in 0.02 * generator.nextNormal() })
        return LogVarianceDecoder(linear: LinearDecoder(weights: weights, bias: logarithms), center: logarithms)
    }
}
