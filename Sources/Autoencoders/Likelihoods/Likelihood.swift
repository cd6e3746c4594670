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
    /// - Parameter x: the observations; see `LikelihoodFamily.observation`.
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

/// A likelihood over all features, which can also be told apart by entries; one over a sample is for training alone.
package protocol ExactLikelihood: Likelihood {
    /// What each stored entry of a document adds to −log p(x|z), in nats. Features that are not stored add the rest,
    /// where the likelihood is about them too.
    ///
    /// - Parameters:
    ///   - x: the observations.
    ///   - code: z of this row.
    ///   - logLikelihood: log p(x|z) of this row, as `evaluate` gives it.
    /// - Returns: one number for each stored entry of the row.
    /// - Complexity: O(entries·K).
    func entryLosses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double]
}

/// The gradient of a decoder: of D and c and, of a Gaussian one, of the log-variances' weights and biases too.
package struct DecoderGradient {
    package var linear = LinearGradient()
    /// Left empty by likelihoods without a variance.
    package var logVariance = LinearGradient()

    package init() {}
}

extension VariationalAutoencoder {
    /// The likelihood of documents for the weights as they stand.
    package func makeLikelihood() -> any ExactLikelihood {
        likelihood.of(decoder, logVariance: logVarianceDecoder)
    }
}
