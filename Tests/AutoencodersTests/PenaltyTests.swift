import Autoencoders
import RealModule
import SparseMatrices
import Testing

@Suite struct PenaltyTests {
    private static let rows = 5
    private static let codes = Numbers.normal(20, seed: 1).enumerated().map { $0 % 7 == 3 ? 0 : $1 }
    private static let norms = Numbers.normal(4, seed: 2).map { abs($0) }

    private func accumulate(
        _ penalties: CodePenalties, _ codes: [Float], rows: Int = rows, start: Float = 0
    ) -> (value: Double, delta: [Float]) {
        var total = BatchLoss()
        var delta = [Float](repeating: start, count: codes.count)
        penalties.accumulate(codes: codes, rows: rows, norms: Self.norms, delta: &delta, to: &total)
        return (total.penalty, delta.map { $0 - start })
    }

    @Test func valuesAreTheFormulas() {
        let sizes = Self.codes.enumerated().map { Double(abs($1)) * Double(Self.norms[$0 % 4]) }
        func expect(_ penalty: SparsityPenalty, _ expected: Double) {
            let value = accumulate([penalty], Self.codes).value
            #expect(abs(value - expected) < 1e-6 * expected, "\(penalty)")
        }
        expect(.l1(0.7), 0.7 * sizes.reduce(0, +))
        expect(.l2(0.7), 0.35 * sizes.reduce(0) { $0 + $1 * $1 })
        expect(.l0(0.7), 0.7 * Double(Self.codes.count { $0 != 0 }))
    }

    /// A unit that is on for one document of five has an activity of a fifth, whatever its size; of sigmoid units it
    /// is the mean.
    @Test func divergenceIsZeroOnTarget() {
        let codes: [Float] = (0..<20).map { $0 < 4 ? 0.5 * Float($0 + 1) : 0 }
        #expect(abs(accumulate([.kl(target: 0.2, weight: 1)], codes).value) < 1e-6)
        #expect(accumulate([.kl(target: 0.4, weight: 1)], codes).value > 0.1)
        let shares = CodePenalties([.kl(target: 0.3, weight: 1)], activation: .sigmoid)
        #expect(abs(accumulate(shares, Array(repeating: 0.3, count: 20)).value) < 1e-6)
        let ratio = 0.3 * Double.log(0.3 / 0.25) + 0.7 * Double.log(0.7 / 0.75)
        let value = accumulate(shares, Array(repeating: 0.25, count: 20)).value
        #expect(abs(value - 20 * ratio) < 1e-5)
    }

    @Test(arguments: [
        [SparsityPenalty.l1(0.7)], [.l2(0.7)], [.kl(target: 0.1, weight: 0.7)], [.kl(target: 0.9, weight: 0.7)],
        [.l1(0.1), .kl(target: 0.3, weight: 0.4), .l2(0.2), .l0(0.3)],
    ])
    func gradientsAgreeWithDifferences(penalties: [SparsityPenalty]) {
        let delta = accumulate(CodePenalties(penalties), Self.codes, start: 10).delta
        expectGradient("\(penalties)", delta, at: Self.codes) { codes in
            LossSample(
                value: accumulate(CodePenalties(penalties), codes).value / Double(Self.rows),
                activeSet: codes.map { $0 > 0 } + codes.map { $0 < 0 })
        }
    }

    @Test func gradientsOfSharesAgreeWithDifferences() {
        let codes = Numbers.normal(20, seed: 3).map { 0.5 + 0.4 * max(-1, min(1, $0)) }
        let penalties = CodePenalties([.kl(target: 0.1, weight: 0.7)], activation: .sigmoid)
        expectGradient("shares", accumulate(penalties, codes).delta, at: codes) { codes in
            LossSample(value: accumulate(penalties, codes).value / Double(Self.rows))
        }
    }

    @Test func divergenceForgetsTheCodesScale() {
        let penalty: CodePenalties = [.kl(target: 0.1, weight: 0.7)]
        let value = accumulate(penalty, Self.codes).value
        #expect(abs(accumulate(penalty, Self.codes.map { 64 * $0 }).value / value - 1) < 1e-9)
    }

    @Test func unitsThatAreNeverActiveCostNothing() {
        let (value, delta) = accumulate([.kl(target: 0.1, weight: 1), .l0(1)], Array(repeating: 0, count: 20))
        #expect(value == 0 && delta.allSatisfy { $0 == 0 })
    }
}
