import SparseMatrices
import Testing

@testable import Autoencoders

private let penaltySets: [[SparsityPenalty]] = [
    [], [.l1(0.3)], [.l2(0.4)], [.l1(0.2), .l2(0.1)], [.kl(target: 0.2, weight: 0.3)], [.l0(0.1), .l1(0.2)],
]

/// A batch and codes of either sign, with a few exact zeros.
struct DecoderProblem {
    let features: Int
    let width: Int
    let batch: SparseBatch
    let codes: [Float]

    init(features: Int = 18, rows: Int = 10, width: Int = 5, density: Float = 0.4) {
        self.features = features
        self.width = width
        let matrix = GeneratedMatrix.random(rows: rows, columns: features, density: density, seed: 41)
        batch = matrix.batch(matrix.allRows)
        codes = Numbers.normal(rows * width, seed: 42).enumerated().map { $0 % 7 == 3 ? 0 : $1 }
    }

    /// An optimal decoder for other codes than these, so that the gradient here is not near zero.
    func optimalDecoder(hasBias: Bool, penalties: [SparsityPenalty]) -> OptimalDecoder {
        var decoder = OptimalDecoder(
            featureCount: features, width: width, hasBias: hasBias, penalties: CodePenalties(penalties))
        let other = GeneratedMatrix.random(rows: 40, columns: features, density: 0.4, seed: 43)
        decoder.collect(other.batch(0..<40), codes: Numbers.normal(40 * width, seed: 44))
        decoder.solve(ridge: 1e-3, workspace: DecoderWorkspace(), execution: .serial)
        return decoder
    }

    func linearDecoder(scale: Float = 0.5, seed: UInt64 = 45) -> LinearDecoder {
        LinearDecoder(
            weights: Numbers.matrix(features, width, scale: scale, seed: seed),
            bias: Numbers.normal(features, scale: 0.2, seed: seed + 1))
    }

    /// The mean loss as a function of the codes. A penalty has a kink at zero.
    func sample(_ decoder: some ReconstructionDecoder, _ codes: [Float]) -> LossSample {
        let loss = decoder.evaluate(batch, codes: codes).loss
        let value = (loss.reconstruction + loss.penalty) / Double(batch.rowCount)
        return LossSample(value: value, activeSet: codes.map { $0 > 0 } + codes.map { $0 < 0 })
    }
}

@Suite struct DecoderGradientTests {
    @Test(arguments: [false, true], penaltySets)
    func optimalDecodersCodeGradient(hasBias: Bool, penalties: [SparsityPenalty]) {
        let problem = DecoderProblem()
        let decoder = problem.optimalDecoder(hasBias: hasBias, penalties: penalties)
        let delta = decoder.evaluate(problem.batch, codes: problem.codes).delta
        expectGradient("codes", delta, at: problem.codes, step: 1e-2) { problem.sample(decoder, $0) }
    }

    @Test(arguments: penaltySets)
    func trainedDecodersCodeGradient(penalties: [SparsityPenalty]) {
        let problem = DecoderProblem()
        let decoder = TrainedDecoder(problem.linearDecoder(), penalties: CodePenalties(penalties))
        let delta = decoder.evaluate(problem.batch, codes: problem.codes).delta
        expectGradient("codes", delta, at: problem.codes, step: 1e-2) { problem.sample(decoder, $0) }
    }

