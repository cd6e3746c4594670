import Autoencoders
import SparseMatrices
import Testing

/// Settings with some things changed.
func settings(_ change: (inout AutoencoderSettings) -> Void) -> AutoencoderSettings {
    var settings = AutoencoderSettings()
    settings.latentWidth = 16
    change(&settings)
    return settings
}

func training(epochs: Int? = nil, _ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.epochs = epochs
    change(&settings)
    return settings
}

@Suite struct TrainingTests {
    private let planted = PlantedTopics()
    private let small = PlantedTopics(documents: 240, words: 120, topicCount: 4)

    /// What is told of an epoch with an emphasis on rare features is their noisier error.
    @Test(arguments: [(0, 2), (1, 4)] as [(Float, Int)])
    func theDefaultsExplainMoreAndRecoverTopics(emphasis: Float, mostRises: Int) throws {
        let log = TrainingLog<ReconstructionFigures>()
        let model = try trainSparseAutoencoder(
            on: planted.matrix, settings { $0.emphasis = emphasis }, onEvent: log.note)
        let unexplained = log.epochs.map(\.unexplained)
        #expect(unexplained.count == log.plan?.epochs)
        #expect(try #require(unexplained.last) < 0.97 * (try #require(unexplained.first)))
        let rises = zip(unexplained, unexplained.dropFirst()).count { $1 > $0 + 0.002 }
        #expect(rises <= mostRises, "\(unexplained)")
        #expect(planted.nearestCentroidAccuracy(model.encoder.encode(planted.matrix)) > 0.9)
        #expect(model.isFinite && model.featureCount == 300 && model.latentWidth == 16)
        let final = try #require(log.final)
        #expect(abs(final.unexplained - model.unexplained(planted.matrix, rows: Array(0..<600))) < 1e-4)
        #expect(final.unexplained < 0.9)
    }

    @Test func eventsAreInStep() throws {
        let log = TrainingLog<ReconstructionFigures>()
        _ = try trainSparseAutoencoder(
            on: planted.matrix, settings { _ in }, training: training(epochs: 2) { $0.batchSize = 250 },
            onEvent: log.note)
        #expect(log.steps.map(\.step) == [1, 2, 3, 4, 5, 6])
        #expect(log.steps.map(\.epoch) == [1, 1, 1, 2, 2, 2])
        #expect(log.steps.map(\.rowsSeen) == [250, 500, 600, 850, 1100, 1200])
        #expect(log.steps.map(\.totalSteps) == Array(repeating: 6, count: 6))
        #expect(log.epochs.map(\.epoch) == [1, 2])
        for report in log.epochs {
            #expect(report.rows == 600 && report.epochs == 2 && report.validation == nil)
            #expect(report.activeUnits > 0 && report.activeUnits <= 16 && (0...16).contains(report.deadUnits))
        }
        #expect(log.earlyStop == nil)
    }

    struct Shape: CustomTestStringConvertible {
        let name: String
        let settings: AutoencoderSettings
        var testDescription: String { name }
    }

    private static let shapes = [
        Shape(name: "optimal", settings: settings { _ in }),
        Shape(name: "trained", settings: settings { $0.decoder = .trained }),
        Shape(name: "hidden layers", settings: settings { $0.hiddenWidths = [32, 24] }),
        Shape(
            name: "hidden layers, trained",
            settings: settings {
                $0.hiddenWidths = [32]; $0.decoder = .trained
            }),
        Shape(
            name: "top-k, no bias",
            settings: settings {
                $0.activation = .topK(4); $0.hasDecoderBias = false
            }),
        Shape(name: "penalties", settings: settings { $0.penalties = [.l1(0.02), .l2(0.01)] }),
        Shape(
            name: "sigmoid, KL",
            settings: settings {
                $0.activation = .sigmoid; $0.penalties = [.kl(target: 0.1, weight: 1e-3)]
            }),
        Shape(name: "batch top-k", settings: settings { $0.activation = .batchTopK(4) }),
        Shape(
            name: "batch top-k, hidden layers",
            settings: settings {
                $0.activation = .batchTopK(4); $0.hiddenWidths = [32]
            }),
        Shape(
            name: "jumpReLU",
            settings: settings {
                $0.activation = .jumpReLU; $0.penalties = [.l0(1e-3)]
            }),
        Shape(
            name: "jumpReLU, hidden layers, trained",
            settings: settings {
                $0.activation = .jumpReLU; $0.penalties = [.l0(1e-3)]; $0.hiddenWidths = [32]; $0.decoder = .trained
            }),
        Shape(name: "k-competitive", settings: settings { $0.activation = .kCompetitive(6) }),
        Shape(
            name: "k-competitive, trained",
            settings: settings {
                $0.activation = .kCompetitive(6); $0.decoder = .trained
            }),
        Shape(name: "sigmoid", settings: settings { $0.activation = .sigmoid }),
        Shape(name: "clean inputs", settings: settings { $0.denoising = 0 }),
    ]

