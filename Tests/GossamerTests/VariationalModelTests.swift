import Autoencoders
import Corpora
import Foundation
import SparseMatrices
import Testing

@testable import Gossamer

@Suite struct VariationalModelTests {
    func lengths(_ model: FeatureModel) throws -> LengthDistribution {
        guard let lengths = model.network.lengths else {
            throw CocoaError(.coderInvalidValue)
        }
        return lengths
    }

    @Test(arguments: [[5], [9, 7]], WeightingScheme.all)
    func savingKeepsEveryBit(hidden: [Int], scheme: WeightingScheme) throws {
        let corpus = try smallCorpus(vocabulary: Vocabulary(words: (0..<45).map { "word\($0)" }))
        let settings = quickVariationalSettings(hidden: hidden) {
            $0.weighting = scheme
            $0.variational.beta = 0.75
            $0.training.seed = .max
        }
        let model = try FeatureModel.train(on: corpus, settings)
        #expect(model.kind == .variational && model.latentWidth == 4 && model.featureCount == 45)
        let folder = try ScratchFolder()
        try model.save(to: folder.path("m.safetensors"))
        let loaded = try FeatureModel(contentsOf: folder.path("m.safetensors"))
        #expect(
            loaded.record == model.record && loaded.record.architecture as? VariationalSettings == settings.variational)
        #expect(loaded.weighting == model.weighting && loaded.vocabulary == model.vocabulary)
        #expect(try lengths(loaded) == lengths(model))
        for withVariance in [false, true] {
            #expect(
                bits(try loaded.embed(corpus, withVariance: withVariance))
                    == bits(try model.embed(corpus, withVariance: withVariance)))
        }
        #expect(try loaded.generate(20) == model.generate(20) && loaded.observed == model.observed)
        try loaded.save(to: folder.path("again.safetensors"))
        #expect(try folder.read("again.safetensors") == folder.read("m.safetensors"))
    }

    @Test func anyNumberOfThreadsGivesTheSameFile() throws {
        let folder = try ScratchFolder()
        let corpus = try smallCorpus(documents: 300)
        for threads in 1...3 {
            let execution = Execution(parallelism: Parallelism(threads: threads))
            let model = try FeatureModel.train(on: corpus, quickVariationalSettings(), execution: execution)
            try model.save(to: folder.path("\(threads)"))
        }
        #expect(try folder.read("1") == folder.read("2"))
        #expect(try folder.read("1") == folder.read("3"))
    }

    @Test func embeddingsAreMeansAndLogVariances() throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickVariationalSettings())
        guard let network = (model.network as? VariationalNetwork)?.model else {
            Issue.record("not variational")
            return
        }
        let codes = try model.embed(corpus, withVariance: true)
        #expect(codes.rowCount == 70 && codes.columnCount == 8)
        let means = network.encode(corpus.matrix)
        #expect(bits(try model.embed(corpus)) == bits(means))
        for row in 0..<70 {
            #expect(Array(codes.row(row).prefix(4)) == means.row(row))
            #expect(codes.row(row).suffix(4).allSatisfy { abs($0) <= GaussianLatent.bound })
        }
    }

    @Test func lengthsAreThoseOfTheCorpus() throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickVariationalSettings { $0.weighting = .log })
        // Nine words each, but every eleventh document is empty; lengths are of words, not of weights.
        #expect(try lengths(model) == LengthDistribution(values: [0, 9], documents: [6, 64]))
        let odd = try CSRMatrix(
            rowCount: 3, columnCount: 2, rowOffsets: [0, 2, 3, 4], columnIndices: [0, 1, 0, 1],
            values: [0.7, 0.6, 3e38, -4])
        #expect(LengthDistribution(of: odd).values == [0, 1, .max])
        #expect(!LengthDistribution.isValid(values: [1], documents: []))
    }

    @Test func valuesBelowZeroAreErrors() throws {
        let negative = try smallCorpus(negatives: true)
        #expect(throws: LikelihoodError.self) {
            try FeatureModel.train(on: negative, quickVariationalSettings())
        }
        let model = try FeatureModel.train(on: try smallCorpus(), quickVariationalSettings())
        #expect(throws: LikelihoodError.self) { try model.embed(negative) }
        #expect(throws: WeightingError.self) {
            try FeatureModel.train(on: negative, quickVariationalSettings { $0.weighting = .log })
        }
    }

    @Test func divergenceIsAnErrorThatKeepsTheLastGoodModel() throws {
        let corpus = try smallCorpus(documents: 300)
        do {
            _ = try FeatureModel.train(
                on: corpus, quickVariationalSettings { $0.training.learningRate = .greatestFiniteMagnitude })
        } catch let error as ModelTrainingError {
            #expect(error.reason == .nonFiniteLoss && error.description.contains("finite"))
            if let model = error.lastGood { #expect(try model.embed(corpus).elements.allSatisfy(\.isFinite)) }
        }
        do {
            _ = try FeatureModel.train(on: try smallCorpus(documents: 0), quickVariationalSettings())
            Issue.record("trained on nothing")
        } catch let error as ModelTrainingError {
            #expect(error.reason == .noTrainingRows)
        }
    }

    /// Files from before there were two kinds read on.
    @Test func recordsOfSparseModelsKeepTheirLayout() throws {
        let model = try FeatureModel.train(on: try smallCorpus(), quickSettings())
        let data = try JSONEncoder().encode(model.record)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(Set(object.keys) == ["autoencoder", "training", "documents", "entries", "corpus"])
        // The history is in tensors of the file.
        var record = model.record
        record.history = []
        #expect(try JSONDecoder().decode(FeatureModel.TrainingRecord.self, from: data) == record)
    }
}
