import Autoencoders
import Corpora
import Foundation
import Gossamer
import SparseMatrices
import SuiteSparse

/// A comparison of epochs, complete training, and embedding.
struct TrainingComparison {
    let settings: CompareSettings
    let withKeras: Bool

    /// The cost of one training.
    struct Training {
        let model: FeatureModel
        let epochs: [Double]
        let seconds: Double
    }

    /// Gossamer's measurements. They must come first in the process, since memory is the peak of the process up to
    /// then.
    struct Own {
        let epoch: Double
        let fit: Double
        let epochs: Int
        let documentsPerSecond: Double
        let peakBytes: Int?
    }

    func measureOwn(_ corpus: Corpus) throws -> Own {
        let first = try Self.train(corpus, latent: settings.latent, settings.execution)
        let peak = MemoryWatch.processPeak
        let others = try (1..<settings.longRuns).map { _ in
            try Self.train(corpus, latent: settings.latent, settings.execution).seconds
        }
        let embedding = try Timing(runs: settings.runs) {
            _ = try first.model.embed(corpus, execution: settings.execution)
        }
        return Own(
            epoch: Rate(of: first.epochs).median, fit: Rate(of: [first.seconds] + others).median,
            epochs: first.epochs.count, documentsPerSecond: Double(corpus.rowCount) / embedding.median,
            peakBytes: peak)
    }

    func add(_ own: Own, _ corpus: Corpus, to comparison: inout Comparison) {
        let units = String(settings.latent)
        let lsa = settings.peers.run("lsa", [settings.file, units, String(settings.longRuns)])
        let keras =
            withKeras ? settings.peers.run("keras_dense", [settings.file, units, String(settings.longRuns)]) : [:]
        comparison.add(
            "an epoch, \(corpus.rowCount) × \(corpus.featureCount), \(units) units", "s",
            .init("Gossamer", own.epoch, peakBytes: own.peakBytes),
            peers: keras["epoch"].map { [.init("Keras, dense", $0.seconds, peakBytes: $0.peakBytes)] } ?? [])
        comparison.add(
            "all of training, \(own.epochs) epochs", "s", .init("Gossamer", own.fit),
            peers: lsa.entries(["TruncatedSVD.fit": "fit"]))
        let documents = Double(corpus.rowCount)
        comparison.add(
            "embedding", "documents/s", .init("Gossamer", own.documentsPerSecond),
            peers: lsa.entries(["TruncatedSVD.transform": "embed"], amount: documents)
                + keras.entries(["Keras, dense": "embed"], amount: documents))
    }

    /// - Parameter epochs: nil for the number that training chooses.
    static func train(
        _ corpus: Corpus, latent: Int, epochs: Int? = nil, _ execution: Execution
    ) throws -> Training {
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = latent
        if let epochs { settings.training.epochs = epochs }
        var seconds: [Double] = []
        let start = ContinuousClock.now
        let model = try FeatureModel.train(on: corpus, settings, execution: execution) { event in
            if case .epoch(let epoch) = event { seconds.append(epoch.seconds) }
        }
        return Training(model: model, epochs: seconds, seconds: start.duration(to: .now) / .seconds(1))
    }
}

/// The cost of an epoch if the same documents have more features; it should depend on the number of entries only.
struct HashedComparison {
    let settings: CompareSettings
    private static let epochs = 4

    func add(_ corpus: Corpus, to comparison: inout Comparison) throws {
        let few = try epochSeconds(corpus, bits: 16)
        let many = try epochSeconds(corpus, bits: 20)
        comparison.add(
            "an epoch, features hashed to 2¹⁶; to 2²⁰", "s",
            .init(
                "Gossamer", many,
                remark: String(format: "2²⁰; 2¹⁶ %.3g s, a ratio of %.2f for 16 times the features", few, many / few)),
            peers: [])
    }

    private func epochSeconds(_ corpus: Corpus, bits: Int) throws -> Double {
        let hashed = Corpus(matrix: try hashedColumns(corpus.matrix, bits: bits), provenance: corpus.provenance)
        let training = try TrainingComparison.train(
            hashed, latent: settings.latent, epochs: Self.epochs, settings.execution)
        return Rate(of: Array(training.epochs.dropFirst())).median
    }
}

/// The same rows with column c moved to SplitMix64(c) mod 2^bits (Steele et al., OOPSLA 2014); colliding entries are
/// added.
func hashedColumns(_ matrix: CSRMatrix, bits: Int) throws -> CSRMatrix {
    let columns = matrix.columnIndices.map { column in
        var hash = UInt64(column) &+ 0x9E37_79B9_7F4A_7C15
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return UInt32((hash ^ (hash >> 31)) & (1 << UInt64(bits) - 1))
    }
    let offsets = matrix.rowOffsets
    let rows = (0..<matrix.rowCount).flatMap { row in repeatElement(row, count: offsets[row + 1] - offsets[row]) }
    return try CSRMatrix(
        COOMatrix(
            rowCount: matrix.rowCount, columnCount: 1 << bits, rowIndices: rows, columnIndices: columns,
            values: matrix.values))
}