    @Test(arguments: shapes)
    func theSeedDecidesAndThreadsDoNot(shape: Shape) throws {
        func bits(threads: Int, seed: UInt64) throws -> [UInt32] {
            try trainSparseAutoencoder(
                on: small.matrix, shape.settings, training: training(epochs: 2) { $0.seed = seed },
                execution: Execution(parallelism: Parallelism(threads: threads))
            ).bits
        }
        let one = try bits(threads: 1, seed: 1)
        #expect(try bits(threads: 2, seed: 1) == one)
        #expect(try bits(threads: 3, seed: 1) == one)
        #expect(try bits(threads: 2, seed: 2) != one)
    }

    @Test(arguments: shapes)
    func everyShapeLearns(shape: Shape) throws {
        let log = TrainingLog<ReconstructionFigures>()
        let model = try trainSparseAutoencoder(
            on: small.matrix, shape.settings, training: training(epochs: 12), onEvent: log.note)
        let epochs = log.epochs
        #expect(epochs[11].unexplained < epochs[0].unexplained)
        #expect(epochs[11].loss < epochs[0].loss)
        #expect(model.isFinite)
        let final = try #require(log.final)
        #expect(abs(final.unexplained - model.unexplained(small.matrix, rows: Array(0..<240))) < 1e-4)
    }

    @Test(arguments: [1, 3])
    func topKLeavesAtMostKActiveUnits(k: Int) throws {
        let log = TrainingLog<ReconstructionFigures>()
        let model = try trainSparseAutoencoder(
            on: planted.matrix, settings { $0.activation = .topK(k) }, training: training(epochs: 3), onEvent: log.note)
        let codes = model.encoder.encode(planted.matrix)
        let active = (0..<codes.rowCount).map { row in codes.row(row).count { $0 != 0 } }
        #expect(active.allSatisfy { $0 <= k })
        #expect(active.contains(k))
        #expect(try #require(log.final).activeUnits <= Double(k))
    }

    @Test func anL1PenaltyMakesCodesSparser() throws {
        func activity(_ penalties: [SparsityPenalty]) throws -> Double {
            let log = TrainingLog<ReconstructionFigures>()
            _ = try trainSparseAutoencoder(
                on: planted.matrix, settings { $0.penalties = penalties }, training: training(epochs: 10),
                onEvent: log.note)
            return try #require(log.final).activeUnits
        }
        #expect(try activity([.l1(0.1)]) < activity([]))
    }

    @Test func bothDecodersEndUpAlike() throws {
        let tiny = PlantedTopics(documents: 200, words: 60, topicCount: 3, seed: 3)
        func unexplained(_ kind: AutoencoderSettings.DecoderKind) throws -> Double {
            let model = try trainSparseAutoencoder(
                on: tiny.matrix,
                settings {
                    $0.latentWidth = 6; $0.decoder = kind; $0.denoising = 0
                },
                training: training(epochs: 150) { $0.batchSize = 50 })
            return model.unexplained(tiny.matrix, rows: Array(0..<200))
        }
        let (optimal, trained) = try (unexplained(.optimal), unexplained(.trained))
        #expect(abs(optimal - trained) < 0.05, "optimal \(optimal), trained \(trained)")
    }

    /// Training takes the data's own scale as its unit. A power of two changes no digits, so all must be the same.
    @Test(arguments: [0x1p-20, 256] as [Float], [AutoencoderSettings.DecoderKind.optimal, .trained])
    func theDatasScaleDoesNotMatter(factor: Float, kind: AutoencoderSettings.DecoderKind) throws {
        func train(_ matrix: CSRMatrix) throws -> (SparseAutoencoder, TrainingLog<ReconstructionFigures>) {
            let log = TrainingLog<ReconstructionFigures>()
            let model = try trainSparseAutoencoder(
                on: matrix,
                settings {
                    $0.penalties = [.l1(0.02)]; $0.decoder = kind; $0.hiddenWidths = [20]
                },
                training: training(epochs: 3), onEvent: log.note)
            return (model, log)
        }
        let scaled = try small.matrix.mapValues { _, _, value in factor * value }
        let (model, log) = try train(small.matrix)
        let (scaledModel, scaledLog) = try train(scaled)
        #expect(scaledLog.epochs.map(\.unexplained) == log.epochs.map(\.unexplained))
        #expect(scaledModel.encoder.encode(scaled).elements == model.encoder.encode(small.matrix).elements)
        #expect(scaledModel.decoder.weights.elements == model.decoder.weights.elements.map { factor * $0 })
        #expect(scaledModel.decoder.bias == model.decoder.bias.map { factor * $0 })
        let square = Double(factor) * Double(factor)
        #expect(scaledLog.epochs.map(\.loss) == log.epochs.map { square * $0.loss })
        #expect(scaledLog.final?.loss == log.final.map { square * $0.loss })
        #expect((try #require(scaledLog.plan)).learningRate * factor == log.plan?.learningRate)
    }
}
