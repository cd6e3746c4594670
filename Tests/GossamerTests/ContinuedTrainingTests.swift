import Autoencoders
import Corpora
import Foundation
import SparseMatrices
import Testing

@testable import Gossamer

/// A model goes on learning from other documents.
@Suite struct ContinuedTrainingTests {
    static let settings: [ModelSettings] = [
        quickSettings(), quickSettings(activation: .batchTopK(2), hidden: [7]), quickSettings(activation: .jumpReLU),
        quickSettings { $0.autoencoder.decoder = .trained },
        quickSettings { $0.autoencoder.objective = .likelihood(.multinomial) },
        quickSettings { $0.autoencoder.standardization = true },
        quickVariationalSettings(), quickVariationalSettings { $0.variational.likelihood = .gaussian },
        quickVariationalSettings { $0.variational.sampledSoftmax = 5 },
    ]

    private func words(_ range: Range<Int>) -> Vocabulary { Vocabulary(words: range.map { "word\($0)" }) }

    private var once: TrainingSettings {
        var training = TrainingSettings()
        training.epochs = 1
        return training
    }

    @Test(arguments: settings.indices) func everyKindGoesOn(number: Int) throws {
        let (first, second) = (try smallCorpus(), try smallCorpus(documents: 40, features: 51, seed: 2))
        let model = try FeatureModel.train(on: first, Self.settings[number])
        let continued = try model.continued(on: second, training: once)
        #expect(continued.featureCount == 51 && continued.latentWidth == model.latentWidth)
        #expect(continued.kind == model.kind && continued.record.documents == 40 && continued.learnedDocuments == 110)
        #expect(try continued.record.earlier == [FeatureModel.EarlierTraining(of: model)])
        #expect(continued.record.history.count == 1)
        #expect(try continued.fingerprint() != model.fingerprint())
        let folder = try ScratchFolder()
        try continued.save(to: folder.path("m"))
        let loaded = try FeatureModel(contentsOf: folder.path("m"))
        #expect(loaded.record == continued.record && loaded.observed == continued.observed)
        #expect(bits(try loaded.embed(second)) == bits(try continued.embed(second)))
        try model.continued(on: second, training: once, execution: Execution(parallelism: .serial))
            .save(to: folder.path("serial"))
        #expect(try folder.read("serial") == folder.read("m"))
    }

