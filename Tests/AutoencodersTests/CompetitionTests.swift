import Autoencoders
import SparseMatrices
import Testing

@Suite struct CompetitionTests {
    private func apply(
        _ activation: Activation, _ z: [Float], width: Int, thresholds: [Float] = [],
        _ training: (any LatentTraining)? = nil, parallelism: Parallelism = .serial
    ) -> [Float] {
        var h = z
        if let training = training ?? activation.makeTraining() {
            training.apply(
                &h, rows: z.count / width, width: width, thresholds: thresholds, parallelism: parallelism)
        } else {
            activation.apply(&h, rows: z.count / width, width: width, parallelism: parallelism)
        }
        return h
    }

    private func backpropagate(
        _ activation: Activation, _ delta: inout [Float], outputs h: [Float], width: Int, thresholds: [Float] = [],
        _ training: (any LatentTraining)?
    ) {
        let rows = h.count / width
        if let training {
            training.backpropagate(
                &delta, outputs: h, rows: rows, width: width, thresholds: thresholds, parallelism: .serial)
        } else {
            activation.backpropagate(&delta, outputs: h, rows: rows, width: width, parallelism: .serial)
        }
    }

    /// The largest of the whole batch, wherever they are.
    @Test func batchTopKKeepsTheBatchsLargest() throws {
        let (rows, width, k) = (40, 9, 2)
        let z = Numbers.normal(rows * width, seed: 5)
        let training = try #require(Activation.batchTopK(k).makeTraining() as? BatchTopKActivation.Training)
        let h = apply(.batchTopK(k), z, width: width, training)
        let expected = Set(z.indices.filter { z[$0] > 0 }.sorted { z[$0] > z[$1] }.prefix(k * rows))
        #expect(h.indices.allSatisfy { h[$0] == (expected.contains($0) ? z[$0] : 0) })
        #expect(training.smallestKept == h.filter { $0 > 0 }.min())
        #expect(Set((0..<rows).map { row in h[row * width..<(row + 1) * width].count { $0 > 0 } }).count > 1)
        var later = z
        Activation.batchTopK(k).apply(&later, rows: rows, width: width, thresholds: [0.5], parallelism: .serial)
        #expect(later == z.map { $0 > 0.5 ? $0 : 0 })
        _ = apply(.batchTopK(k), [-1, -2, 0], width: 3, training)
        #expect(training.smallestKept == nil)
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

    /// What winners take over of the losers is given; of their own value they have the slope of tanh.
    @Test(arguments: [1, 4]) func winnersLearnFromTheirOwnValueAlone(k: Int) {
        let (rows, width) = (30, 9)
        let z = Numbers.normal(rows * width, seed: 6)
        let training = Activation.kCompetitive(k).makeTraining()
        let h = apply(.kCompetitive(k), z, width: width, training)
        let outer = ProbeLoss(count: z.count).gradient(h)
        var delta = outer
        backpropagate(.kCompetitive(k), &delta, outputs: h, width: width, training)
        let values = apply(.tanh, z, width: width)
        for i in z.indices {
            let slope = 1 - Double(values[i]) * Double(values[i])
            let expected = h[i] == 0 ? 0 : Double(outer[i]) * slope
            #expect(abs(Double(delta[i]) - expected) <= 1e-5 * abs(Double(outer[i])))
        }
    }

    @Test(arguments: [Activation.batchTopK(3), .topK(3), .tanh])
    func gradientsAgreeWithDifferences(activation: Activation) {
        let (rows, width) = (30, 9)
        let z = Numbers.normal(rows * width, seed: 6)
        let loss = ProbeLoss(count: z.count)
        let training = activation.makeTraining()
        let h = apply(activation, z, width: width, training)
        var delta = loss.gradient(h)
        backpropagate(activation, &delta, outputs: h, width: width, training)
        // Where a winner changes, the function jumps.
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
        let training = JumpReLUActivation.Training(activityPrice: 0.3)
        training.bandwidth = 0.2
        let h = apply(.jumpReLU, z, width: width, thresholds: thresholds, training)
        #expect(h.indices.allSatisfy { h[$0] == (z[$0] > thresholds[$0 % width] ? z[$0] : 0) })
        let outer = ProbeLoss(count: z.count).gradient(h)
        var delta = outer
        backpropagate(.jumpReLU, &delta, outputs: h, width: width, thresholds: thresholds, training)
        #expect(delta.indices.allSatisfy { delta[$0] == (h[$0] > 0 ? outer[$0] : 0) })
        for unit in 0..<width {
            let theta = Double(thresholds[unit])
            let expected = (0..<rows).reduce(0.0) { sum, row in
                let i = row * width + unit
                let isNear = abs(Double(z[i]) - theta) / 0.2 <= 0.5
                return sum - (isNear ? (theta * Double(outer[i]) + 0.3 / Double(rows)) / 0.2 : 0)
            }
            #expect(abs(Double(training.thresholdGradient[unit]) - expected) < 1e-4 * max(1, abs(expected)))
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
        let training = JumpReLUActivation.Training(activityPrice: price)
        training.bandwidth = 0.1
        let h = apply(.jumpReLU, z, width: 1, thresholds: [theta], training)
        var delta = [Float](repeating: 0.7 / Float(rows), count: rows)
        backpropagate(.jumpReLU, &delta, outputs: h, width: 1, thresholds: [theta], training)
        let difference = (loss(theta + 0.01) - loss(theta - 0.01)) / 0.02
        #expect(abs(Double(training.thresholdGradient[0]) - difference) < 0.01 * abs(difference))
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
