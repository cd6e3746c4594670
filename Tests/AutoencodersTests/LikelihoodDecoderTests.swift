import Foundation
import SparseMatrices
import Testing

@testable import Autoencoders

extension DispersionDecoder {
    /// A dispersion that codes have nothing to do with; nil for objectives without one.
    static func shared(_ objective: ReconstructionObjective, features: Int) -> DispersionDecoder? {
        objective.likelihood.flatMap { .random($0, features: features, latentWidth: 0, seed: 16) }
    }
}

private let objectives = ReconstructionObjective.allCases.filter { $0 != .squaredError }

@Suite struct LikelihoodDecoderTests {
    private let counts = GeneratedMatrix.random(rows: 7, columns: 16, density: 0.4, seed: 12).asCounts
    private let codes = Numbers.codes(rows: 7, width: 4, seed: 13)

    private func decoder(
        _ objective: ReconstructionObjective, penalties: [SparsityPenalty] = []
    ) -> LikelihoodDecoder {
        LikelihoodDecoder(
            LinearDecoder(
                weights: Numbers.matrix(16, 4, scale: 0.5, seed: 14), bias: Numbers.normal(16, scale: 0.5, seed: 15)),
            dispersion: .shared(objective, features: 16), objective: objective, penalties: CodePenalties(penalties))
    }

    private func evaluate(
        _ decoder: LikelihoodDecoder, _ codes: [Float]
    ) -> (loss: BatchLoss, delta: [Float]) {
        var delta = [Float](repeating: 0, count: codes.count)
        let loss = decoder.evaluate(
            batch(decoder), codes: codes, delta: &delta, workspace: DecoderWorkspace(), execution: .serial)
        return (loss, delta)
    }

    private func batch(_ decoder: LikelihoodDecoder) -> SparseBatch {
        decoder.objective.likelihood!.observations(from: counts).batch(0..<7)
    }

    @Test(arguments: objectives, [[], [.l1(0.3), .l2(0.2)]] as [[SparsityPenalty]])
    func codeGradientAgreesWithDifferences(objective: ReconstructionObjective, penalties: [SparsityPenalty]) {
        let decoder = decoder(objective, penalties: penalties)
        let positive = codes.map { $0 + 0.1 }
        expectGradient("codes", evaluate(decoder, positive).delta, at: positive, step: 1e-2) { codes in
            let loss = evaluate(decoder, codes).loss
            return LossSample(value: (loss.reconstruction + loss.penalty) / 7)
        }
    }

    @Test(arguments: objectives)
    func lossIsThatOfTheFormula(objective: ReconstructionObjective) throws {
        let kind = try #require(objective.likelihood)
        let decoder = decoder(objective)
        let loss = evaluate(decoder, codes).loss
        let dense = DenseLikelihood(kind, decoder.linear, decoder.dispersion)
        let rows = kind.observations(from: counts).denseRows(counts.allRows)
        func expected(_ code: (Int) -> [Double]) -> Double {
            -rows.indices.reduce(0) { $0 + dense.logLikelihood(rows[$1], code($1)) }
        }
        let reconstruction = expected { row in codes[row * 4..<row * 4 + 4].map(Double.init) }
        let reference = expected { _ in [0, 0, 0, 0] }
        #expect(abs(loss.reconstruction - reconstruction) < 1e-5 * reconstruction)
        #expect(abs(loss.reference - reference) < 1e-5 * reference)
    }

    @Test(arguments: objectives)
    func learningLowersTheLoss(objective: ReconstructionObjective) {
        var decoder = decoder(objective)
        let before = evaluate(decoder, codes).loss.reconstruction
        let workspace = DecoderWorkspace()
        var delta = [Float](repeating: 0, count: codes.count)
        let batch = batch(decoder)
        for _ in 0..<30 {
            _ = decoder.evaluate(batch, codes: codes, delta: &delta, workspace: workspace, execution: .serial)
            decoder.learn(batch, codes: codes, workspace: workspace, rate: 2e-3, execution: .serial)
        }
        #expect(evaluate(decoder, codes).loss.reconstruction < 0.98 * before)
    }

    @Test(arguments: objectives)
    func autoencodersLearn(objective: ReconstructionObjective) throws {
        let planted = PlantedTopics(
            documents: 400, words: 200, topicCount: 5, hasUnitLength: objective == .likelihood(.poisson))
        var settings = AutoencoderSettings()
        settings.latentWidth = 16
        settings.objective = objective
        let log = TrainingLog<ReconstructionFigures>()
        let models = try [1, 3].map {
            try trainSparseAutoencoder(
                on: planted.matrix, settings, training: training(epochs: 12),
                execution: Execution(parallelism: Parallelism(threads: $0)), onEvent: log.note)
        }
        #expect(models[0].bits == models[1].bits && models[0].isFinite && models[0].objective == objective)
        let final = try #require(log.final)
        #expect(final.loss.isFinite && final.unexplained < 0.97, "\(final)")
        #expect(log.epochs[11].loss < log.epochs[0].loss)
        #expect(planted.nearestCentroidAccuracy(models[0].encoder.encode(planted.matrix)) > 0.9)
    }

    @Test(arguments: objectives, GeneratedMatrix.all)
    func everyKindOfMatrixCanBeTrainedOn(objective: ReconstructionObjective, generated: GeneratedMatrix) throws {
        var settings = AutoencoderSettings()
        settings.latentWidth = 5
        settings.hiddenWidths = generated.matrix.rowCount % 2 == 0 ? [4] : []
        settings.objective = objective
        let model = try trainSparseAutoencoder(on: generated.matrix, settings, training: training(epochs: 2))
        #expect(model.isFinite)
    }

    /// Records of models from before there were objectives and clipping.
    @Test func oldSettingsStillLoad() throws {
        func without<Settings: Codable>(_ key: String, _ settings: Settings) throws -> Settings {
            var object = try #require(
                try JSONSerialization.jsonObject(with: JSONEncoder().encode(settings)) as? [String: Any])
            #expect(object.removeValue(forKey: key) != nil)
            return try JSONDecoder().decode(Settings.self, from: JSONSerialization.data(withJSONObject: object))
        }
        #expect(try without("objective", AutoencoderSettings()) == AutoencoderSettings())
        var unclipped = VariationalSettings()
        unclipped.gradientClip = nil
        #expect(try without("gradientClip", VariationalSettings()) == unclipped)
        var settings = AutoencoderSettings()
        settings.objective = .likelihood(.poisson)
        settings.penalties = [.l1(0.5)]
        settings.ridge = 0.25
        #expect(
            try JSONDecoder().decode(AutoencoderSettings.self, from: JSONEncoder().encode(settings)) == settings)
    }
}
