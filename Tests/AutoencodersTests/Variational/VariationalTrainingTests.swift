import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct VariationalTrainingTests {
    private let planted = PlantedTopics(
        documents: 500, words: 200, topicCount: 5, topicWords: 30, noiseWords: 10, hasUnitLength: false)

    /// In nats per token, of documents with 40 words each: that of a document whose topic is known and the price of
    /// telling it, and that of the words' shares alone.
    private var entropy: (truth: Double, unigram: Double) {
        let own = 0.75 * Double.log(33 / 0.75), shared = 0.25 * Double.log(35 / 0.25)
        return (own + shared + Double.log(5) / 40, own + shared + 0.75 * Double.log(5))
    }

    @Test func topicsAreRecovered() throws {
        let log = TrainingLog<BoundReport>()
        let model = try trainVariationalAutoencoder(
            on: planted.matrix, variational(), training: training(epochs: 30), onEvent: log.note)
        #expect(planted.nearestCentroidAccuracy(model.encode(planted.matrix)) > 0.95)
        let fresh = PlantedTopics(
            documents: 300, words: 200, topicCount: 5, topicWords: 30, noiseWords: 10, hasUnitLength: false, seed: 2)
        #expect(fresh.nearestCentroidAccuracy(model.encode(fresh.matrix)) > 0.9)
        var settings = VariationalAutoencoder.BoundSettings()
        settings.refinementSteps = 20
        let report = model.bound(on: fresh.matrix, settings)
        let (truth, unigram) = entropy
        #expect(report.lossPerToken > truth && report.lossPerToken < truth + 0.4 * (unigram - truth), "\(report)")
        let stepsPerEpoch = try #require(log.plan).stepsPerEpoch
        #expect(log.steps.map(\.step) == Array(1...30 * stepsPerEpoch))
        #expect(log.epochs.map(\.epoch) == Array(1...30))
        #expect(log.epochs.allSatisfy { $0.rows == 500 && $0.validation == nil && $0.epochs == 30 })
        #expect(try #require(log.epochs.last).training.loss < log.epochs[0].training.loss)
        #expect(try #require(log.steps.last).rowsSeen == 30 * 500)
        #expect(try #require(log.final).loss.isFinite)
    }

    @Test func theSeedAloneDecides() throws {
        func bits(threads: Int, seed: UInt64) throws -> [UInt32] {
            try trainVariationalAutoencoder(
                on: planted.matrix, variational(),
                training: training(epochs: 2) {
                    $0.seed = seed; $0.validationFraction = 0.1
                },
                execution: Execution(parallelism: Parallelism(threads: threads))
            ).bits
        }
        let one = try bits(threads: 1, seed: 3)
        #expect(try bits(threads: 2, seed: 3) == one)
        #expect(try bits(threads: 3, seed: 3) == one)
        #expect(try bits(threads: 2, seed: 4) != one)
    }

    /// One weight of each array in turn.
    @Test(arguments: [LikelihoodKind.multinomial, .gaussian])
    func weightsThatAreNotFiniteAreNoticed(kind: LikelihoodKind) {
        let model = VariationalAutoencoder.random(
            features: 5, hiddenWidths: [4, 3], latentWidth: 2, likelihood: kind)
        #expect(model.hasFiniteWeights)
        for parameters in VariationalParameters.all(of: model) {
            for wrong in [Float.infinity, .nan] {
                var values = parameters.values(of: model)
                values[values.count - 1] = wrong
                #expect(!parameters.setting(values, in: model).hasFiniteWeights, "\(parameters)")
            }
        }
    }

    @Test func heldOutRowsAreWatchedButNotTrainedOn() throws {
        let log = TrainingLog<BoundReport>()
        let model = try trainVariationalAutoencoder(
            on: planted.matrix, variational { $0.klWarmupEpochs = 1 },
            training: training(epochs: 3) {
                $0.validationFraction = 0.2; $0.seed = 5
            }, onEvent: log.note)
        let plan = try #require(log.plan)
        #expect(plan.validationRows.count == 100 && plan.trainingRows.count == 400)
        #expect(log.epochs.allSatisfy { $0.rows == 400 })
        let losses = log.epochs.compactMap(\.validation?.loss)
        #expect(losses.count == 3 && log.earlyStop == nil)
        // The model is that of the best epoch, to the last digit.
        var settings = VariationalAutoencoder.BoundSettings()
        settings.samples = 1
        settings.seed = 5
        #expect(model.bound(on: planted.matrix.rows(plan.validationRows), settings).loss == losses.min())
        #expect(log.steps.map(\.rowsSeen).max() == 1200)
    }

    /// What the held-out documents say changes nothing but which epoch is the best, and here there is only one.
    @Test func heldOutWordsDoNotReachTheModel() throws {
        let settings = training(epochs: 1) {
            $0.validationFraction = 0.2; $0.learningRate = 0.01
        }
        let held = Set(TrainingPlan(settings, for: planted.matrix).validationRows)
        var offsets = [0]
        var columns: [UInt32] = []
        var values: [Float] = []
        for row in planted.matrix.allRows {
            if !held.contains(row) {
                columns += planted.matrix.row(row).columnIndices
                values += planted.matrix.row(row).values
            }
            offsets.append(values.count)
        }
        let emptied = try CSRMatrix(
            rowCount: 500, columnCount: 200, rowOffsets: offsets, columnIndices: columns, values: values)
        let models = try [planted.matrix, emptied].map {
            try trainVariationalAutoencoder(on: $0, variational(), training: settings).bits
        }
        #expect(models[0] == models[1])
    }

    /// A model with room to memorise forty documents.
    @Test(arguments: [1, 3])
    func trainingStopsWhenPatienceEnds(patience: Int) throws {
        let few = PlantedTopics(documents: 60, words: 120, hasUnitLength: false)
        let log = TrainingLog<BoundReport>()
        _ = try trainVariationalAutoencoder(
            on: few.matrix,
            variational {
                $0.denoising = 0; $0.klWarmupEpochs = 2; $0.latentWidth = 20
            },
            training: training(epochs: 300) {
                $0.validationFraction = 0.3; $0.patience = patience; $0.batchSize = 8
            }, onEvent: log.note)
        let losses = log.epochs.compactMap(\.validation?.loss)
        let stop = try #require(log.earlyStop)
        #expect(stop.epoch == losses.count && stop.epoch < 300 && stop.bestEpoch == stop.epoch - patience)
        #expect(losses[stop.bestEpoch - 1] == losses[1...].min())
    }

    /// While β rises the bound is cheaper than it will be; such a model is never the best.
    @Test func warmUpEpochsAreNotTheBest() throws {
        let log = TrainingLog<BoundReport>()
        _ = try trainVariationalAutoencoder(
            on: planted.matrix, variational { $0.klWarmupEpochs = 6 },
            training: training(epochs: 7) {
                $0.validationFraction = 0.3; $0.patience = 1; $0.batchSize = 256
            }, onEvent: log.note)
        #expect(log.epochs.count >= 6)
        if let stop = log.earlyStop { #expect(stop.bestEpoch >= 6) }
    }
}

@Suite struct VariationalEdgeTests {
    private func train(
        _ matrix: CSRMatrix, _ settings: VariationalSettings = variational(), epochs: Int = 2
    ) throws -> VariationalAutoencoder {
        let log = TrainingLog<BoundReport>()
        let model = try trainVariationalAutoencoder(
            on: matrix, settings, training: training(epochs: epochs), onEvent: log.note)
        let final = try #require(log.final)
        #expect(model.isFinite && final.loss.isFinite && final.perplexityPerDocument.isFinite)
        let codes = model.encode(matrix)
        #expect(codes.rowCount == matrix.rowCount && codes.columnCount == settings.latentWidth)
        #expect(codes.elements.allSatisfy { $0.isFinite })
        return model
    }

    @Test(arguments: GeneratedMatrix.all)
    func everyKindOfMatrixCanBeTrainedOn(generated: GeneratedMatrix) throws {
        _ = try train(generated.matrix.asCounts)
        _ = try train(
            generated.matrix,
            variational {
                $0.hiddenWidths = [5]; $0.refinementSteps = 0
            })
    }

    @Test func noDocuments() {
        let matrix = GeneratedMatrix("", rows: 0, columns: 5) { _, _, _ in false }.matrix
        #expect {
            try trainVariationalAutoencoder(on: matrix, variational())
        } throws: { error in
            if case .noTrainingRows? = error as? VariationalTrainingError { return "\(error)".contains("no rows") }
            return false
        }
    }

    @Test func noWords() throws {
        _ = try train(GeneratedMatrix("", rows: 20, columns: 0) { _, _, _ in false }.matrix)
    }

    @Test func oneDocumentWithTheDefaults() throws {
        let one = GeneratedMatrix("", rows: 1, columns: 30) { _, _, chance in chance < 0.4 }.matrix.asCounts
        let model = try trainVariationalAutoencoder(on: one)
        #expect(model.isFinite)
    }

    @Test func emptyDocumentsKeepTheirPlace() throws {
        let planted = PlantedTopics(documents: 80, words: 60, emptyRowsEvery: 4, hasUnitLength: false)
        let codes = try train(planted.matrix).encode(planted.matrix)
        #expect(codes.row(0) == codes.row(4) && codes.row(0) != codes.row(1))
    }

    @Test func moreLatentUnitsThanFeatures() throws {
        let matrix = GeneratedMatrix.random(rows: 40, columns: 6, density: 0.5, seed: 8).asCounts
        let model = try train(matrix, variational { $0.latentWidth = 40 })
        #expect(model.latentWidth == 40)
    }

    @Test(arguments: [0, 0.01, 20] as [Float])
    func everyBetaCanBeTrainedWith(beta: Float) throws {
        let planted = PlantedTopics(documents: 80, words: 60, hasUnitLength: false)
        _ = try train(planted.matrix, variational { $0.beta = beta }, epochs: 4)
    }

    @Test(arguments: [1e10, 1e38, .infinity] as [Float], [1, 6])
    func anAbsurdLearningRateIsNamed(rate: Float, epochs: Int) throws {
        let planted = PlantedTopics(documents: 100, words: 60, hasUnitLength: false)
        let log = TrainingLog<BoundReport>()
        do {
            let model = try trainVariationalAutoencoder(
                on: planted.matrix, variational(),
                training: training(epochs: epochs) {
                    $0.learningRate = rate; $0.batchSize = epochs == 1 ? 100 : 25
                }, onEvent: log.note)
            #expect(rate.isFinite)
            #expect(model.isFinite)
            #expect(log.final?.loss.isFinite == true)
        } catch VariationalTrainingError.nonFiniteLoss(let epoch, let step, let rows, let lastGood) {
            #expect(rate > 1e10)
            let plan = try #require(log.plan)
            #expect((1...epochs).contains(epoch) && step <= epochs * plan.stepsPerEpoch)
            #expect(step == min(log.steps.count + 1, epochs * plan.stepsPerEpoch))
            #expect(!rows.isEmpty && Set(rows).isSubset(of: plan.trainingRows))
            if step == 1 || step == log.steps.count { #expect(lastGood == nil) }
            let others = planted.matrix.rows(plan.trainingRows.filter { !rows.contains($0) })
            #expect(lastGood?.bound(on: others).loss.isFinite ?? true)
            #expect(log.final == nil)
            let error = VariationalTrainingError.nonFiniteLoss(epoch: epoch, step: step, rows: rows, lastGood: nil)
            #expect(error.description.contains("epoch \(epoch), step \(step)"))
        } catch {
            Issue.record("\(error)")
        }
    }
}