    /// Features in one block, exactly one, and several, the last one short.
    @Test(arguments: [18, 1024, 1025, 2500])
    func trainedDecodersWeightGradients(features: Int) {
        let problem = DecoderProblem(features: features, rows: 6, width: 3, density: features > 100 ? 0.02 : 0.4)
        let linear = problem.linearDecoder()
        let workspace = DecoderWorkspace()
        _ = TrainedDecoder(linear).evaluate(problem.batch, codes: problem.codes, workspace: workspace)
        let weights = workspace.gradient.linear.weights.elements
        let bias = workspace.gradient.linear.bias
        // The loss here is the plain reference, since Float sums over thousands of features would drown a difference.
        let rows = problem.batch.withTargets { view in
            (0..<view.rowCount).map { row in
                var dense = [Double](repeating: 0, count: features)
                for e in view.entries(ofRow: row) { dense[Int(view.columnIndices[e])] = Double(view.values[e]) }
                return dense
            }
        }
        let full = linear.rows(withBias: true)
        func rowLoss(_ feature: Int, _ d: [Double]) -> Double {
            DenseLeastSquares.loss(rows.map { [$0[feature]] }, codes: problem.codes, decoder: [d], width: 3) / 6
        }
        func coordinates(_ count: Int) -> [Int] {
            Array(Swift.stride(from: 0, to: count - 1, by: max(1, count / 60))) + [count - 1]
        }
        let start = linear.weights.elements
        expectGradient("D", weights, at: start, coordinates: coordinates(features * 3)) { values in
            // Only one coordinate moves, so only its feature's loss counts.
            let moved = values.indices.first { values[$0] != start[$0] } ?? 0
            let feature = moved / 3
            return LossSample(
                value: rowLoss(feature, values[feature * 3..<feature * 3 + 3].map(Double.init) + [full[feature][3]]))
        }
        expectGradient("c", bias, at: linear.bias, coordinates: coordinates(features)) { values in
            let feature = values.indices.first { values[$0] != linear.bias[$0] } ?? 0
            return LossSample(value: rowLoss(feature, Array(full[feature][..<3]) + [Double(values[feature])]))
        }
    }

    @Test(arguments: [18, 2500])
    func trainedDecodersLossIsTheDenseOne(features: Int) {
        let problem = DecoderProblem(features: features, rows: 6, width: 3, density: features > 100 ? 0.02 : 0.4)
        let linear = problem.linearDecoder()
        let loss = TrainedDecoder(linear).evaluate(problem.batch, codes: problem.codes).loss
        let matrix = GeneratedMatrix.random(
            rows: 6, columns: features, density: features > 100 ? 0.02 : 0.4, seed: 41)
        let rows = matrix.denseRows(matrix.allRows)
        let expected = DenseLeastSquares.loss(
            rows, codes: problem.codes, decoder: linear.rows(withBias: true), width: 3)
        #expect(abs(loss.reconstruction - expected) < 1e-5 * expected)
        #expect(abs(2 * loss.reference - rows.joined().reduce(0) { $0 + $1 * $1 }) < 1e-9 * 2 * loss.reference)
    }

    /// With the same D and c and the same codes, both decoders say the same.
    @Test(arguments: penaltySets)
    func bothDecodersAgree(penalties: [SparsityPenalty]) {
        let problem = DecoderProblem()
        let optimal = problem.optimalDecoder(hasBias: true, penalties: penalties)
        let trained = TrainedDecoder(
            optimal.linearDecoder, penalties: CodePenalties(penalties))
        let (a, b) = (
            optimal.evaluate(problem.batch, codes: problem.codes), trained.evaluate(problem.batch, codes: problem.codes)
        )
        #expect(abs(a.loss.reconstruction - b.loss.reconstruction) < 1e-5 * 2 * a.loss.reference)
        #expect(abs(a.loss.penalty - b.loss.penalty) <= 1e-5 * a.loss.penalty)
        #expect(relativeError([a.delta.map(Double.init)], [b.delta.map(Double.init)]) < 1e-4)
    }

    /// A decoder absorbs a rescaling of the codes, and the price stays the same.
    @Test(arguments: [SparsityPenalty.l1(0.5), .l2(0.5), .kl(target: 0.1, weight: 0.5), .l0(0.5)])
    func thePriceIsFreeOfTheCodesScale(penalty: SparsityPenalty) {
        let problem = DecoderProblem()
        func price(_ factor: Float) -> Double {
            var decoder = OptimalDecoder(
                featureCount: problem.features, width: problem.width, hasBias: false, penalties: [penalty])
            let codes = problem.codes.map { factor * $0 }
            decoder.collect(problem.batch, codes: codes)
            decoder.solve(ridge: 1e-3, workspace: DecoderWorkspace(), execution: .serial)
            return decoder.evaluate(problem.batch, codes: codes).loss.penalty
        }
        #expect(abs(price(64) / price(1) - 1) < 1e-4)
    }
}
