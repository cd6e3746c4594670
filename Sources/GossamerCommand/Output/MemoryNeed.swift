import Autoencoders
import Corpora

/// What training has to hold at the least, found out before an index gone astray asks for more than there is.
struct MemoryNeed {
    let bytes: Double
    let features: Int

    /// Weights, their gradient's two moments, and the decoder, all features × width; what is width × width; and a few
    /// numbers a feature.
    init(of settings: AutoencoderSettings, on corpus: Corpus) {
        features = corpus.featureCount
        let widths = settings.hiddenWidths + [settings.latentWidth]
        let dense = zip(widths, widths.dropFirst()).reduce(0) { $0 + 3 * Double($1.0) * Double($1.1) }
        let latent = Double(settings.latentWidth)
        bytes = 4 * (Double(features) * (3 * Double(widths[0]) + latent + 4) + dense + 3 * latent * latent)
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
