import Autoencoders
import Corpora
import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Gossamer

let packageRoot = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// A folder of its own for one test, removed at the end.
final class ScratchFolder {
    let url = FileManager.default.temporaryDirectory.appending(path: "gossamer-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: url.appending(path: name))) }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
}

/// Documents of three topics with words of their own, as counts; every eleventh is empty.
func smallCorpus(
    documents: Int = 70, features: Int = 45, negatives: Bool = false, vocabulary: Vocabulary? = nil, seed: UInt64 = 1
) throws -> Corpus {
    var generator = RandomGenerator(seed: seed, stream: 7)
    var offsets = [0]
    var columns: [UInt32] = []
    var values: [Float] = []
    for document in 0..<documents {
        var counts: [Int: Float] = [:]
        if document % 11 != 5 {
            for _ in 0..<9 {
                let column = Int.random(in: 0..<features / 3, using: &generator) * 3 + document % 3
                counts[column, default: 0] += negatives ? generator.nextUniform() - 0.5 : 1
            }
        }
        for (column, count) in counts.sorted(by: { $0.key < $1.key }) {
            columns.append(UInt32(column))
            values.append(count)
        }
        offsets.append(values.count)
    }
    return Corpus(
        matrix: try CSRMatrix(
            rowCount: documents, columnCount: features, rowOffsets: offsets, columnIndices: columns, values: values),
        vocabulary: vocabulary, provenance: CorpusProvenance(format: "test", indexBase: .one))
}

/// Settings that train in a moment.
func quickSettings(
    latent: Int = 6, activation: Activation = .relu, hidden: [Int] = [],
    change: (inout ModelSettings) -> Void = { _ in }
) -> ModelSettings {
    var settings = ModelSettings()
    settings.autoencoder.latentWidth = latent
    settings.autoencoder.activation = activation
    settings.autoencoder.hiddenWidths = hidden
    settings.training.epochs = 2
    change(&settings)
    return settings
}

/// Settings of a variational autoencoder that trains in a moment.
func quickVariationalSettings(
    latent: Int = 4, hidden: [Int] = [9, 7], change: (inout ModelSettings) -> Void = { _ in }
) -> ModelSettings {
    var settings = ModelSettings(VariationalSettings())
    settings.variational.latentWidth = latent
    settings.variational.hiddenWidths = hidden
    settings.variational.refinementSteps = 2
    settings.training.epochs = 2
    change(&settings)
    return settings
}

func bits(_ matrix: DenseMatrix) -> [UInt32] { matrix.elements.map(\.bitPattern) }

/// Trains until some steps were performed, and keeps the state.
func interrupt(
    _ corpus: Corpus, _ settings: ModelSettings, after steps: Int, _ checkpoints: Checkpoints
) throws {
    let execution = Execution()
    var done = 0
    let error = #expect(throws: ModelTrainingError.self) {
        try FeatureModel.train(on: corpus, settings, execution: execution, checkpoints: checkpoints) { event in
            if case .step = event { done += 1 }
            if done == steps { execution.cancel() }
        }
    }
    #expect(error?.reason == .cancelled)
}
