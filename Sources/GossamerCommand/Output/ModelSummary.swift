import Autoencoders
import Corpora
import FileIO
import Gossamer
import SparseMatrices

/// The properties of a model.
struct ModelSummary: Encodable {
    let kind: String
    let features: Int
    let latent: Int
    let hidden: [Int]
    let activation: String
    let likelihood: String?
    let weighting: String
    let normalize: String
    let indexBase: Int?
    let vocabulary: Bool
    let trainingDocuments: Int
    let seed: UInt64

    init(_ model: FeatureModel) {
        kind = model.kind.rawValue
        features = model.featureCount
        latent = model.latentWidth
        hidden = model.record.architecture.hiddenWidths
        activation = model.encoder.activation.description
        likelihood = model.network.hasPosterior ? model.network.likelihood?.rawValue : nil
        weighting = model.weighting.scheme.description
        normalize = model.weighting.normalization.rawValue
        indexBase = model.indexBase?.rawValue
        vocabulary = model.vocabulary != nil
        trainingDocuments = model.record.documents
        seed = model.record.training.seed
    }

    var text: String {
        var rows = [
            ("kind", likelihood == nil ? "sparse autoencoder" : "variational autoencoder"),
            ("layers", ([features] + hidden + [latent]).map(Format.count).joined(separator: " → ")),
            ("activation", activation),
        ]
        if let likelihood { rows.append(("likelihood", likelihood)) }
        rows += [
            ("weighting", "\(weighting), normalised by \(normalize)"),
            ("index base", indexBase.map(String.init) ?? "none"),
            ("vocabulary", vocabulary ? "yes" : "no"),
            ("trained on", "\(Format.count(trainingDocuments)) documents, seed \(seed)"),
        ]
        return rows.map { $0.padded(to: 12) + $1 }.joined(separator: "\n")
    }
}

/// The minimum memory that training needs; checked first, since a wrong index may require more than is available.
struct MemoryNeed {
    let bytes: Double
    let features: Int

    init(of settings: ModelSettings, on corpus: Corpus) {
        features = corpus.featureCount
        bytes = settings.architecture.trainingBytes(
            on: corpus.matrix, optimizer: settings.training.optimizer, available: Double(MemoryLimit.bytes))
    }

    /// - Throws: `Excess` if this machine does not have that much memory.
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
