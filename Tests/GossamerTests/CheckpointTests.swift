import Autoencoders
import Corpora
import Foundation
import TensorFiles
import Testing

@testable import Gossamer

/// A training that goes on from a checkpoint file ends with the same model file, and only the same training can.
@Suite struct CheckpointTests {
    static let settings: [ModelSettings] = [
        quickSettings(),
        quickSettings(activation: .batchTopK(2), hidden: [7]) { $0.training.validationFraction = 0.2 },
        quickSettings { $0.autoencoder.objective = .likelihood(.multinomial) },
        quickVariationalSettings(),
        quickVariationalSettings { $0.training.validationFraction = 0.2 },
    ]

    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func interrupt(_ corpus: Corpus, _ settings: ModelSettings, after steps: Int) throws {
        try GossamerTests.interrupt(corpus, settings, after: steps, Checkpoints(path: folder.path("c")))
    }

    private func resume(_ corpus: Corpus, _ settings: ModelSettings) throws -> FeatureModel {
        try FeatureModel.train(
            on: corpus, settings, execution: Execution(parallelism: .serial),
            checkpoints: Checkpoints(resumedPath: folder.path("c")))
    }

    @Test(arguments: settings.indices) func theResultIsThatOfAnUninterruptedTraining(number: Int) throws {
        let (corpus, settings) = (try smallCorpus(), Self.settings[number])
        var steps = 0
        try FeatureModel.train(on: corpus, settings) { if case .step = $0 { steps += 1 } }.save(to: folder.path("m"))
        #expect(steps >= 2)
        for interrupted in Set([1, steps / 2, steps / 2 + 1, steps]) {
            try interrupt(corpus, settings, after: interrupted)
            try resume(corpus, settings).save(to: folder.path("again"))
            #expect(try folder.read("again") == folder.read("m"), "after \(interrupted) of \(steps) steps")
        }
        #expect(try folder.names() == ["again", "c", "m"])
    }

    /// A corpus file, which is mapped into memory, is the same corpus as the one that it was imported from.
    @Test func mappedCorporaGoOn() throws {
        let corpus = try smallCorpus()
        try CorpusFileWriter.write(corpus, to: folder.path("corpus.safetensors"))
        let mapped = try CorpusReader.read(folder.path("corpus.safetensors"))
        try FeatureModel.train(on: mapped, quickSettings()).save(to: folder.path("m"))
        try interrupt(mapped, quickSettings(), after: 3)
        try resume(mapped, quickSettings()).save(to: folder.path("again"))
        #expect(try folder.read("again") == folder.read("m"))
        _ = try resume(corpus, quickSettings())
    }

