import Autoencoders
import Foundation
import SparseMatrices
import Testing

@Suite struct SettingsTests {
    @Test(arguments: [
        ("relu", Activation.relu), ("linear", .linear), ("sigmoid", .sigmoid), ("tanh", .tanh), ("topk:1", .topK(1)),
        ("topk:32", .topK(32)), ("batch-topk:8", .batchTopK(8)), ("jumprelu", .jumpReLU),
        ("k-competitive:6", .kCompetitive(6)),
    ])
    func activationsGoThroughText(text: String, activation: Activation) throws {
        #expect(Activation(text) == activation)
        #expect(activation.description == text)
        let data = try JSONEncoder().encode([activation])
        #expect(String(decoding: data, as: UTF8.self) == "[\"\(text)\"]")
        #expect(try JSONDecoder().decode([Activation].self, from: data) == [activation])
    }

    @Test(arguments: [
        "", "ReLU", "relu ", "topk", "topk:", "topk:0", "topk:-3", "topk:2.5", "topk:x", "top:3", "gelu", "batch-topk",
        "jumprelu:2", "relu:1",
    ])
    func unknownActivationsAreRefused(text: String) {
        #expect(Activation(text) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([Activation].self, from: JSONEncoder().encode([text]))
        }
    }

    @Test(arguments: [
        SparsityPenalty.l1(0), .l1(0.1), .l1(1e-7), .l1(3.4e38), .l2(0.25), .l2(1.1754944e-38), .l2(1.0 / 3),
        .l0(1e-3), .kl(target: 0.05, weight: 0.1),
    ])
    func penaltiesGoThroughText(penalty: SparsityPenalty) throws {
        #expect(SparsityPenalty(penalty.description) == penalty)
        let data = try JSONEncoder().encode([penalty])
        #expect(try JSONDecoder().decode([SparsityPenalty].self, from: data) == [penalty])
    }

    @Test func penaltiesAreReadAsWritten() {
        #expect(SparsityPenalty("l1:0.5") == .l1(0.5))
        #expect(SparsityPenalty("l2:1e-3") == .l2(1e-3))
    }

    @Test(arguments: [
        "", "l1", "l1:", "l1:x", "l1:-1", "l1:nan", "l1:inf", "l1:1e99", "l3:1", "l1:1:2", "kl:0.1", "kl:0:1", "kl:1:1",
        "kl:0.1:x", ":1", "L1:1", "l1: 1",
        " l1:1",
    ])
    func unknownPenaltiesAreRefused(text: String) {
        #expect(SparsityPenalty(text) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([SparsityPenalty].self, from: JSONEncoder().encode([text]))
        }
    }

    @Test func settingsGoThroughJSON() throws {
        var settings = AutoencoderSettings()
        settings.latentWidth = 7
        settings.hiddenWidths = [20, 10]
        settings.activation = .topK(3)
        settings.denoising = 0.25
        settings.penalties = [.l1(0.125), .l2(2)]
        settings.decoder = .trained
        settings.hasDecoderBias = false
        let data = try JSONEncoder().encode(settings)
        #expect(try JSONDecoder().decode(AutoencoderSettings.self, from: data) == settings)
        #expect(settings != AutoencoderSettings())
    }

    @Test func trainingSettingsGoThroughJSON() throws {
        var settings = TrainingSettings()
        #expect(try JSONDecoder().decode(TrainingSettings.self, from: JSONEncoder().encode(settings)) == settings)
        settings.epochs = 3
        settings.batchSize = 5
        settings.learningRate = 0.01
        settings.validationFraction = 0.1
        settings.patience = 2
        settings.seed = .max
        #expect(try JSONDecoder().decode(TrainingSettings.self, from: JSONEncoder().encode(settings)) == settings)
    }
}

@Suite struct TrainingPlanTests {
    private let matrix = GeneratedMatrix.random(rows: 100, columns: 10, density: 0.3, seed: 8)

    @Test(arguments: [0, 0.1, 0.5, 0.99] as [Float])
    func everyRowIsTrainedOnOrHeldOut(fraction: Float) {
        var settings = TrainingSettings()
        settings.validationFraction = fraction
        let plan = TrainingPlan(settings, for: matrix)
        #expect(plan.validationRows.count == Int((100 * fraction).rounded()))
        #expect((plan.trainingRows + plan.validationRows).sorted() == Array(0..<100))
        #expect(plan.trainingRows == plan.trainingRows.sorted())
    }

    @Test func theHeldOutRowsFollowTheSeed() {
        var settings = TrainingSettings()
        settings.validationFraction = 0.2
        let first = TrainingPlan(settings, for: matrix)
        #expect(TrainingPlan(settings, for: matrix) == first)
        settings.seed = 1
        #expect(TrainingPlan(settings, for: matrix).validationRows != first.validationRows)
    }

    @Test(arguments: [(0, 16), (1, 16), (511, 16), (512, 32), (5000, 256), (20_000, 512), (100_000, 512)])
    func batchesAreAboutASixteenthOfTheRows(rows: Int, batchSize: Int) {
        let offsets = Array(repeating: 0, count: rows + 1)
        let empty = try! CSRMatrix(rowCount: rows, columnCount: 1, rowOffsets: offsets, columnIndices: [], values: [])
        let plan = TrainingPlan(TrainingSettings(), for: empty)
        #expect(plan.batchSize == batchSize)
        #expect(plan.epochs >= 3)
        #expect(rows == 0 || plan.epochs == 3 || plan.epochs * plan.stepsPerEpoch >= 300)
    }

    @Test func choicesOfTheUserAreKept() {
        var settings = TrainingSettings()
        settings.epochs = 7
        settings.batchSize = 33
        settings.learningRate = 0.125
        let plan = TrainingPlan(settings, for: matrix)
        #expect(plan.epochs == 7 && plan.batchSize == 33 && plan.learningRate == 0.125)
        #expect(plan.stepsPerEpoch == 4 && plan.featureCount == 10 && plan.entryCount == matrix.entryCount)
    }
}
