import SparseMatrices
import Testing

@testable import Autoencoders

/// A unit that starts anew forgets its moments: where no gradient reaches it, it stays as it was started.
@Suite struct UnitRestartTests {
    private let batch = GeneratedMatrix.random(rows: 12, columns: 15, density: 0.5, seed: 8).asCounts.batch(0..<12)
    private static let width = 5
    private static let restarted = [1, 4]

    private func column(_ unit: Int, _ matrix: DenseMatrix) -> [Float] {
        (0..<matrix.rowCount).map { matrix[$0, unit] }
    }

    /// Codes of which the restarted units say nothing.
    private var silentCodes: [Float] {
        Numbers.codes(rows: 12, width: Self.width, seed: 9).enumerated().map {
            Self.restarted.contains($0.offset % Self.width) ? 0 : $0.element
        }
    }

    private func expectForgotten(_ decoder: some ReconstructionDecoder) {
        var decoder = decoder
        for seed in 0..<3 {
            decoder.train(batch, codes: Numbers.codes(rows: 12, width: Self.width, seed: 20 + UInt64(seed)))
        }
        decoder.restart(units: Self.restarted)
        for _ in 0..<2 { decoder.train(batch, codes: silentCodes) }
        let d = decoder.takeLinearDecoder(execution: .serial).weights
        for unit in 0..<Self.width {
            let isZero = column(unit, d).allSatisfy { $0 == 0 }
            #expect(isZero == Self.restarted.contains(unit), "unit \(unit)")
        }
    }

    private var start: LinearDecoder {
        LinearDecoder(
            weights: Numbers.matrix(15, Self.width, scale: 0.3, seed: 1), bias: Numbers.normal(15, scale: 0.3, seed: 2))
    }

    @Test func trainedDecoders() { expectForgotten(TrainedDecoder(start)) }

    @Test func optimalDecoders() {
        expectForgotten(OptimalDecoder(featureCount: 15, width: Self.width, hasBias: true, decay: 0.9))
    }

    @Test(arguments: ReconstructionObjective.allCases.filter { $0 != .squaredError })
    func likelihoodDecoders(objective: ReconstructionObjective) {
        expectForgotten(
            LikelihoodDecoder(
                start, dispersion: .shared(objective, features: start.featureCount), objective: objective))
    }

    private func weights(_ encoder: SparseEncoder) -> DenseMatrix {
        encoder.layers.last?.weights ?? encoder.input.weights
    }

    private func bias(_ encoder: SparseEncoder) -> [Float] { encoder.layers.last?.bias ?? encoder.input.bias }

    @Test(arguments: Optimizer.allCases, [[], [6]])
    func encoders(kind: Optimizer, hiddenWidths: [Int]) {
        let matrix = GeneratedMatrix.random(rows: 12, columns: 15, density: 0.5, seed: 8)
        let model = EncoderUnderTest(
            matrix: matrix, widths: hiddenWidths + [Self.width], activation: .jumpReLU,
            thresholds: [0.1, 0.2, 0.3, 0.4, 0.5])
        var encoder = model.encoder
        var optimizer = EncoderOptimizer(for: encoder, kind)
        // Some units get no gradient.
        func step(silent: some Collection<Int>) {
            let (_, workspace) = model.backward(encoder, ProbeLoss(count: 12 * Self.width))
            let delta = Numbers.normal(12 * Self.width, seed: 30).enumerated().map {
                silent.contains($0.offset % Self.width) ? 0 : $0.element
            }
            workspace.codeDelta.fill(delta)
            var gradient = SparseEncoderGradient()
            encoder.backward(model.batch, workspace: workspace, into: &gradient, execution: .serial)
            optimizer.step(
                &encoder, batch: model.batch, inputDelta: workspace.inputDelta, gradient: gradient,
                includesInputWeights: true, inputRate: 0.01, layerRate: 0.01, execution: .serial)
            optimizer.stepThresholds(
                &encoder, gradient: (0..<Self.width).map { silent.contains($0) ? 0 : 0.5 }, rate: 0.01)
        }
        for _ in 0..<3 { step(silent: []) }
        let moved = (0..<Self.width).filter { column($0, weights(encoder)) != column($0, weights(model.encoder)) }
        #expect(moved.count >= 2)
        let restarted = Array(moved.prefix(moved.count / 2))
        optimizer.restart(units: restarted)
        let before = encoder
        step(silent: restarted)
        for unit in moved {
            let isRestarted = restarted.contains(unit)
            #expect((column(unit, weights(encoder)) == column(unit, weights(before))) == isRestarted, "unit \(unit)")
            #expect((bias(encoder)[unit] == bias(before)[unit]) == isRestarted, "bias \(unit)")
            // The logarithm and back again round.
            let ratio = Double(encoder.thresholds[unit]) / Double(before.thresholds[unit])
            #expect((abs(ratio - 1) < 1e-5) == isRestarted, "threshold \(unit): \(ratio)")
        }
    }
}
