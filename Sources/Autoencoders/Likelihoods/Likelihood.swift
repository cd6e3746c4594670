import SparseMatrices

/// log p(x|z) of sparse documents x given points z, with what training and inference need of it: the gradient and a
/// nonnegative diagonal curvature in z, and the gradient in the decoder's weights.
///
/// The order of calls for a batch: `observe` once, then `evaluate` at as many z as one likes, then, where the decoder
/// is to learn, `decoderGradient` at the z evaluated last. A likelihood is made for the weights as they stand and
/// holds what can be computed from them alone.
package protocol Likelihood: Sendable {
    /// Takes note of a batch's documents, and of what they contribute whatever z is.
    ///
    /// - Parameter x: the observations; see `LikelihoodKind.observations`.
    func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution)

    /// log p(x|z) of every row, in nats, its gradient in z and, where asked for, its curvature.
    ///
    /// - Parameters:
    ///   - z: rows × K.
    ///   - results: `logLikelihoods` and `gradient` are always filled, `curvature`, if `wantsCurvature`, with a
    ///     nonnegative diagonal in place of −∂²/∂z²: the second derivative itself or a Fisher information.
    func evaluate(
        _ z: UnsafePointer<Float>, evidence: LikelihoodEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution)

    /// The curvature as a full matrix, averaged over several points of each document, after `evaluate` at the same
    /// points, whose results it uses up.
    ///
    /// - Parameters:
    ///   - z: rows × K; each run of `draws` rows belongs to one document, which `observe` has seen as often.
    ///   - matrices: documents × K(K+1)/2, overwritten with `PackedTriangles`: positive semidefinite matrices in
    ///     place of −∂²/∂z², the second derivative itself or a Fisher information.
    /// - Complexity: O(documents·V·K²/2), of `TopicMixtureLikelihood` O(nnz·K²).
    func curvatureMatrices(
        _ z: UnsafePointer<Float>, draws: Int, evidence: LikelihoodEvidence, results: LikelihoodResults,
        into matrices: ScratchMatrix, execution: Execution)

    /// ∂ Σ_rows w·log p(x|z)/∂(decoder), after `evaluate` at the same z, whose results it uses up: once for each
    /// evaluation.
    ///
    /// - Parameters:
    ///   - batch: whose targets are the observations.
    ///   - weight: w.
    ///   - gradient: overwritten.
    func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, evidence: LikelihoodEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DecoderGradient, execution: Execution)
}

/// The gradient of a decoder: of D and c and, of a Gaussian one, of the log-variances' weights and biases too.
package struct DecoderGradient {
    package var linear = DenseLinearGradient()
    /// Left empty by likelihoods without a variance.
    package var logVariance = DenseLinearGradient()

    package init() {}
}

extension VariationalAutoencoder {
    /// The likelihood of documents for the weights as they stand.
    package func makeLikelihood() -> any Likelihood {
        likelihood.of(decoder, logVariance: logVarianceDecoder)
    }
}

extension LikelihoodKind {
    /// The likelihood of documents for a decoder's weights as they stand.
    ///
    /// - Parameter logVariance: of `gaussian`, and of no other.
    package func of(_ decoder: LinearDecoder, logVariance: LogVarianceDecoder? = nil) -> any Likelihood {
        switch self {
        case .multinomial: return MultinomialLikelihood(decoder)
        case .topicMixture: return TopicMixtureLikelihood(decoder)
        case .bernoulli: return LinkLikelihood<LogisticLink>(decoder)
        case .poisson: return LinkLikelihood<LogarithmicLink>(decoder)
        case .gaussian:
            guard let logVariance else { preconditionFailure("a Gaussian likelihood needs a decoder of log-variances") }
            return GaussianLikelihood(decoder, logVariance: logVariance)
        }
    }
}
