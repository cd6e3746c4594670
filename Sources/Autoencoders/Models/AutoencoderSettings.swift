/// What a sparse autoencoder is made of. The defaults suit bag-of-words text as it comes.
public struct AutoencoderSettings: Sendable, Codable, Equatable {
    /// H, the number of latent units.
    public var latentWidth = 128
    /// The widths of layers between the input and the latent units.
    public var hiddenWidths: [Int] = []
    public var activation = Activation.relu
    /// The probability that a stored input entry is dropped in training; in [0, 1).
    public var denoising: Float = 0.6
    public var penalties: [SparsityPenalty] = []
    public var decoder = DecoderKind.optimal
    /// Whether the optimal decoder has a bias; the trained one always has.
    public var hasDecoderBias = true
    /// How far the optimal decoder is pulled towards zero in training, as a share of the codes' mean square; nil
    /// takes 4H/n for n documents, at most 2. The fewer documents a unit has to learn from, the more its statistics tell of
    /// those very documents, and a decoder that trusts them too much teaches the encoder to memorise.
    public var ridge: Float?

    public init() {}

    /// How the decoder comes about; both minimise the squared error.
    public enum DecoderKind: String, Sendable, Codable, CaseIterable {
        /// Always the least-squares optimum, at a cost free of the number of features.
        case optimal
        /// Trained by Adam like the encoder, at a cost proportional to the number of features.
        case trained
    }
}
