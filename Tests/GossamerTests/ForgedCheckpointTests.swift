import Autoencoders
import Corpora
import FileIO
import Foundation
import TensorFiles
import Testing

@testable import Gossamer

/// A file of tensors that can be altered and written again, with a checksum that fits.
private struct TensorTable {
    var tensors: [(description: TensorDescription, bytes: [UInt8])]
    var metadata: [String: String]

    init(_ path: String) throws {
        let file = try SafetensorsFile(path: path)
        metadata = file.metadata
        tensors = try file.tensors.filter { $0 != StreamChecksum.tensor }.map {
            ($0, Array(try file.bytes(named: $0.name, type: $0.type, shape: $0.shape)))
        }
    }

    func write(to path: String, isChecksummed: Bool = true) throws {
        let writer = try SafetensorsWriter(
            path: path, tensors: tensors.map(\.description), metadata: metadata, isChecksummed: isChecksummed)
        for tensor in writer.tensors {
            let bytes = try #require(tensors.first { $0.description == tensor }?.bytes)
            try bytes.withUnsafeBytes { raw in
                Result { () throws(FileError) in try writer.write(raw: raw, to: tensor.name) }
            }
            .get()
        }
        try writer.commit()
    }

    func place(of name: String) throws -> Int { try #require(tensors.firstIndex { $0.description.name == name }) }

    /// Replaces an element; a place beyond the last is the last.
    mutating func set<Number: BitwiseCopyable>(_ name: String, _ element: Int = 0, to number: Number) throws {
        let place = try place(of: name), size = MemoryLayout<Number>.size
        let count = tensors[place].bytes.count / size
        guard count > 0 else { return }
        withUnsafeBytes(of: number) {
            tensors[place].bytes.replaceSubrange(
                min(element, count - 1) * size..<(min(element, count - 1) + 1) * size, with: $0)
        }
    }
}

/// States with the right checksum that no training wrote: each is refused, or goes on without harm.
@Suite struct ForgedCheckpointTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private var path: String { folder.path("c") }

    private static let settings = [
        quickSettings { $0.training.validationFraction = 0.2 },
        quickSettings(activation: .jumpReLU, hidden: [5]) { $0.training.optimizer = .factoredAdam },
        quickVariationalSettings { $0.training.validationFraction = 0.2 },
        quickVariationalSettings { $0.variational.sampledSoftmax = 5 },
    ]

    private func steps(of corpus: Corpus, _ settings: ModelSettings) throws -> Int {
        var steps = 0
        _ = try FeatureModel.train(on: corpus, settings) { if case .step = $0 { steps += 1 } }
        return steps
    }

    private func resume(_ corpus: Corpus, _ settings: ModelSettings) throws {
        _ = try FeatureModel.train(on: corpus, settings, checkpoints: Checkpoints(resumedPath: path))
    }

