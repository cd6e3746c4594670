import Autoencoders
import SparseMatrices
import Testing

@Suite struct ValidationTests {
    private let planted = PlantedTopics(documents: 200, words: 120)

    @Test(arguments: [AutoencoderSettings.DecoderKind.optimal, .trained])
    func heldOutRowsAreWatchedButNotTrainedOn(kind: AutoencoderSettings.DecoderKind) throws {
        let log = TrainingLog<ReconstructionFigures>()
        _ = try trainSparseAutoencoder(
            on: planted.matrix, settings { $0.decoder = kind },
            training: training(epochs: 3) { $0.validationFraction = 0.2 }, onEvent: log.note)
        let plan = try #require(log.plan)
        #expect(plan.validationRows.count == 40 && plan.trainingRows.count == 160)
        #expect(log.epochs.allSatisfy { $0.rows == 160 && ($0.validation?.unexplained ?? -1) > 0 })
        #expect(log.earlyStop == nil)
    }

    /// More units than the documents can bear, so that the validation error soon rises.
    @Test(arguments: [AutoencoderSettings.DecoderKind.optimal, .trained], [1, 2])
    func trainingStopsWhenPatienceEnds(kind: AutoencoderSettings.DecoderKind, patience: Int) throws {
        let log = TrainingLog<ReconstructionFigures>()
        let model = try trainSparseAutoencoder(
            on: planted.matrix,
            settings {
                $0.decoder = kind; $0.latentWidth = 64; $0.denoising = 0; $0.emphasis = 0
            },
            training: training(epochs: 120) {
                $0.validationFraction = 0.3
                $0.patience = patience
                $0.learningRate = 0.3
            }, onEvent: log.note)
        let errors = log.epochs.compactMap { $0.validation?.unexplained }
        #expect(errors.count == log.epochs.count)
        let stop = try #require(log.earlyStop)
        #expect(stop.epoch == errors.count && stop.epoch < 120)
        #expect(stop.bestEpoch == stop.epoch - patience)
        #expect(errors[stop.bestEpoch - 1] == errors.min())
        #expect(model.isFinite)
        if kind == .trained {
            // A trained decoder is not fitted anew, so the model must be that of the best epoch to the last digit.
            let error = model.unexplained(planted.matrix, rows: try #require(log.plan).validationRows)
            #expect(abs(error - errors[stop.bestEpoch - 1]) < 1e-5)
        }
    }
}

@Suite struct DivergenceTests {
    private let planted = PlantedTopics(documents: 100, words: 60)

    @Test(arguments: [1e14, 1e17, 1e18, 1e19, 3e19, 1e30, 1e38] as [Float], [false, true])
    func anAbsurdLearningRateIsNamed(rate: Float, hasLayers: Bool) throws {
        let log = TrainingLog<ReconstructionFigures>()
        do {
            let model = try trainSparseAutoencoder(
                on: planted.matrix, settings { $0.hiddenWidths = hasLayers ? [12] : [] },
                training: training(epochs: 4) { $0.learningRate = rate }, onEvent: log.note)
            #expect(rate < 1e30)
            #expect(model.isFinite)
        } catch TrainingError.nonFiniteLoss(let epoch, let step, let rows, let lastGood) {
            let plan = try #require(log.plan)
            // One beyond those that went well, unless only the finished model's loss has shown it.
            #expect(step == min(log.steps.count + 1, 4 * plan.stepsPerEpoch))
            #expect(epoch == min(log.epochs.count + 1, 4))
            if step == 1 || step == log.steps.count { #expect(lastGood == nil) }
            #expect((step - 1) / plan.stepsPerEpoch + 1 == epoch)
            #expect(!rows.isEmpty && Set(rows).isSubset(of: plan.trainingRows))
            #expect(lastGood?.isFinite ?? true)
            if let lastGood {
                let others = plan.trainingRows.filter { !rows.contains($0) }
                #expect(!others.isEmpty && lastGood.unexplained(planted.matrix, rows: others).isFinite)
            }
            #expect(log.final == nil)
            let text = TrainingError.nonFiniteLoss(epoch: epoch, step: step, rows: rows, lastGood: nil).description
            #expect(text.contains("epoch \(epoch), step \(step)") && text.contains("\(rows[0] + 1)"))
        } catch {
            Issue.record("\(error)")
        }
    }

    /// A single step: no later loss shows that the weights have left all bounds, but the finished model's own does.
    @Test(arguments: [AutoencoderSettings.DecoderKind.optimal, .trained])
    func aModelThatIsNotFiniteIsNeverReturned(kind: AutoencoderSettings.DecoderKind) throws {
        let log = TrainingLog<ReconstructionFigures>()
        do {
            let model = try trainSparseAutoencoder(
                on: planted.matrix, settings { $0.decoder = kind },
                training: training(epochs: 1) {
                    $0.learningRate = 1e30; $0.batchSize = 100
                }, onEvent: log.note)
            #expect(model.isFinite)
            #expect(try #require(log.final).unexplained.isFinite)
        } catch TrainingError.nonFiniteLoss(let epoch, let step, let rows, let lastGood) {
            #expect(epoch == 1 && step == 1 && rows.count == 100 && lastGood == nil)
            #expect(log.final == nil)
        } catch {
            Issue.record("\(error)")
        }
    }
}

@Suite struct UnusualDataTests {
    static let kinds = AutoencoderSettings.DecoderKind.allCases

    private func matrix(_ rows: Int, _ columns: Int) -> CSRMatrix {
        GeneratedMatrix("no entries", rows: rows, columns: columns) { _, _, _ in false }.matrix
    }

