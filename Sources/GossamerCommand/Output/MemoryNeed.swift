import Autoencoders
import Corpora
import FileIO
import Gossamer
import SparseMatrices

/// What training has to hold at the least, found out before an index gone astray asks for more than there is.
struct MemoryNeed {
    let bytes: Double
    let features: Int

    /// Of a sparse autoencoder: besides the encoder the decoder, a few numbers a feature, and statistics of the codes;
    /// of a likelihood the decoder with its square, gradient and moments.
    ///
    /// Where most features do not occur, training is about the others only, and the model is what counts.
    init(of settings: ModelSettings, on corpus: Corpus) {
        let latent = Double(settings.autoencoder.latentWidth)
        let isSquaredError = settings.autoencoder.objective == .squaredError
        let widths = settings.autoencoder.hiddenWidths + [settings.autoencoder.latentWidth]
        func need(training features: Int) -> MemoryNeed {
            MemoryNeed(
                features: features, widths: widths, settings.training.optimizer,
                others: isSquaredError
                    ? (latent + 4) * Double(features) + 3 * latent * latent : 5 * (latent + 1) * Double(features))
        }
        let whole = need(training: corpus.featureCount)
        let model = 4 * (latent + Double(widths[0])) * Double(corpus.featureCount)
        let available = Double(MemoryLimit.bytes)
        guard isSquaredError, whole.bytes > available else {
            self = whole
            return
        }
        features = corpus.featureCount
        // Which features occur takes memory for all to find out.
        let occupied = model > available ? nil : OccupiedColumns(of: corpus.matrix)
        if let occupied, occupied.areFew {
            bytes = max(model, need(training: occupied.count).bytes)
        } else {
            bytes = max(model, whole.bytes)
        }
    }

    /// Of a variational autoencoder: besides the encoder the two heads, and the decoder with its square, gradient and
    /// moments.
    init(of settings: VariationalModelSettings, on corpus: Corpus) {
        let variational = settings.variational
        let latent = Double(variational.latentWidth)
        let decoders: Double = variational.likelihood.family.hasLogVariance ? 2 : 1
        let heads = 6 * latent * Double(variational.hiddenWidths.last ?? 0)
        self.init(
            features: corpus.featureCount, widths: variational.hiddenWidths, settings.training.optimizer,
            others: decoders * 5 * (latent + 1) * Double(corpus.featureCount) + heads)
    }

    /// An encoder's weights and their gradient's moments, and other numbers.
    private init(features: Int, widths: [Int], _ optimizer: Optimizer?, others: Double) {
        let width = widths.first ?? 0
        // Floats a weight: its own and the moments'.
        let numbers: Double =
            switch optimizer ?? .chosen(for: features, width: width) {
            case .adam: 3
            case .factoredAdam: 1.5
            }
        let dense = zip(widths, widths.dropFirst()).reduce(0) { $0 + 3 * Double($1.0) * Double($1.1) }
        self.features = features
        bytes = 4 * (numbers * Double(features) * Double(width) + dense + others)
    }

    /// - Throws: `Excess` if this machine has not that much memory.
    func check(corpus: String, available: Int = MemoryLimit.bytes) throws(Excess) {
        if bytes > Double(available) { throw Excess(path: corpus, need: self, available: available) }
    }

    struct Excess: Error, CustomStringConvertible {
        let path: String
        let need: MemoryNeed
        let available: Int

        var description: String {
            "\(inputName(path)): found \(Format.count(need.features)) features, for which this model needs "
                + "\(Format.fixed(need.bytes / 1e9, 1)) GB; expected at most the \(Format.fixed(Double(available) / 1e9, 1)) GB "
                + "that there are; check the largest index of the corpus, or give a smaller --latent or --hidden"
        }
    }
}
