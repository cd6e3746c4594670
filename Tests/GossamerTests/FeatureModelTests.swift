import Autoencoders
import Corpora
import Foundation
import SparseMatrices
import SuiteSparse
import Testing

@testable import Gossamer

@Suite struct FeatureModelTests {
    static let activations: [Activation] = [
        .relu, .linear, .sigmoid, .tanh, .topK(2), .batchTopK(2), .jumpReLU, .kCompetitive(3),
    ]

    func expectSameAfterSaving(
        _ model: FeatureModel, _ corpus: Corpus, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let folder = try ScratchFolder()
        try model.save(to: folder.path("model.safetensors"))
        let loaded = try FeatureModel(contentsOf: folder.path("model.safetensors"))
        #expect(bits(try loaded.embed(corpus)) == bits(try model.embed(corpus)), sourceLocation: sourceLocation)
        #expect(loaded.decoder.weights == model.decoder.weights, sourceLocation: sourceLocation)
        #expect(loaded.decoder.bias == model.decoder.bias, sourceLocation: sourceLocation)
        #expect(loaded.weighting == model.weighting, sourceLocation: sourceLocation)
        #expect(loaded.vocabulary == model.vocabulary, sourceLocation: sourceLocation)
        #expect(loaded.observed == model.observed && model.observed != nil, sourceLocation: sourceLocation)
        #expect(loaded.indexBase == model.indexBase && loaded.record == model.record, sourceLocation: sourceLocation)
        try loaded.save(to: folder.path("again.safetensors"))
        #expect(
            try folder.read("again.safetensors") == folder.read("model.safetensors"), sourceLocation: sourceLocation)
        #expect(try folder.names() == ["again.safetensors", "model.safetensors"], sourceLocation: sourceLocation)
    }

    @Test(arguments: activations, [[], [9], [9, 7]])
    func savingKeepsEveryBitOfEveryArchitecture(activation: Activation, hidden: [Int]) throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickSettings(activation: activation, hidden: hidden))
        #expect(model.latentWidth == 6 && model.featureCount == 45)
        try expectSameAfterSaving(model, corpus)
    }

    @Test(arguments: WeightingScheme.all, FeatureWeighting.Normalization.allCases)
    func savingKeepsTheWeighting(
        scheme: WeightingScheme, normalization: FeatureWeighting.Normalization
    ) throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(
            on: corpus,
            quickSettings {
                $0.weighting = scheme
                $0.normalization = normalization
            })
        #expect(model.weighting.scheme == scheme && model.weighting.normalization == normalization)
        try expectSameAfterSaving(model, corpus)
    }

    @Test func savingKeepsPenaltiesDecodersAndOptions() throws {
        let corpus = try smallCorpus()
        for decoder in AutoencoderSettings.DecoderKind.allCases {
            let settings = quickSettings {
                $0.autoencoder.decoder = decoder
                $0.autoencoder.penalties = [.l1(0.01), .l2(0.125)]
                $0.autoencoder.denoising = 0
                $0.training.validationFraction = 0.2
                $0.training.patience = 1
                $0.training.seed = .max
                $0.training.learningRate = 0.0012345678
            }
            let model = try FeatureModel.train(on: corpus, settings)
            // How many documents serve as reference was chosen.
            var training = settings.training
            training.referenceRows = 0
            #expect(model.record.training == training && model.record.documents == 70)
            try expectSameAfterSaving(model, corpus)
        }
    }

    @Test func savingKeepsWordsOfAnyKind() throws {
        var words = (0..<45).map { "word\($0)" }
        words[0] = "two words"
        words[1] = "Übermut"
        words[2] = "e\u{301}"
        words[3] = "日本語 🎻"
        words[4] = "a\r"
        words[5] = ""
        words[6] = "\u{301}"
        words[7] = "\"quoted\\"
        words[44] = ""
        let vocabulary = Vocabulary(words: words)
        let corpus = try smallCorpus(vocabulary: vocabulary)
        let model = try FeatureModel.train(on: corpus, quickSettings())
        try expectSameAfterSaving(model, corpus)
        let folder = try ScratchFolder()
        try model.save(to: folder.path("m.safetensors"))
        let loaded = try #require(try FeatureModel(contentsOf: folder.path("m.safetensors")).vocabulary)
        // Strings that are equal may still differ in bytes.
        #expect(loaded.words.map { Array($0.utf8) } == words.map { Array($0.utf8) })
    }

    @Test func aLongerVocabularyWidensTheModel() throws {
        let vocabulary = Vocabulary(words: (0..<50).map { "word\($0)" })
        let corpus = try smallCorpus(vocabulary: vocabulary)
        let model = try FeatureModel.train(on: corpus, quickSettings())
        #expect(model.featureCount == 50 && model.vocabulary == vocabulary)
        try expectSameAfterSaving(model, corpus)
    }

    @Test func anyNumberOfThreadsGivesTheSameFile() throws {
        let folder = try ScratchFolder()
        let corpus = try smallCorpus(documents: 300)
        for threads in 1...3 {
            let execution = Execution(parallelism: Parallelism(threads: threads))
            let model = try FeatureModel.train(on: corpus, quickSettings(hidden: [8]), execution: execution)
            try model.save(to: folder.path("\(threads)"))
            #expect(bits(try model.embed(corpus, execution: execution)) == bits(try model.embed(corpus)))
        }
        #expect(try folder.read("1") == folder.read("2"))
        #expect(try folder.read("1") == folder.read("3"))
        var other = quickSettings(hidden: [8])
        other.training.seed = 1
        try FeatureModel.train(on: corpus, other).save(to: folder.path("other"))
        #expect(try folder.read("1") != folder.read("other"))
    }

    @Test func bothBackendsAgreeToRounding() throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickSettings())
        let swift = try model.embed(corpus, execution: Execution(backend: SwiftKernels())).elements
        let other = Execution(backend: try GraphBLASBackend())
        let graphblas = try model.embed(corpus, execution: other).elements
        for (a, b) in zip(swift, graphblas) { #expect(abs(a - b) <= 1e-5 * max(1, abs(a))) }
        let trained = try FeatureModel.train(on: corpus, quickSettings(), execution: other)
        let (a, b) = (model.encoder.input.weights, trained.encoder.input.weights)
        for (a, b) in zip(a.elements, b.elements) { #expect(abs(a - b) <= 1e-3) }
    }

    @Test func rowsDoNotDependOnTheirNeighbours() throws {
        let corpus = try smallCorpus()
        let model = try FeatureModel.train(on: corpus, quickSettings())
        let all = try model.embed(corpus)
        #expect(all.rowCount == 70)
        for row in [0, 5, 16, 42, 69] {
            let (columns, values) = corpus.matrix.row(row)
            let alone = Corpus(
                matrix: try CSRMatrix(
                    rowCount: 1, columnCount: 45, rowOffsets: [0, values.count], columnIndices: columns, values: values),
                provenance: corpus.provenance)
            #expect(try model.embed(alone).row(0).map(\.bitPattern) == all.row(row).map(\.bitPattern))
        }
    }

    @Test func aNarrowerCorpusGetsTheSameEmbeddings() throws {
        let model = try FeatureModel.train(on: try smallCorpus(), quickSettings())
        let narrow = Corpus(
            matrix: try CSRMatrix(
                rowCount: 2, columnCount: 4, rowOffsets: [0, 2, 2], columnIndices: [0, 3], values: [2, 1]),
            provenance: CorpusProvenance(format: "test"))
        let codes = try model.embed(narrow)
        #expect(codes.rowCount == 2)
        #expect(bits(codes) == bits(try model.embed(narrow.widened(to: 45))))
    }

    @Test func valuesThatDoNotSuitTheWeightingAreErrors() throws {
        let model = try FeatureModel.train(on: try smallCorpus(), quickSettings())
        #expect(model.weighting.scheme == .tfIdf)
        let negative = try smallCorpus(negatives: true)
        #expect(throws: WeightingError.self) { try model.embed(negative) }
        #expect(throws: WeightingError.self) {
            try FeatureModel.train(on: negative, quickSettings { $0.weighting = .tfIdf })
        }
        let measured = try FeatureModel.train(on: negative, quickSettings())
        #expect(measured.weighting.scheme == .none && measured.weighting.normalization == .none)
    }

    @Test func divergenceIsAnErrorThatKeepsTheLastGoodModel() throws {
        let corpus = try smallCorpus(documents: 300)
        do {
            _ = try FeatureModel.train(on: corpus, quickSettings { $0.training.learningRate = 1e30 })
            Issue.record("a step of 1e30 went well")
        } catch let error as ModelTrainingError {
            if let model = error.lastGood { #expect(try model.embed(corpus).elements.allSatisfy(\.isFinite)) }
        }
        #expect(throws: ModelTrainingError.self) {
            try FeatureModel.train(on: try smallCorpus(documents: 0), quickSettings())
        }
    }
}
