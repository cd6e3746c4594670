import SparseMatrices

/// A variational autoencoder of sparse documents: x → sparse encoder → Gaussian latent z → decoder → a distribution
/// over documents (Kingma & Welling, ICLR 2014).
public struct VariationalAutoencoder: Sendable {
    /// The sparse input path, up to the last hidden layer.
    public package(set) var encoder: SparseEncoder
    public package(set) var latent: GaussianLatent
    /// D (features × K) and c: the natural parameters of a document are z·Dᵀ + c.
    public package(set) var decoder: LinearDecoder

    public init(encoder: SparseEncoder, latent: GaussianLatent, decoder: LinearDecoder) {
        precondition(
            encoder.latentWidth == latent.inputCount && latent.width == decoder.latentWidth
                && encoder.featureCount == decoder.featureCount, "the parts' widths do not fit together")
        self.encoder = encoder
        self.latent = latent
        self.decoder = decoder
    }

    public var featureCount: Int { encoder.featureCount }
    /// K.
    public var latentWidth: Int { latent.width }
}