    @Test(arguments: kinds)
    func noRowsIsAnError(kind: AutoencoderSettings.DecoderKind) {
        #expect {
            try trainSparseAutoencoder(on: matrix(0, 5), settings { $0.decoder = kind })
        } throws: { error in
            if case .noTrainingRows? = error as? TrainingError { return "\(error)".contains("no rows") }
            return false
        }
    }

    @Test(arguments: kinds)
    func emptyDocumentsKeepTheirPlace(kind: AutoencoderSettings.DecoderKind) throws {
        let planted = PlantedTopics(documents: 120, words: 60, emptyRowsEvery: 4)
        let model = try trainSparseAutoencoder(
            on: planted.matrix, settings { $0.decoder = kind }, training: training(epochs: 3))
        let codes = model.encoder.encode(planted.matrix)
        #expect(codes.rowCount == 120 && model.isFinite)
        #expect(codes.elements.allSatisfy { $0.isFinite })
        #expect(codes.row(0) == codes.row(4))
    }

    @Test(arguments: GeneratedMatrix.all, kinds)
    func everyKindOfMatrixCanBeTrainedOn(generated: GeneratedMatrix, kind: AutoencoderSettings.DecoderKind) throws {
        let log = TrainingLog<ReconstructionFigures>()
        let model = try trainSparseAutoencoder(
            on: generated.matrix,
            settings {
                $0.decoder = kind; $0.penalties = [.l1(0.01)]
            },
            training: training(epochs: 3), onEvent: log.note)
        #expect(model.isFinite)
        let final = try #require(log.final)
        #expect(final.unexplained.isFinite && final.loss.isFinite)
        let codes = model.encoder.encode(generated.matrix).elements
        #expect(codes.allSatisfy { $0.isFinite })
    }

    @Test(arguments: kinds)
    func noEntriesLeaveNothingToExplain(kind: AutoencoderSettings.DecoderKind) throws {
        let log = TrainingLog<ReconstructionFigures>()
        let model = try trainSparseAutoencoder(
            on: matrix(40, 6), settings { $0.decoder = kind }, training: training(epochs: 2), onEvent: log.note)
        #expect(model.isFinite)
        #expect(log.final?.unexplained == 0 && log.final?.deadUnits == 16)
    }

    @Test func noColumns() throws {
        let model = try trainSparseAutoencoder(on: matrix(20, 0), settings { _ in }, training: training(epochs: 2))
        #expect(model.featureCount == 0 && model.isFinite)
        #expect(model.encoder.encode(matrix(20, 0)).elements == Array(repeating: 0, count: 320))
    }

    @Test(arguments: kinds, [[], [9]])
    func oneDocument(kind: AutoencoderSettings.DecoderKind, hiddenWidths: [Int]) throws {
        let one = GeneratedMatrix("one row", rows: 1, columns: 30) { _, _, chance in chance < 0.4 }
        let log = TrainingLog<ReconstructionFigures>()
        let model = try trainSparseAutoencoder(
            on: one.matrix,
            settings {
                $0.decoder = kind; $0.hiddenWidths = hiddenWidths
            }, onEvent: log.note)
        #expect(model.isFinite)
        #expect(log.epochs.allSatisfy { $0.unexplained.isFinite })
        if kind == .optimal { #expect(try #require(log.final).unexplained < 0.01) }
    }

    /// More units than documents: documents come again, thinned, and no two units start alike.
    @Test(arguments: kinds)
    func fewerDocumentsThanUnits(kind: AutoencoderSettings.DecoderKind) throws {
        let planted = PlantedTopics(documents: 10, words: 60)
        let model = try trainSparseAutoencoder(
            on: planted.matrix,
            settings {
                $0.decoder = kind; $0.latentWidth = 40
            }, training: training(epochs: 20))
        #expect(model.isFinite && model.latentWidth == 40)
    }
}

@Suite struct InitializationTests {
    private func columns(_ encoder: SparseEncoder) -> [[Float]] {
        let weights = encoder.input.weights
        return (0..<weights.columnCount).map { unit in (0..<weights.rowCount).map { weights[$0, unit] } }
    }

    @Test func unitsStartAsNormalisedTrainingDocuments() throws {
        let planted = PlantedTopics(documents: 30, words: 60, emptyRowsEvery: 5)
        let rows = Array(0..<20)
        var generator = RandomGenerator(seed: 1)
        let encoder = SparseEncoder(
            settings {
                $0.latentWidth = 16; $0.hiddenWidths = [40, 8]
            }, rows: rows, of: WeightedRows(planted.matrix),
            generator: &generator)
        #expect(encoder.layers.map(\.width) == [8, 16] && encoder.input.width == 40)
        let documents = planted.matrix.denseRows(rows).map { $0.map(Float.init) }
        let units = columns(encoder)
        for unit in units {
            #expect(abs(unit.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
            // Documents have unit length already; a repeated one has some of its words only.
            #expect(documents.contains { document in zip(unit, document).allSatisfy { $0 == 0 || $1 != 0 } })
        }
        #expect(Set(units).count == 40)
        let whole = units.prefix(16).filter { unit in
            documents.contains { zip(unit, $0).allSatisfy { abs($0 - $1) < 1e-6 } }
        }
        #expect(whole.count == 16)
    }

    @Test func denseLayersKeepTheScale() {
        var generator = RandomGenerator(seed: 1)
        let layer = LinearLayer(inputs: 200, outputs: 50, generator: &generator)
        let square = layer.weights.elements.reduce(0.0) { $0 + Double($1) * Double($1) } / 10_000
        #expect(abs(square - 0.01) < 0.001)
        #expect(layer.bias == Array(repeating: 0, count: 50))
    }
}