    private func expectRefused(
        _ corpus: Corpus, _ settings: ModelSettings, saying parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { try resume(corpus, settings) }
        for part in parts {
            #expect(
                error?.description.contains(part) == true, "\(String(describing: error))",
                sourceLocation: sourceLocation)
        }
    }

    @Test func otherTrainingsAreRefusedByName() throws {
        let corpus = try smallCorpus()
        try interrupt(corpus, quickSettings(), after: 2)
        expectRefused(corpus, quickSettings { $0.training.epochs = 3 }, saying: "training.epochs 2", "expected 3")
        expectRefused(
            corpus, quickSettings { $0.autoencoder.latentWidth = 7 }, saying: "autoencoder.latentWidth 6", "expected 7")
        expectRefused(corpus, quickSettings { $0.weighting = .binary }, saying: "weighting")
        expectRefused(corpus, quickSettings { $0.training.seed = 1 }, saying: "training.seed 0")
        expectRefused(corpus, quickVariationalSettings(), saying: "kind sae", "expected vae")
        expectRefused(try smallCorpus(documents: 71), quickSettings(), saying: "documents 70", "expected 71")
        expectRefused(try smallCorpus(seed: 2), quickSettings(), saying: "entries")
        expectRefused(
            try smallCorpus(vocabulary: Vocabulary(words: (0..<45).map { "w\($0)" })), quickSettings(),
            saying: "fingerprint")
    }

    @Test func anotherVersionIsRefusedByName() throws {
        let corpus = try smallCorpus()
        try interrupt(corpus, quickSettings(), after: 2)
        var bytes = Data(try folder.read("c"))
        let version = try #require(bytes.range(of: Data("\"version\":\"\(gossamerVersion)\"".utf8)))
        bytes[version.upperBound - 2] ^= 1
        try bytes.write(to: folder.url.appending(path: "c"))
        expectRefused(corpus, quickSettings(), saying: "version", gossamerVersion)
    }

    @Test func damagedFilesAreRefused() throws {
        let corpus = try smallCorpus()
        try interrupt(corpus, quickSettings(), after: 2)
        let bytes = try folder.read("c")
        for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 60)) {
            var altered = bytes
            altered[place] ^= 0x04
            try Data(altered).write(to: folder.url.appending(path: "c"))
            expectRefused(corpus, quickSettings())
            try Data(bytes.prefix(place)).write(to: folder.url.appending(path: "c"))
            expectRefused(corpus, quickSettings())
        }
        try FeatureModel.train(on: corpus, quickSettings()).save(to: folder.path("c"))
        expectRefused(corpus, quickSettings(), saying: "gossamer-model-1")
    }

    /// A training that diverges leaves the state from before.
    @Test func theLastGoodStateStays() throws {
        let corpus = try smallCorpus()
        let settings = quickSettings {
            $0.training.learningRate = 1e30
            $0.training.epochs = 5
        }
        #expect(throws: ModelTrainingError.self) {
            try FeatureModel.train(
                on: corpus, settings, checkpoints: Checkpoints(path: folder.path("c"), interval: .zero))
        }
        for tensor in try SafetensorsFile(path: folder.path("c")).tensors where tensor.type == .float32 {
            let numbers = try SafetensorsFile(path: folder.path("c")).array(named: tensor.name, of: Float.self)
            #expect(numbers.allSatisfy { $0.isFinite })
        }
        try SafetensorsFile(path: folder.path("c")).verifyChecksum()
    }

    @Test func anEarlyStopGoesOn() throws {
        let corpus = try smallCorpus()
        let settings = quickSettings {
            $0.training.epochs = 30
            $0.training.validationFraction = 0.3
            $0.training.patience = 1
            $0.training.learningRate = 0.5
        }
        var epochs = 0
        try FeatureModel.train(on: corpus, settings, checkpoints: Checkpoints(path: folder.path("c"))) {
            if case .epoch(let report) = $0 { epochs = report.epoch }
        }.save(to: folder.path("m"))
        #expect(epochs < 30)
        let model = try FeatureModel.train(
            on: corpus, settings, checkpoints: Checkpoints(resumedPath: folder.path("c"))
        ) {
            if case .step = $0 { Issue.record("a step after the end") }
        }
        try model.save(to: folder.path("again"))
        #expect(try folder.read("again") == folder.read("m"))
    }

    /// A state that is copied and written beside training is the one that is written while training waits.
    @Test(arguments: settings.indices) func copiesAreTheState(number: Int) throws {
        let (corpus, settings) = (try smallCorpus(), Self.settings[number])
        for steps in [1, 3] {
            try interrupt(corpus, settings, after: steps)
            let waiting = Checkpoints(path: folder.path("waiting"), interval: .zero)
            try GossamerTests.interrupt(corpus, settings, after: steps, waiting)
            #expect(try folder.read("c") == folder.read("waiting"))
        }
    }

    /// With `mayStart` a run goes on from its own state only.
    @Test func aRunMayStartFromTheBeginning() throws {
        let corpus = try smallCorpus()
        var checkpoints = Checkpoints(path: folder.path("c"), resumedPath: folder.path("c"))
        checkpoints.mayStart = true
        func train(_ settings: ModelSettings) throws -> (model: FeatureModel, wasResumed: Bool) {
            var wasResumed = false
            let model = try FeatureModel.train(on: corpus, settings, checkpoints: checkpoints) {
                if case .resumed = $0 { wasResumed = true }
            }
            return (model, wasResumed)
        }
        try #expect(!train(quickSettings()).wasResumed)
        try #expect(train(quickSettings()).wasResumed)
        let other = quickSettings { $0.training.seed = 1 }
        try #expect(!train(other).wasResumed)
        try interrupt(corpus, other, after: 2)
        let (model, wasResumed) = try train(other)
        try model.save(to: folder.path("m"))
        #expect(wasResumed)
        try FeatureModel.train(on: corpus, other).save(to: folder.path("again"))
        #expect(try folder.read("again") == folder.read("m"))
        try model.save(to: folder.path("c"))
        #expect(throws: FileError.self) { try train(other) }
    }

    /// States that cannot be written are reported once; the model is there in the end, with the error.
    @Test(arguments: [nil, .zero] as [Duration?]) func unwrittenStatesAreReportedOnce(interval: Duration?) throws {
        let corpus = try smallCorpus()
        let place = folder.url.appending(path: "gone")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let checkpoints = Checkpoints(path: place.appending(path: "c").path, interval: interval)
        try FileManager.default.removeItem(at: place)
        var failures: [String] = []
        let error = #expect(throws: UnkeptState.self) {
            try FeatureModel.train(on: corpus, quickSettings { $0.training.epochs = 4 }, checkpoints: checkpoints) {
                if case .checkpointFailed(let error) = $0 { failures.append(String(describing: error)) }
            }
        }
        // Beside training, the first failure may become known only at the end.
        #expect(failures.count == 1 || interval == nil && failures.isEmpty)
        #expect(failures.allSatisfy { $0.contains("cannot be created") && $0.contains("training goes on") })
        try error?.model.save(to: folder.path("m"))
        try FeatureModel.train(on: corpus, quickSettings { $0.training.epochs = 4 }).save(to: folder.path("again"))
        #expect(try folder.read("again") == folder.read("m"))
    }

    private struct OddState: SavedState {
        var floats: [Float] = [1, 2]
        var double = 1.0

        mutating func visit(_ walk: StateWalk) {
            walk.part("floats", &floats)
            walk.part("double", &double)
        }
    }

    @Test func numbersThatAreNotFiniteAreNotKept() throws {
        func write(_ state: OddState) throws {
            var state = state
            try CheckpointFile.write(to: folder.path("c"), metadata: [:], history: []) { state.visit($0) }
        }
        try write(OddState())
        let before = try folder.read("c")
        for number in [Float.nan, .infinity, -.infinity] {
            #expect(throws: FileError.self) { try write(OddState(floats: [1, number])) }
            let error = #expect(throws: FileError.self) { try write(OddState(double: Double(number))) }
            #expect(error?.description.contains("double has a number that is not finite") == true)
        }
        #expect(try folder.read("c") == before && folder.names() == ["c"])
    }
}
