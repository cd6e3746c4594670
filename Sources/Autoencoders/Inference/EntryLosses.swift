import SparseMatrices

/// What each stored entry of a document adds to what a model fails to say of it, given the document's code: to
/// ‖x − x̂‖², or to −log p(x|z) in nats.
///
///     squared error  (x_v − x̂_v)²
///     multinomial    −x_v·log softmax(a)_v
///     topic mixture  −x_v·log Σ_k θ_k β_kv
///     bernoulli      ln(1 + exp(−a_v))
///     poisson        λ(a_v) − x_v·a_v + ln Γ(x_v + 1), λ the rate of `LogarithmicLink`
///     gaussian       ½[ln 2π + s_v + (x_v − m_v)²·exp(−s_v)]
///
/// with x̂ = m = a = D·z + c. Features that are not stored add the rest, where the likelihood is about them too.
package struct EntryLosses {
    /// nil for the squared error.
    private let kind: LikelihoodKind?
    private let decoder: LinearDecoder
    private let logVariance: LogVarianceDecoder?
    /// β of a topic mixture.
    private let topics: DenseMatrix?

    package init(_ model: SparseAutoencoder) {
        self.init(kind: model.objective.likelihood, model.decoder, logVariance: nil)
    }

    package init(_ model: VariationalAutoencoder) {
        self.init(kind: model.likelihood, model.decoder, logVariance: model.logVarianceDecoder)
    }

    private init(kind: LikelihoodKind?, _ decoder: LinearDecoder, logVariance: LogVarianceDecoder?) {
        self.kind = kind
        self.decoder = decoder
        self.logVariance = logVariance
        topics = kind == .topicMixture ? decoder.topicDistributions : nil
    }

    /// One number for each stored entry of a row of `x`.
    ///
    /// - Parameters:
    ///   - x: the documents as the model sees them.
    ///   - code: of this row.
    ///   - logLikelihood: log p(x|z) at this code; the multinomial's normaliser follows from it.
    /// - Complexity: O(entries·K).
    package func losses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double] {
        let entries = x.entries(ofRow: row)
        switch kind {
        case .topicMixture: return mixtureLosses(entries, x, code)
        case .multinomial:
            let logits = entries.map { outputs(decoder, of: Int(x.columnIndices[$0]), code) }
            let tokens = entries.reduce(0) { $0 + Double(x.values[$1]) }
            let observed = zip(entries, logits).reduce(0) { $0 + Double(x.values[$1.0]) * $1.1 }
            let normalizer = (observed - logLikelihood) / tokens
            return zip(entries, logits).map { Double(x.values[$0]) * (normalizer - $1) }
        default:
            return entries.map { entry in
                let feature = Int(x.columnIndices[entry])
                return loss(of: Double(x.values[entry]), feature, output: outputs(decoder, of: feature, code), code)
            }
        }
    }

    private func loss(
        of value: Double, _ feature: Int, output: Double, _ code: UnsafePointer<Float>
    ) -> Double {
        switch kind {
        case .bernoulli: return value == 0 ? softplus(output) : softplus(-output)
        case .poisson:
            return LogarithmicLink.rate(ofLogit: output) - value * output + logarithmOfGamma(value + 1)
        case .gaussian:
            guard let logVariance else { preconditionFailure("a Gaussian likelihood has log-variances") }
            var logarithm = Float(outputs(logVariance.linear, of: feature, code))
            var slope: Float = 0
            logVariance.bound(&logarithm, features: feature..<feature + 1, slopes: &slope)
            let residual = value - output
            return 0.5
                * (Self.logarithmOfTwoPi + Double(logarithm) + residual * residual * exponential(-Double(logarithm)))
        default: return (value - output) * (value - output)
        }
    }

    private func mixtureLosses(_ entries: Range<Int>, _ x: CSRView, _ code: UnsafePointer<Float>) -> [Double] {
        guard let topics else { return [] }
        var shares = Array(UnsafeBufferPointer(start: code, count: decoder.latentWidth))
        return shares.withUnsafeMutableBufferPointer { shares in
            guard let start = shares.baseAddress else { return [] }
            softmax(count: shares.count, x: start)
            return topics.withUnsafeElements { topics in
                entries.map { entry in
                    let word = topics + Int(x.columnIndices[entry]) * shares.count
                    let probability = kernels.dot(count: shares.count, x: start, y: word)
                    return -Double(x.values[entry]) * logarithm(Double(max(probability, 1e-30)))
                }
            }
        }
    }

    /// D_v·z + c_v.
    private func outputs(_ linear: LinearDecoder, of feature: Int, _ code: UnsafePointer<Float>) -> Double {
        let width = linear.latentWidth
        return linear.weights.withUnsafeElements { weights in
            Double(kernels.dot(count: width, x: weights + feature * width, y: code) + linear.bias[feature])
        }
    }

    private func softplus(_ a: Double) -> Double { max(a, 0) + logarithm(1 + exponential(-abs(a))) }

    private static let logarithmOfTwoPi = logarithm(2 * Double.pi)
}
