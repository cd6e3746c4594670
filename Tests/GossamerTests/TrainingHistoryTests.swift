import Autoencoders
import Corpora
import Foundation
import TensorFiles
import Testing

@testable import Gossamer

/// A model file keeps the measures of every epoch.
@Suite struct TrainingHistoryTests {
    private func history(
        _ settings: ModelSettings
    ) throws -> (events: [TrainingMeasures], model: FeatureModel, loaded: FeatureModel) {
        let folder = try ScratchFolder()
        let isPerToken = settings.architecture.namedLikelihood?.isPerToken ?? false
        var events: [TrainingMeasures] = []
        let model = try FeatureModel.train(on: try smallCorpus(), settings) { event in
            if case .epoch(let report) = event { events.append(TrainingMeasures(report, isPerToken: isPerToken)) }
        }
        try model.save(to: folder.path("m"))
        return (events, model, try FeatureModel(contentsOf: folder.path("m")))
    }

    @Test func aFileKeepsTheMeasuresOfEveryEpochOfASparseAutoencoder() throws {
        for fraction: Float in [0, 0.2] {
            let (events, model, loaded) = try history(quickSettings { $0.training.validationFraction = fraction })
            #expect(events.count == 2 && model.record.history == events && loaded.record.history == events)
            let names = events[0].named.map(\.name.rawValue)
            let validation = fraction > 0 ? ["validation_unexplained"] : []
            #expect(
                names == ["loss", "unexplained"] + validation + ["active_units", "dead_units", "revived_units"])
        }
    }

    @Test(arguments: [LikelihoodKind.multinomial, .poisson])
    func aFileKeepsTheMeasuresOfEveryEpochOfAVariationalAutoencoder(likelihood: LikelihoodKind) throws {
        let (events, model, loaded) = try history(
            quickVariationalSettings {
                $0.variational.likelihood = likelihood
                $0.training.validationFraction = 0.2
            })
        #expect(events.count == 2 && model.record.history == events && loaded.record.history == events)
        #expect((events[1][.perplexity] != nil) == likelihood.isPerToken)
        #expect(events[1][likelihood.isPerToken ? .validationPerplexity : .validationLoss] != nil)
        #expect(events[1][.klDivergence] != nil && events[1][.unexplained] == nil)
    }

    @Test func valuesThatAreNoNumbersAreNotKept() {
        var measures = TrainingMeasures()
        (measures[.loss], measures[.perplexity]) = (.nan, .infinity)
        #expect(measures.named.map(\.name) == [.perplexity])
    }

    @Test func aColumnOfAnotherLengthIsRefused() throws {
        let folder = try ScratchFolder()
        try FeatureModel.train(on: try smallCorpus(), quickSettings()).save(to: folder.path("m"))
        let file = try SafetensorsFile(path: folder.path("m"))
        let tensors = file.tensors.map { tensor in
            tensor.name == "history.loss"
                ? TensorDescription(name: tensor.name, type: tensor.type, shape: [3]) : tensor
        }
        let writer = try SafetensorsWriter(path: folder.path("odd"), tensors: tensors, metadata: file.metadata)
        for tensor in writer.tensors {
            switch tensor.type {
            case .float64: try writer.write([Double](repeating: 1, count: tensor.shape[0]), to: tensor.name)
            case .uint32: try writer.write(file.array(named: tensor.name, of: UInt32.self), to: tensor.name)
            default: try writer.write(file.array(named: tensor.name, of: Float.self), to: tensor.name)
            }
        }
        try writer.commit()
        #expect(throws: FileError.self) { try FeatureModel(contentsOf: folder.path("odd")) }
    }

    @Test func theRecordKnowsTheCorpus() throws {
        let folder = try ScratchFolder()
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickSettings())
        try model.save(to: folder.path("m"))
        #expect(try FeatureModel(contentsOf: folder.path("m")).record.corpus == corpus.contentFingerprint)
        let words = Vocabulary(words: (0..<45).map { "word\($0)" })
        let others = [try smallCorpus(seed: 2), try smallCorpus(vocabulary: words), try smallCorpus(features: 46)]
        #expect(Set((others + [corpus]).map(\.contentFingerprint)).count == 4)
    }
}
