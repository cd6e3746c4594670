import RealModule
import Testing

@testable import Autoencoders

@Suite struct FeatureSamplerTests {
    /// Shares that fall like Zipf's, in no order.
    private static func logShares(_ count: Int) -> [Float] {
        (0..<count).map { -Float.log(Float(1 + ($0 * 7919) % count)) - 3 }
    }

    private let shares = logShares(101)
    private let present: [UInt32] = [3, 90, 0, 100, 41, 42]

    private func draws(_ count: Int, negatives: Int) -> [FeatureSample] {
        let sampler = FeatureSampler(logShares: shares, negatives: negatives)
        var generator = RandomGenerator(seed: 9)
        return (0..<count).map { _ in sampler.sample(beside: present, generator: &generator) }
    }

    @Test(arguments: [1, 2, 10, 50, 90, 94])
    func negativesAreDistinctAndNotOfTheBatch(negatives: Int) {
        for sample in draws(50, negatives: negatives) {
            #expect(Array(sample.features.prefix(6)) == present && sample.presentCount == 6)
            #expect(Set(sample.features).count == sample.features.count)
            #expect(sample.features.count == 6 + negatives && sample.logWeights.count == 6 + negatives)
            #expect(sample.logWeights.prefix(6).allSatisfy { $0 == 0 } && sample.logWeights.allSatisfy { $0 >= 0 })
        }
    }

    @Test(arguments: [95, 96, 1000])
    func allFeaturesComeIfNoMoreAreLeft(negatives: Int) {
        for sample in draws(3, negatives: negatives) {
            #expect(sample.features.sorted() == Array(0..<101))
            #expect(sample.logWeights.allSatisfy { $0 == 0 })
        }
    }

    /// What is drawn says its own chance, and that is how often it comes; chances add up to the number of negatives.
    @Test(arguments: [1, 7, 40, 90])
    func chancesAreWhatTheyAreSaidToBe(negatives: Int) {
        let count = 20_000
        var hits = [Int](repeating: 0, count: 101)
        var chances = [Double?](repeating: nil, count: 101)
        for sample in draws(count, negatives: negatives) {
            for (feature, logWeight) in zip(sample.features, sample.logWeights).dropFirst(6) {
                let chance = Double.exp(-Double(logWeight))
                hits[Int(feature)] += 1
                #expect(abs(chance - (chances[Int(feature)] ?? chance)) < 1e-6)
                chances[Int(feature)] = chance
            }
        }
        var ratio: Double?
        for feature in 0..<101 where !present.contains(UInt32(feature)) {
            guard let chance = chances[feature] else {
                Issue.record("feature \(feature) never came")
                continue
            }
            let error = (chance * (1 - chance) / Double(count)).squareRoot()
            #expect(abs(Double(hits[feature]) / Double(count) - chance) < 5 * error + 1e-6, "feature \(feature)")
            if chance < 0.999_999 {
                let scaled = chance / Double.exp(0.75 * Double(shares[feature]))
                #expect(abs(scaled / (ratio ?? scaled) - 1) < 1e-4)
                ratio = scaled
            }
        }
        #expect(abs(chances.compactMap { $0 }.reduce(0, +) - Double(negatives)) < 1e-4 * Double(negatives))
    }

    @Test func emptyBatchesHaveNegativesToo() {
        let sampler = FeatureSampler(logShares: shares, negatives: 20)
        var generator = RandomGenerator(seed: 2)
        let sample = sampler.sample(beside: [], generator: &generator)
        #expect(sample.presentCount == 0 && Set(sample.features).count == 20)
    }
}
