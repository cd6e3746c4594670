import Autoencoders
import Corpora
import FileIO
import Gossamer

extension FeatureModel {
    /// What the model is and how it was trained.
    var facts: [Fact] {
        let training = record.training
        var facts = [
            Fact(name: "Kind", text: kind == .sparse ? "sparse autoencoder" : "variational autoencoder"),
            Fact(
                name: "Layers",
                text: ([featureCount] + record.architecture.hiddenWidths + [latentWidth]).map(\.grouped)
                    .joined(separator: " → ")),
            Fact(name: "Activation", text: kind == .sparse ? encoder.activation.description : "mean of the posterior"),
        ]
        if let likelihood = network.likelihood { facts.append(Fact(name: "Likelihood", text: likelihood.rawValue)) }
        facts += [
            Fact(name: "Weighting", text: "\(weighting.scheme), normalised by \(weighting.normalization.rawValue)"),
            Fact(name: "Words", text: vocabulary == nil ? "none: features are named by their index" : "known"),
            Fact(name: "Training documents", text: trainingDocuments),
            Fact(name: "Epochs", text: epochs),
            Fact(name: "Batch size", text: training.batchSize.map(String.init) ?? "chosen from the data"),
            Fact(name: "Learning rate", text: training.learningRate.map { "\($0)" } ?? "chosen from the data"),
            Fact(name: "Seed", text: String(training.seed)),
            Fact(name: "Made by", text: "gossamer \(gossamerVersion)"),
        ]
        return facts
    }

    private var epochs: String {
        let trained = record.history.isEmpty ? nil : record.history.count
        guard let asked = record.training.epochs else {
            return (trained.map { "\($0), " } ?? "") + "chosen from the data"
        }
        return trained.map { $0 < asked ? "\($0) of \(asked)" : "\(asked)" } ?? "\(asked)"
    }

    private var trainingDocuments: String {
        let earlier = learnedDocuments - record.documents
        return learnedDocuments.grouped + (earlier > 0 ? ", \(earlier.grouped) of them in earlier trainings" : "")
    }
}
