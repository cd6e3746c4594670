import SparseMatrices

/// What a variational autoencoder is made of. The defaults suit bag-of-words counts as they come.
public struct VariationalSettings: Sendable, Codable, Equatable {
    /// K, the number of latent units.
    public var latentWidth = 50
    /// The widths of the encoder's layers, at least one.
    public var hiddenWidths = [500]
    public var likelihood = LikelihoodKind.dirichletMultinomial
    /// How long documents are as the encoder sees them; nil, as in the records of older models, is `unit`.
    package var inputLength: InputLength? = .squareRoot
    /// β, the weight of KL(q‖p) in the bound (Higgins et al., "β-VAE", ICLR 2017).
    public var beta: Float = 1
    /// β rises linearly from zero over this many epochs, so that units are used before they are priced.
    public var klWarmupEpochs = 5
    /// The probability that a stored input entry is dropped in training; in [0, 1). Targets stay whole. nil takes 0.1, of
    /// tables with a Gaussian likelihood 0.
    public var denoising: Float?
    /// Steps from the encoder's posterior towards each document's own before the decoder learns from it.
    public var refinementSteps = 4
    /// Of a Dirichlet-multinomial likelihood; nil is `document`.
    public var concentration: Concentration?
    /// Of a likelihood with a softmax over all features: how many features beside those of a batch stand for all others in the batch's
    /// softmax, in training alone, whose losses are then estimates and a little too low; nil takes all features. See
    /// `SampledSoftmaxLikelihood`.
    public var sampledSoftmax: Int?
    /// A batch whose gradient, over all weights, is longer than this many times what the batches before had on
    /// average is shortened to that, so that no single batch blows training up; nil leaves gradients as they are.
    public var gradientClip: Float? = 10
    /// The share of steps, in [0, 1], after which the encoder also learns from documents drawn from the decoder near
    /// those of the batch: it knows the training documents by heart otherwise, and does worse on others. Only for
    /// likelihoods of words and whole counts and without a sampled softmax, else without effect; nil for no dreams.
    public var dreaming: Float? = 0.5

    public init() {}
}

/// Whether the concentration of a Dirichlet-multinomial likelihood is one number.
public enum Concentration: String, Sendable, Codable, CaseIterable {
    /// All documents have the same.
    case shared
    /// Every document has its own: its logarithm is linear in the latent vector.
    case document
}

extension VariationalSettings {
    /// The denoising rate for data, with the choice made.
    package func denoising(of matrix: CSRMatrix) -> Float { denoising ?? (standardizes(matrix) ? 0 : 0.1) }

    /// Whether features have mean 0 and variance 1 while the model learns: of tables of measurements, whose columns come
    /// in whatever units. A Gaussian model of such rows is one of the original rows too; see `FeatureStandardization`.
    package func standardizes(_ matrix: CSRMatrix) -> Bool { likelihood == .gaussian && matrix.isDense }

    /// How many latent units dispersions depend on.
    package var dispersionWidth: Int {
        switch likelihood.family.dispersion {
        case .variance: latentWidth
        case .concentration: concentration == .shared ? 0 : latentWidth
        case nil: 0
        }
    }
}

/// A variational autoencoder of sparse documents: x → sparse encoder → Gaussian latent z → decoder → a distribution
/// over documents (Kingma & Welling, ICLR 2014).
package struct VariationalAutoencoder: Sendable {
    /// How long documents are as the encoder sees them.
    package let inputLength: InputLength
    /// The sparse input path, up to the last hidden layer.
    package var encoder: SparseEncoder
    package var latent: GaussianLatent
    /// D (features × K) and c: what they mean is up to the likelihood; of most, the natural parameters of a document
    /// are z·Dᵀ + c.
    package var decoder: LinearDecoder
    /// What distribution of documents the decoder describes.
    package let likelihood: LikelihoodKind
    /// Of likelihoods that learn more than a decoder.
    package var dispersion: DispersionDecoder?

    package init(
        inputLength: InputLength = .squareRoot, encoder: SparseEncoder, latent: GaussianLatent,
        decoder: LinearDecoder, likelihood: LikelihoodKind = .multinomial, dispersion: DispersionDecoder? = nil
    ) {
        precondition(
            encoder.latentWidth == latent.inputCount && latent.width == decoder.latentWidth
                && encoder.featureCount == decoder.featureCount, "the parts' widths do not fit together")
        precondition(
            (likelihood.family.dispersion != nil) == (dispersion != nil),
            "the likelihood \(likelihood.rawValue) \(dispersion == nil ? "needs a" : "has no") decoder of dispersions")
        if let dispersion {
            precondition(
                dispersion.count == likelihood.family.dispersion?.count(features: decoder.featureCount)
                    && (!dispersion.followsCode || dispersion.linear.latentWidth == decoder.latentWidth),
                "the decoders differ in shape")
        }
        self.inputLength = inputLength
        self.encoder = encoder
        self.latent = latent
        self.decoder = decoder
        self.likelihood = likelihood
        self.dispersion = dispersion
    }

    package var featureCount: Int { encoder.featureCount }
    /// K.
    package var latentWidth: Int { latent.width }

    /// Whether all weights are finite. A loss may be where they are not: tanh makes one of what is infinite.
    ///
    /// - Complexity: O(weights).
    package var hasFiniteWeights: Bool {
        let dense = encoder.layers + [latent.mean, latent.logVariance]
        let decoders = [decoder] + (dispersion.map { [$0.linear] } ?? [])
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

extension VariationalAutoencoder: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("encoder", &encoder)
        walk.part("latent", &latent)
        walk.part("decoder", &decoder)
        walk.part("dispersion", &dispersion)
    }
}