    /// Step sizes next to nothing: what was known stays, at most as well as numbers are rounded.
    @Test(arguments: 0..<2) func whatIsKnownStays(number: Int) throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, Self.settings[number == 0 ? 0 : 6])
        var training = once
        training.learningRate = 1e-30
        let few = try smallCorpus(documents: 2, seed: 3)
        let continued = try model.continued(on: few, training: training, keepingWeighting: true)
        #expect(continued.weighting == model.weighting)
        let (before, after) = (try model.embed(corpus), try continued.embed(corpus))
        let largest = before.elements.map(abs).max() ?? 0
        // Only biases and dense layers have moved, by the steps of 2 of 72 documents.
        for (a, b) in zip(before.elements, after.elements) { #expect(abs(a - b) <= 0.05 * largest) }
    }

    @Test func wordsAreMatched() throws {
        let first = try smallCorpus(vocabulary: words(0..<45))
        let second = try smallCorpus(documents: 30, vocabulary: words(30..<75), seed: 2)
        let model = try FeatureModel.train(on: first, quickSettings())
        let continued = try model.continued(on: second, training: once)
        #expect(continued.vocabulary?.words == (0..<75).map { "word\($0)" })
        let observed = try #require(continued.observed), known = try #require(model.observed)
        #expect(observed.sizes.documentCount == 100)
        // A word of the first corpus alone, one of both, one of the second alone.
        let counts = second.matrix.rowCountsOfColumns(in: 0..<30)
        #expect(observed.documentsPerFeature[3] == known.documentsPerFeature[3])
        #expect(Int(observed.documentsPerFeature[33]) == Int(known.documentsPerFeature[33]) + counts[3])
        #expect(Int(observed.documentsPerFeature[60]) == counts[30])
        // The same documents with their words in another order are the same to a model.
        let places = (0..<45).map { UInt32(44 - $0) }
        let reversed = Corpus(
            matrix: second.matrix.renumbered(places, columnCount: 45),
            vocabulary: Vocabulary(words: (30..<75).reversed().map { "word\($0)" }), provenance: second.provenance)
        let matched = try reversed.matched(to: words(0..<75), count: 75)
        #expect(try matched.matrix == second.matched(to: words(0..<75), count: 75).matrix)
    }

    @Test func weightsOfWordsAreMeans() throws {
        let (first, second) = (try smallCorpus(documents: 60), try smallCorpus(documents: 20, seed: 2))
        let model = try FeatureModel.train(on: first, quickSettings())
        let fitted = FeatureWeighting(scheme: .tfIdf, normalization: .l2, fittedTo: second.matrix)
        let joined = try model.continued(on: second, training: once).weighting
        for feature in 0..<45 {
            let weights = [model.weighting, fitted, joined].map { Double($0.statistics.featureWeights[feature]) }
            #expect(
                abs(weights[0] + (weights[1] - weights[0]) / 4 - weights[2]) <= 4 * Double(Float.ulpOfOne) * weights[2])
        }
    }

    /// A fitted decoder reconstructs words that only earlier documents have.
    @Test func theDecoderRemembers() throws {
        let (first, second) = (
            try smallCorpus(vocabulary: words(0..<45)), try smallCorpus(vocabulary: words(100..<145), seed: 2)
        )
        let model = try FeatureModel.train(on: first, quickSettings { $0.training.epochs = 20 })
        let continued = try model.continued(on: second, training: once)
        func length(_ decoder: LinearDecoder, _ rows: Range<Int>) -> Float {
            rows.reduce(0) { $0 + decoder.weights.row($1).reduce(0) { $0 + $1 * $1 } }
        }
        #expect(length(continued.decoder, 0..<45) > 0.1 * length(model.decoder, 0..<45))
        #expect(length(continued.decoder, 45..<90) > 0)
    }

    @Test func aContinuedTrainingGoesOnFromACheckpoint() throws {
        let folder = try ScratchFolder()
        let corpus = try smallCorpus(seed: 2)
        let model = try FeatureModel.train(on: try smallCorpus(), quickSettings())
        try model.continued(on: corpus, training: once).save(to: folder.path("m"))
        let execution = Execution()
        #expect(throws: ModelTrainingError.self) {
            try model.continued(
                on: corpus, training: once, execution: execution, checkpoints: Checkpoints(path: folder.path("c"))
            ) { if case .step = $0 { execution.cancel() } }
        }
        let state = Checkpoints(resumedPath: folder.path("c"))
        try model.continued(on: corpus, training: once, checkpoints: state).save(to: folder.path("again"))
        #expect(try folder.read("again") == folder.read("m"))
        let other = try FeatureModel.train(on: try smallCorpus(), quickSettings { $0.training.seed = 1 })
        #expect(throws: FileError.self) { try other.continued(on: corpus, training: once, checkpoints: state) }
        #expect(throws: FileError.self) {
            try model.continued(on: corpus, training: once, keepingWeighting: true, checkpoints: state)
        }
    }

    /// Units whose words the new documents do not hold keep them, and the losses of documents stay.
    @Test func whatNewDocumentsDoNotShowStays() throws {
        let first = try smallCorpus(documents: 120, vocabulary: words(0..<45))
        let model = try FeatureModel.train(on: first, quickSettings { $0.training.referenceRows = 20 })
        let known = try #require(model.words)
        #expect(known.units.contains { !$0.isEmpty } && model.reference != nil)
        let others = try model.continued(on: try smallCorpus(vocabulary: words(100..<145), seed: 2), training: once)
        let words = try #require(others.words)
        for (unit, list) in known.units.enumerated() where !list.isEmpty { #expect(words.units[unit] == list) }
        #expect(others.reference == model.reference)
        let same = try model.continued(on: try smallCorpus(vocabulary: self.words(0..<45), seed: 2), training: once)
        #expect(same.words != model.words)
        var training = once
        training.referenceRows = 10
        #expect(try model.continued(on: first, training: training).reference != model.reference)
    }

    @Test func aModelWithoutWordsTakesOnlyThoseOfItsColumns() throws {
        let model = try FeatureModel.train(on: try smallCorpus(), quickSettings())
        for count in [42, 48] {
            let corpus = try smallCorpus(features: count, vocabulary: words(0..<count), seed: 2)
            let error = #expect(throws: FileError.self) { try model.continued(on: corpus, training: once) }
            #expect(error?.description.contains("the model has no words") == true)
        }
        let corpus = try smallCorpus(vocabulary: words(0..<45), seed: 2)
        #expect(try model.continued(on: corpus, training: once).vocabulary == words(0..<45))
    }

    /// All features of a model are trained, also where few of them occur.
    @Test func memoryIsThatOfAllFeatures() throws {
        let few = try smallCorpus()
        let wide = few.widened(to: 200_000)
        let settings = quickSettings()
        let model = try FeatureModel.train(on: few, settings)
        // Two matrices of 6 numbers a feature, and three for steps, of which a new model needs only those that occur.
        try settings.checkMemory(on: wide.matrix, available: 15_000_000)
        #expect(throws: MemoryError.self) {
            try settings.checkMemory(on: wide.matrix, continuing: model, available: 15_000_000)
        }
        try settings.checkMemory(on: wide.matrix, continuing: model, available: 100_000_000)
    }

    @Test func fingerprintsAreOfEverything() throws {
        let folder = try ScratchFolder()
        let model = try FeatureModel.train(on: try smallCorpus(vocabulary: words(0..<45)), quickSettings())
        try model.save(to: folder.path("m"))
        #expect(try FeatureModel(contentsOf: folder.path("m")).fingerprint() == model.fingerprint())
        var other = model
        other.words = nil
        #expect(try other.fingerprint() != model.fingerprint())
        other = model
        other.observed = nil
        #expect(try other.fingerprint() != model.fingerprint())
        let renamed = try FeatureModel.train(on: try smallCorpus(vocabulary: words(1..<46)), quickSettings())
        #expect(try renamed.fingerprint() != model.fingerprint())
        #expect(try FeatureModel.EarlierTraining(of: model).corpus?.count == 16)
        #expect(Fingerprint.text(0xAB) == "00000000000000ab")
    }
}
