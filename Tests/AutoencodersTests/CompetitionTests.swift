import Autoencoders
import SparseMatrices
import Testing

@Suite struct CompetitionTests {
    private func apply(
        _ activation: Activation, _ z: [Float], width: Int, thresholds: [Float] = [],
        _ competition: LatentCompetition = LatentCompetition(), parallelism: Parallelism = .serial
    ) -> [Float] {
        var h = z
        competition.apply(
            activation, &h, rows: z.count / width, width: width, thresholds: thresholds, parallelism: parallelism)
        return h
    }

    /// The largest of the whole batch, wherever they are.
    @Test func batchTopKKeepsTheBatchsLargest() {
        let (rows, width, k) = (40, 9, 2)
        let z = Numbers.normal(rows * width, seed: 5)
        let competition = LatentCompetition()
        let h = apply(.batchTopK(k), z, width: width, competition)
        let expected = Set(z.indices.filter { z[$0] > 0 }.sorted { z[$0] > z[$1] }.prefix(k * rows))
        #expect(h.indices.allSatisfy { h[$0] == (expected.contains($0) ? z[$0] : 0) })
        #expect(competition.smallestKept == h.filter { $0 > 0 }.min())
        #expect(Set((0..<rows).map { row in h[row * width..<(row + 1) * width].count { $0 > 0 } }).count > 1)
        var later = z
        Activation.batchTopK(k).apply(&later, rows: rows, width: width, thresholds: [0.5], parallelism: .serial)
        #expect(later == z.map { $0 > 0.5 ? $0 : 0 })
        _ = apply(.batchTopK(k), [-1, -2, 0], width: 3, competition)
        #expect(competition.smallestKept == nil)
    }

    /// By hand: of tanh values .6, .4, .2, −.1, −.5 with k = 2 the largest and the smallest win and take over 6.26
    /// times what the others of their sign had.
    @Test func winnersTakeOverTheEnergyOfLosers() {
        let values: [Double] = [0.6, 0.4, 0.2, -0.1, -0.5]
        let z = values.map { Float(artanh($0)) }
        let h = apply(.kCompetitive(2), z, width: 5)
        let expected: [Double] = [0.6 + 6.26 * 0.6, 0, 0, 0, -0.5 - 6.26 * 0.1]
        #expect(zip(h, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 }, "\(h)")
        let odd = apply(.kCompetitive(3), z, width: 5)
        #expect(odd[1] > 0 && odd[2] == 0 && odd[3] == 0)
        #expect(zip(apply(.kCompetitive(5), z, width: 5), values).allSatisfy { abs(Double($0) - $1) < 1e-6 })
        var later = z
        Activation.kCompetitive(2).apply(&later, rows: 1, width: 5, parallelism: .serial)
        #expect(zip(later, values).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    }

    private func artanh(_ x: Double) -> Double {
        stride(from: 1, through: 121, by: 2).reduce(0) { sum, k in
            sum + (0..<k).reduce(1.0) { power, _ in power * x } / Double(k)
        }
    }

    @Test(arguments: [Activation.kCompetitive(4), .kCompetitive(1), .batchTopK(3), .topK(3), .tanh])
    func gradientsAgreeWithDifferences(activation: Activation) {
        let (rows, width) = (30, 9)
        let z = Numbers.normal(rows * width, seed: 6)
        let loss = ProbeLoss(count: z.count)
        let competition = LatentCompetition()
        let h = apply(activation, z, width: width, competition)
        var delta = loss.gradient(h)
        competition.backpropagate(
            activation, &delta, outputs: h, rows: rows, width: width, thresholds: [], parallelism: .serial)
        // Where a winner changes, the function jumps; where a loser changes sign, it has a kink.
        expectGradient("\(activation)", delta, at: z, step: 2e-3) { z in
            let h = apply(activation, z, width: width)
            return LossSample(value: loss.value(h), activeSet: h.map { $0 != 0 } + z.map { $0 > 0 })
        }
    }

    /// ∂L/∂z is that of a gate; ∂L/∂θ is the formula of the straight-through estimator, entry by entry.
    @Test func thresholdsLearnByTheStraightThroughFormula() {
        let (rows, width) = (60, 3)
        let z = Numbers.normal(rows * width, scale: 0.5, seed: 7)
        let thresholds: [Float] = [0.1, 0.3, 0.6]
        let competition = LatentCompetition()
        competition.bandwidth = 0.2
        competition.activityPrice = 0.3
        let h = apply(.jumpReLU, z, width: width, thresholds: thresholds, competition)
        #expect(h.indices.allSatisfy { h[$0] == (z[$0] > thresholds[$0 % width] ? z[$0] : 0) })
        let outer = ProbeLoss(count: z.count).gradient(h)
        var delta = outer
        competition.backpropagate(
            .jumpReLU, &delta, outputs: h, rows: rows, width: width, thresholds: thresholds, parallelism: .serial)
        #expect(delta.indices.allSatisfy { delta[$0] == (h[$0] > 0 ? outer[$0] : 0) })
        for unit in 0..<width {
            let theta = Double(thresholds[unit])
            let expected = (0..<rows).reduce(0.0) { sum, row in
                let i = row * width + unit
                let isNear = abs(Double(z[i]) - theta) / 0.2 <= 0.5
                return sum - (isNear ? (theta * Double(outer[i]) + 0.3 / Double(rows)) / 0.2 : 0)
            }
            #expect(abs(Double(competition.thresholdGradient[unit]) - expected) < 1e-4 * max(1, abs(expected)))
        }
    }

    /// The estimator is the derivative of an expectation: with z spread evenly, Σ over many z of the loss L(h) moves
    /// with θ as the formula says.
    @Test func theEstimatorFollowsTheExpectedLoss() {
        let rows = 20_000
        let z = (0..<rows).map { Float($0) / Float(rows) }
        let (theta, price): (Float, Float) = (0.4, 0.2)
        func loss(_ theta: Float) -> Double {
            z.reduce(0.0) { $0 + ($1 > theta ? 0.7 * Double($1) + Double(price) : 0) } / Double(rows)
        }
        let competition = LatentCompetition()
        competition.bandwidth = 0.1
        competition.activityPrice = price
        let h = apply(.jumpReLU, z, width: 1, thresholds: [theta], competition)
        var delta = [Float](repeating: 0.7 / Float(rows), count: rows)
        competition.backpropagate(
            .jumpReLU, &delta, outputs: h, rows: rows, width: 1, thresholds: [theta], parallelism: .serial)
        let difference = (loss(theta + 0.01) - loss(theta - 0.01)) / 0.02
        #expect(abs(Double(competition.thresholdGradient[0]) - difference) < 0.01 * abs(difference))
    }

    @Test(arguments: [Activation.batchTopK(3), .jumpReLU, .kCompetitive(4)])
    func threadsDoNotMatter(activation: Activation) {
        let z = Numbers.normal(500 * 9, seed: 4)
        let thresholds = [Float](repeating: 0.2, count: activation.thresholdCount(width: 9))
        let serial = apply(activation, z, width: 9, thresholds: thresholds)
        #expect(
            apply(activation, z, width: 9, thresholds: thresholds, parallelism: Parallelism(threads: 3)) == serial)
    }
}
