import SparseMatrices
import Testing

@testable import Autoencoders

/// What training does with units that compete, have a threshold or a price, or die.
@Suite struct SparseUnitsTests {
    private let planted = PlantedTopics()

    private func activity(
        _ epochs: Int = 10, _ change: (inout AutoencoderSettings) -> Void
    ) throws -> (trained: Double, encoder: SparseEncoder) {
        let log = TrainingLog<ReconstructionFigures>()
        let model = try trainSparseAutoencoder(
            on: planted.matrix, settings(change), training: training(epochs: epochs), onEvent: log.note)
        return (try #require(log.final).activeUnits, model.encoder)
    }

    /// The threshold that is learned leaves as many units active as were asked for, on clean inputs too.
    @Test(arguments: [1, 2])
    func batchTopKsThresholdLeavesKUnits(k: Int) throws {
        let (active, encoder) = try activity { $0.activation = .batchTopK(k) }
        #expect(encoder.thresholds.count == 1 && encoder.thresholds[0] > 0)
        #expect(abs(active - Double(k)) < 0.02 * Double(k), "\(active)")
    }

    /// Where documents have fewer positive units than were asked for, all of them stay.
    @Test func batchTopKKeepsAllPositiveUnitsIfTheyAreFewer() throws {
        let (active, encoder) = try activity {
            $0.activation = .batchTopK(4)
            $0.emphasis = 1
        }
        #expect(encoder.thresholds == [0] && active < 4, "\(active)")
    }

    @Test func aPriceOnActivityRaisesThresholds() throws {
        let free = try activity(30) { $0.activation = .jumpReLU }
        let priced = try activity(30) {
            $0.activation = .jumpReLU; $0.penalties = [.l0(0.02)]
        }
        #expect(free.encoder.thresholds.count == 16 && priced.encoder.thresholds.allSatisfy { $0 > 0 })
        #expect(priced.trained < 0.8 * free.trained, "\(priced.trained), \(free.trained)")
    }

    @Test func aTargetActivityIsApproached() throws {
        func ratio(_ penalties: [SparsityPenalty]) throws -> Double {
            let codes = try activity(30) { $0.penalties = penalties }.encoder.encode(planted.matrix)
            let ratios = (0..<codes.columnCount).compactMap { unit -> Double? in
                let column = (0..<codes.rowCount).map { Double(codes[$0, unit]) }
                let (sum, square) = (column.reduce(0, +), column.reduce(0) { $0 + $1 * $1 })
                return square > 0 ? sum * sum / (Double(column.count) * square) : nil
            }
            return ratios.reduce(0, +) / Double(ratios.count)
        }
        let (plain, priced) = try (ratio([]), ratio([.kl(target: 0.2, weight: 0.05)]))
        #expect(abs(priced - 0.2) < 0.5 * abs(plain - 0.2), "\(plain), \(priced)")
    }

    @Test(arguments: [[], [12]] as [[Int]], ReconstructionObjective.allCases)
    func deadUnitsStartAnewAsBadlyReconstructedDocuments(hidden: [Int], objective: ReconstructionObjective) throws {
        let settings = settings {
            $0.latentWidth = 6; $0.hiddenWidths = hidden; $0.objective = objective
        }
        var generator = RandomGenerator(seed: 1, stream: 1)
        var encoder = SparseEncoder(
            settings, rows: Array(0..<600), of: WeightedRows(planted.matrix), generator: &generator)
        // No document can reach units 1 and 4.
        for unit in [1, 4] {
            if hidden.isEmpty { encoder.input.bias[unit] = -100 } else { encoder.layers[0].bias[unit] = -100 }
        }
        let rows = Array(0..<600)
        func revive<Decoder: ReconstructionDecoder>(
            _ decoder: Decoder,
            fit: (inout AutoencoderTrainer<Decoder>, [Int], Double, Bool) -> Void = { _, _, _, _ in }
        ) -> (before: [Int], after: [Int], count: Int) {
            var trainer = AutoencoderTrainer(
                encoder: encoder, decoder: decoder, matrix: WeightedRows(planted.matrix),
                transform: InputTransform(scale: 1),
                execution: Execution(parallelism: .serial))
            fit(&trainer, rows, 0.1, true)
            let before = trainer.statistics(of: rows).deadUnits
            let count = trainer.revive(before, from: rows[...], using: &generator)
            fit(&trainer, rows, 0.1, true)
            return (before, trainer.statistics(of: rows).deadUnits, count)
        }
        let linear = LinearDecoder(
            weights: DenseMatrix(rowCount: 300, columnCount: 6), bias: Array(repeating: 0, count: 300))
        let outcome =
            objective == .squaredError
            ? revive(OptimalDecoder(featureCount: 300, width: 6, hasBias: true)) {
                $0.fitDecoder(to: $1, ridge: $2, isTraining: $3)
            }
            : revive(
                LikelihoodDecoder(
                    linear, dispersion: .shared(objective, features: linear.featureCount), objective: objective))
        #expect(outcome.before == [1, 4] && outcome.count == 2 && outcome.after.isEmpty, "\(outcome)")
    }

    /// With one active unit a document, 60 documents cannot keep 96 units alive.
    @Test func deadUnitsAreReportedAndRevivedWhileTraining() throws {
        let log = TrainingLog<ReconstructionFigures>()
        _ = try trainSparseAutoencoder(
            on: PlantedTopics(documents: 60, words: 120).matrix,
            settings {
                $0.latentWidth = 96; $0.activation = .topK(1)
            }, training: training(epochs: 10), onEvent: log.note)
        #expect(log.epochs.allSatisfy { $0.deadUnits >= 36 })
        #expect(log.epochs.prefix(8).allSatisfy { $0.revivedUnits == min(60, $0.deadUnits) })
        #expect(log.epochs.suffix(2).allSatisfy { $0.revivedUnits == 0 })
        #expect(try #require(log.final).deadUnits >= 36)
    }
}
