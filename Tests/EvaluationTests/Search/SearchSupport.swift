import Autoencoders
import Corpora
import Foundation
import Gossamer
import SparseMatrices

@testable import Evaluation

/// A folder of its own for one test, removed at the end.
final class SearchFolder {
    private let url = FileManager.default.temporaryDirectory.appending(path: "gossamer-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: url.appending(path: name))
    }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}

/// Documents of three topics with words of their own, labelled by topic.
func topicCorpus(documents: Int = 60, features: Int = 30, seed: UInt64 = 1, negatives: Bool = false) throws -> Corpus {
    var generator = RandomGenerator(seed: seed, stream: 3)
    var offsets = [0]
    var columns: [UInt32] = []
    var values: [Float] = []
    for document in 0..<documents {
        var counts: [Int: Float] = [:]
        for _ in 0..<8 {
            let own = Int.random(in: 0..<features / 3, using: &generator) * 3 + document % 3
            let column = generator.nextUniform() < 0.2 ? Int.random(in: 0..<features, using: &generator) : own
            counts[column, default: 0] += negatives ? generator.nextUniform() - 0.5 : 1
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
        labels: RowLabels((0..<documents).map { "topic \($0 % 3)" }),
        provenance: CorpusProvenance(format: "test", indexBase: .one))
}

/// Sparse autoencoders of some widths that train in a moment.
func sparseCandidates(_ widths: [Int] = [2, 4], change: (inout ModelSettings) -> Void = { _ in }) -> [SearchCandidate] {
    widths.map { width in
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = width
        settings.training.epochs = 2
        change(&settings)
        return SearchCandidate(["latent": "\(width)"], settings)
    }
}

func variationalCandidates(
    _ widths: [Int] = [2, 3], change: (inout ModelSettings) -> Void = { _ in }
) -> [SearchCandidate] {
    widths.map { width in
        var settings = ModelSettings(VariationalSettings())
        settings.variational.latentWidth = width
        settings.variational.hiddenWidths = [6]
        settings.variational.refinementSteps = 0
        settings.training.epochs = 2
        change(&settings)
        return SearchCandidate(["latent": "\(width)"], settings)
    }
}

extension SearchReport {
    /// All that does not depend on how fast the machine is, by the candidates' names.
    var outcome: [String: [FoldResult]] {
        Dictionary(
            uniqueKeysWithValues: entries.map { entry in
                (
                    entry.candidate.name,
                    entry.results.map { result in
                        var result = result
                        result.seconds = 0
                        return result
                    }
                )
            })
    }
}
