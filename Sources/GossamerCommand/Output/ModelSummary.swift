import Autoencoders
import Corpora
import Evaluation
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
    /// The number of epochs and the loss in the last; nil for models that were saved before these were stored.
    let epochs: Int?
    let loss: Double?
    /// The fingerprint of the training corpus, as `inspect` shows that of a corpus.
    let corpus: String?
    /// The trainings that the model went on from; nil if there are none.
    let earlier: [FeatureModel.EarlierTraining]?

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
        epochs = model.record.history.isEmpty ? nil : model.record.history.count
        loss = model.record.history.last?[.loss]?.ifFinite
        corpus = model.record.corpus.map(Fingerprint.text)
        earlier = model.record.earlier.isEmpty ? nil : model.record.earlier
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
        if let corpus { rows.append(("corpus", "fingerprint \(corpus)")) }
        if let epochs, let loss {
            rows.append(("history", "\(epochs) epochs, loss \(Format.figure(loss)) in the last"))
        }
        for training in earlier ?? [] {
            rows.append(
                ("went on from", "model \(training.model), trained on \(Format.count(training.documents)) documents"))
        }
        return rows.map { $0.padded(to: 12) + $1 }.joined(separator: "\n")
    }
}