    private func expectRefused(
        _ table: TensorTable, _ corpus: Corpus, _ settings: ModelSettings, _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try table.write(to: path)
        let error = #expect(throws: FileError.self, "\(what)", sourceLocation: sourceLocation) {
            try resume(corpus, settings)
        }
        #expect(
            error?.description.contains(what) == true, "\(String(describing: error))", sourceLocation: sourceLocation)
    }

    @Test func impossiblePositionsAreRefused() throws {
        let (corpus, settings) = (try smallCorpus(), Self.settings[0])
        // In the second of two epochs.
        let steps = try steps(of: corpus, settings)
        try interrupt(corpus, settings, after: steps / 2 + 1, Checkpoints(path: path))
        let good = try TensorTable(path)
        let wrong: [(String, Int, [Int])] = [
            ("position.epochs", 0, [-1, 3, .max, .min]), ("position.steps", 0, [-1, 1000, .max, .min]),
            ("position.order.rows", 4, [-1, 55, 70, .max]), ("position.watch.best_epoch", 0, [-1, 2, .max]),
            ("trainer.epoch.rows", 0, [-1, .max]), ("trainer.epoch.active_entries", 0, [-1, .max]),
        ]
        for (name, element, numbers) in wrong {
            for number in numbers {
                var table = good
                let before = table.tensors[try table.place(of: name)].bytes
                try table.set(name, element, to: number)
                if table.tensors[try table.place(of: name)].bytes == before { continue }
                try expectRefused(table, corpus, settings, name)
            }
        }
        // A row that is there twice.
        var table = good
        let rows = try table.place(of: "position.order.rows")
        table.tensors[rows].bytes.replaceSubrange(0..<8, with: table.tensors[rows].bytes[8..<16])
        try expectRefused(table, corpus, settings, "each of the training rows once")
        table = good
        for word in 0..<4 { try table.set("position.generator.words", word, to: 0) }
        try expectRefused(table, corpus, settings, "position.generator.words")
        table = good
        try table.set("trainer.encoder.input.weight", 7, to: Float.nan)
        try expectRefused(table, corpus, settings, "not finite")
        table = good
        try table.set("trainer.decoder.lazy_scale", to: Double.infinity)
        try expectRefused(table, corpus, settings, "not finite")
        table = good
        try table.set("trainer.decoder.lazy_scale", to: 0.0)
        try expectRefused(table, corpus, settings, "trainer.decoder.lazy_scale")
        table = good
        table.tensors.removeAll { $0.description.name.hasPrefix("history.") }
        try expectRefused(table, corpus, settings, "a history of 0 epochs")
    }

    @Test func impossibleStepsOfRowsAreRefused() throws {
        let (corpus, settings) = (try smallCorpus(), Self.settings[3])
        try interrupt(corpus, settings, after: 3, Checkpoints(path: path))
        for number in [-1, 4, Int.max] {
            var table = try TensorTable(path)
            try table.set("trainer.sampled_softmax.weights.seen_steps", 2, to: number)
            try expectRefused(table, corpus, settings, "seen_steps")
            try interrupt(corpus, settings, after: 3, Checkpoints(path: path))
        }
    }

    /// Numbers, bytes, names and shapes at random.
    @Test(arguments: settings.indices) func noStateDoesHarm(number: Int) throws {
        let (corpus, settings) = (try smallCorpus(documents: 40), Self.settings[number])
        let steps = try steps(of: corpus, settings)
        var generator = RandomGenerator(seed: 5, stream: UInt64(number))
        var refused = 0
        for round in 0..<120 {
            try interrupt(corpus, settings, after: 1 + round % steps, Checkpoints(path: path))
            var table = try TensorTable(path)
            for _ in 0..<Int.random(in: 1...3, using: &generator) { try forge(&table, using: &generator) }
            try table.write(to: path)
            do {
                try resume(corpus, settings)
            } catch let error where error is FileError || error is ModelTrainingError {
                refused += 1
            }
        }
        #expect(refused > 40)
    }

    private func forge(_ table: inout TensorTable, using generator: inout RandomGenerator) throws {
        let place = Int.random(in: 0..<table.tensors.count, using: &generator)
        let (description, bytes) = table.tensors[place]
        let element = Int.random(in: 0..<max(1, bytes.count), using: &generator)
        func pick<Number>(_ numbers: [Number]) -> Number {
            numbers[Int.random(in: 0..<numbers.count, using: &generator)]
        }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: table.tensors.remove(at: place)
        case 1:
            let shape = description.shape.map { $0 + 1 }
            let other = TensorDescription(name: description.name, type: description.type, shape: shape)
            table.tensors[place] = (other, [UInt8](repeating: 0, count: other.byteCount))
        case 2: table.tensors[place].bytes = bytes.map { _ in UInt8.random(in: 0...255, using: &generator) }
        case 3: table.tensors[place].bytes = bytes.map { _ in 0 }
        default:
            switch description.type {
            case .int64:
                try table.set(description.name, element, to: pick([-1, 0, 1, 2, 7, 1 << 40, .max, .min, .max - 1]))
            case .float32:
                try table.set(
                    description.name, element,
                    to: pick([.nan, .infinity, 1e38, -1e38, 1e-37, 0, -1, 1e10] as [Float]))
            case .float64:
                try table.set(
                    description.name, element,
                    to: pick([.nan, -.infinity, 1e308, -1e308, 5e-300, 0, -1, 1e30] as [Double]))
            default: try table.set(description.name, element, to: pick([0, 1, 2, 128, 255] as [UInt8]))
            }
        }
    }

    /// A model file whose counts of documents cannot be added.
    @Test func recordsOfImpossibleCountsAreRefused() throws {
        let model = try FeatureModel.train(on: smallCorpus(), quickSettings())
        try model.continued(on: smallCorpus(seed: 2)).save(to: path)
        let good = try TensorTable(path)
        let record = try #require(good.metadata["training"])
        #expect(record.contains(#""documents":70"#))
        for number in ["9223372036854775807", "-1", "4611686018427387904"] {
            var table = good
            table.metadata["training"] = record.replacing(#""documents":70"#, with: #""documents":\#(number)"#)
            try table.write(to: path, isChecksummed: false)
            #expect(throws: FileError.self) { try FeatureModel(contentsOf: path) }
        }
    }
}
