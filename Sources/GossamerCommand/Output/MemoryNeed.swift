import Autoencoders
import Corpora

/// What training has to hold at the least, found out before an index gone astray asks for more than there is.
struct MemoryNeed {
    let bytes: Double
    let features: Int

    /// Of a sparse autoencoder: besides the encoder the decoder, a few numbers a feature, and statistics of the codes;
    /// of a likelihood the decoder with its square, gradient and moments.
    init(of settings: AutoencoderSettings, on corpus: Corpus) {
        let latent = Double(settings.latentWidth)
        self.init(
            features: corpus.featureCount, widths: settings.hiddenWidths + [settings.latentWidth],
            others: settings.objective == .squaredError
                ? (latent + 4) * Double(corpus.featureCount) + 3 * latent * latent
                : 5 * (latent + 1) * Double(corpus.featureCount))
    }

    /// Of a variational autoencoder: besides the encoder the two heads, and the decoder with its square, gradient and
    /// moments.
    init(of settings: VariationalSettings, on corpus: Corpus) {
        let latent = Double(settings.latentWidth)
        let decoders: Double = settings.likelihood == .gaussian ? 2 : 1
        let heads = 6 * latent * Double(settings.hiddenWidths.last ?? 0)
        self.init(
            features: corpus.featureCount, widths: settings.hiddenWidths,
            others: decoders * 5 * (latent + 1) * Double(corpus.featureCount) + heads)
    }

    /// An encoder's weights and their gradient's two moments, and other numbers.
    private init(features: Int, widths: [Int], others: Double) {
        let inputs = 3 * Double(features) * Double(widths.first ?? 0)
        let dense = zip(widths, widths.dropFirst()).reduce(0) { $0 + 3 * Double($1.0) * Double($1.1) }
        self.features = features
        bytes = 4 * (inputs + dense + others)
    }

    /// - Throws: `Excess` if this machine has not that much memory.
    func check(corpus: String, available: Int = Memory.physicalBytes) throws(Excess) {
        if bytes > Double(available) { throw Excess(path: corpus, need: self, available: available) }
    }

    struct Excess: Error, CustomStringConvertible {
        let path: String
        let need: MemoryNeed
        let available: Int

        var description: String {
            "\(inputName(path)): found \(Format.count(need.features)) features, for which this model needs "
                + "\(Format.fixed(need.bytes / 1e9, 1)) GB; expected at most the \(Format.fixed(Double(available) / 1e9, 1)) GB "
                + "of this computer; check the largest index of the corpus, or give a smaller --latent or --hidden"
        }
    }
}
