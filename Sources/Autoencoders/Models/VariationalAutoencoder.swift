import SparseMatrices

/// A variational autoencoder of sparse documents: x → sparse encoder → Gaussian latent z → decoder → a distribution
/// over documents (Kingma & Welling, ICLR 2014).
public struct VariationalAutoencoder: Sendable {
    /// How long documents are as the encoder sees them.
    public let inputLength: InputLength
    /// The sparse input path, up to the last hidden layer.
    public package(set) var encoder: SparseEncoder
    public package(set) var latent: GaussianLatent
    /// D (features × K) and c: what they mean is up to the likelihood; of most, the natural parameters of a document
    /// are z·Dᵀ + c.
    public package(set) var decoder: LinearDecoder
    /// What distribution of documents the decoder describes.
    public let likelihood: LikelihoodKind
    /// Of likelihoods that have variances: of the Gaussian one alone.
    public package(set) var logVarianceDecoder: LogVarianceDecoder?

    public init(
        inputLength: InputLength = .squareRoot, encoder: SparseEncoder, latent: GaussianLatent,
        decoder: LinearDecoder, likelihood: LikelihoodKind = .multinomial, logVarianceDecoder: LogVarianceDecoder? = nil
    ) {
        precondition(
            encoder.latentWidth == latent.inputCount && latent.width == decoder.latentWidth
                && encoder.featureCount == decoder.featureCount, "the parts' widths do not fit together")
        precondition(
            likelihood.family.hasLogVariance == (logVarianceDecoder != nil),
            "the likelihood \(likelihood.rawValue) \(logVarianceDecoder == nil ? "needs a" : "has no") decoder of "
                + "log-variances")
        if let variance = logVarianceDecoder?.linear {
            precondition(
                variance.featureCount == decoder.featureCount && variance.latentWidth == decoder.latentWidth,
                "the decoders differ in shape")
        }
        self.inputLength = inputLength
        self.encoder = encoder
        self.latent = latent
        self.decoder = decoder
        self.likelihood = likelihood
        self.logVarianceDecoder = logVarianceDecoder
    }

    public var featureCount: Int { encoder.featureCount }
    /// K.
    public var latentWidth: Int { latent.width }

    /// Whether all weights are finite. A loss may be where they are not: tanh makes one of what is infinite.
    ///
    /// - Complexity: O(weights).
    package var hasFiniteWeights: Bool {
        let dense = encoder.layers + [latent.mean, latent.logVariance]
        let decoders = [decoder] + (logVarianceDecoder.map { [$0.linear] } ?? [])
        let matrices = [encoder.input.weights] + dense.map(\.weights) + decoders.map(\.weights)
        let biases = [encoder.input.bias] + dense.map(\.bias) + decoders.map(\.bias)
        return matrices.allSatisfy { matrix in
            matrix.withUnsafeElements { UnsafeBufferPointer(start: $0, count: matrix.elementCount).areFinite }
        } && biases.allSatisfy { $0.withUnsafeBufferPointer(\.areFinite) }
    }
}

extension UnsafeBufferPointer<Float> {
    fileprivate var areFinite: Bool { allSatisfy { $0.isFinite } }
}
