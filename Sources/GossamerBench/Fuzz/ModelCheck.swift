import Autoencoders
import Corpora
import Evaluation
import FileIO
import Foundation
import Gossamer
import SparseMatrices

/// Reads model files and uses the models: embeds, scores and generates documents.
struct ModelCheck {
    let seeds: [FuzzInput]
    private let corpus: Corpus
    private let execution = Execution(parallelism: .serial)

    /// Trains a model of each kind on a few documents.
    init() throws {
        let corpus = try FuzzSeeds.corpus()
        self.corpus = corpus
        let execution = self.execution
        seeds = try withScratchFolder { folder in
            try Self.models(of: corpus, execution).enumerated().map { number, model in
                let path = folder.appending(path: "\(number).safetensors").path
                try model.save(to: path)
                return try FuzzSeeds.headed(path)
            }
        }
    }

    private static func models(of corpus: Corpus, _ execution: Execution) throws -> [FeatureModel] {
        let sparse = try ["relu", "topk:2", "batch-topk:2", "jumprelu", "sigmoid"].map { name in
            var settings = ModelSettings()
            settings.autoencoder.latentWidth = 3
            settings.autoencoder.activation = Activation(name) ?? .relu
            settings.training.epochs = 2
            return try FeatureModel.train(on: corpus, settings, execution: execution)
        }
        let variational = try LikelihoodKind.allCases.map { likelihood in
            var settings = ModelSettings(VariationalSettings())
            settings.variational.latentWidth = 2
            settings.variational.hiddenWidths = [3]
            settings.variational.likelihood = likelihood
            settings.training.epochs = 2
            return try FeatureModel.train(on: corpus, settings, execution: execution)
        }
        return sparse + variational
    }

    func accepts(_ path: String) throws -> Bool {
        let model: FeatureModel
        do {
            model = try FeatureModel(contentsOf: path)
        } catch {
            return false
        }
        // A model with fewer features than the documents cannot be used with them.
        guard model.featureCount >= corpus.featureCount else { return true }
        do {
            let codes = try model.embed(corpus, execution: execution)
            guard codes.rowCount == corpus.rowCount else {
                throw FuzzFailure(description: "\(corpus.rowCount) rows became \(codes.rowCount) vectors")
            }
            try model.scoreBlocks(of: corpus, execution: execution) { _ in }
            let made = try model.generate(3, execution: execution)
            guard made.matrix.rowCount == 3 else {
                throw FuzzFailure(description: "\(made.matrix.rowCount) documents were made in place of 3")
            }
        } catch let failure as FuzzFailure {
            throw failure
        } catch is WeightingError, is LikelihoodError, is GenerationError {
            // The model does not suit the documents and reports it.
        }
        return true
    }
}
