import RealModule
import Testing

@testable import Autoencoders

/// Counts against their probabilities, by Pearson's χ².
@Suite struct CountDrawTests {
    /// χ² of `samples` draws, values of an expectation below ten taken together, and its degrees of freedom.
    private func chiSquare(
        samples: Int, _ logProbability: (Int) -> Double, upTo last: Int, _ draw: (inout RandomGenerator) -> Int
    ) -> (value: Double, freedom: Int) {
        var generator = RandomGenerator(seed: 12)
        var counts: [Int: Int] = [:]
        for _ in 0..<samples { counts[draw(&generator), default: 0] += 1 }
        #expect(counts.keys.allSatisfy { (0...last).contains($0) })
        var value = 0.0
        var cells = 0
        var (expected, found) = (0.0, 0)
        for k in 0...last {
            expected += Double(samples) * Double.exp(logProbability(k))
            found += counts[k] ?? 0
            if expected >= 10 {
                value += (Double(found) - expected) * (Double(found) - expected) / expected
                cells += 1
                (expected, found) = (0, 0)
            }
        }
        // The rest of the tail, which was expected to be small.
        value += Double(found * found) / max(expected, 10)
        return (value, cells)
    }

    /// χ² has the mean ν and the variance 2ν; six standard deviations above is one in 10⁸ or so.
    private func expectFit(_ fit: (value: Double, freedom: Int), sourceLocation: SourceLocation = #_sourceLocation) {
        let freedom = Double(fit.freedom)
        #expect(fit.value < freedom + 6 * (2 * freedom).squareRoot() + 10, "\(fit)", sourceLocation: sourceLocation)
    }

    @Test(
        arguments: [(1, 0.3), (20, 0.05), (40, 0.5), (100, 0.9), (1000, 0.02), (5000, 0.4), (65_537, 0.001)]
            as [(Int, Double)]) func binomial(trials: Int, probability: Double)
    {
        let odds = Double.log(probability / (1 - probability))
        expectFit(
            chiSquare(
                samples: 100_000,
                { k in
                    Double.logGamma(Double(trials + 1)) - Double.logGamma(Double(k + 1))
                        - Double.logGamma(Double(trials - k + 1)) + Double(k) * odds
                        + Double(trials) * Double.log(1 - probability)
                }, upTo: trials
            ) { $0.nextBinomial(trials, probability) })
    }

    @Test(arguments: [0.01, 3, 9.9, 10.1, 50, 2000]) func poisson(rate: Double) {
        expectFit(
            chiSquare(
                samples: 100_000, { Double($0) * Double.log(rate) - rate - Double.logGamma(Double($0 + 1)) },
                upTo: 4000
            ) { $0.nextPoisson(rate, limit: 4000) })
    }

    @Test func edges() {
        var generator = RandomGenerator(seed: 1)
        #expect(generator.nextBinomial(0, 0.5) == 0 && generator.nextBinomial(9, 0) == 0)
        #expect(generator.nextBinomial(9, 1) == 9 && generator.nextBinomial(9, 1.0000001) == 9)
        #expect(generator.nextPoisson(0, limit: 5) == 0 && generator.nextPoisson(1e300, limit: 5) == 5)
        #expect((0..<100).allSatisfy { _ in generator.nextPoisson(40, limit: 30) <= 30 })
        let many = (0..<1000).map { _ in generator.nextBinomial(1 << 40, 0.25) }
        let deviation = (Double(1 << 40) * 0.1875).squareRoot()
        #expect(many.allSatisfy { abs(Double($0) - 0.25 * Double(1 << 40)) < 7 * deviation })
    }

    /// Mean and variance of the logarithm of a gamma variable are ψ and ψ′; of a beta variable a/(a + b) and so on.
    @Test(arguments: [1e-3, 0.3, 1, 7, 300], [0.5, 40])
    func gammaAndBeta(a: Double, b: Double) {
        let count = 100_000
        var generator = RandomGenerator(seed: 4)
        var (mean, square, gamma) = (0.0, 0.0, 0.0)
        for _ in 0..<count {
            let share = generator.nextBeta(a, b)
            mean += share / Double(count)
            square += share * share / Double(count)
            gamma += min(Double.exp(generator.nextLogGamma(a)), 1e6) / Double(count)
        }
        let expected = a / (a + b), variance = expected * (1 - expected) / (a + b + 1)
        #expect(abs(mean - expected) < 5 * (variance / Double(count)).squareRoot())
        // A gamma variable has the excess kurtosis 6/a, and a beta variable no more.
        let spread = ((2 + 6 / a) / Double(count)).squareRoot()
        #expect(abs(square - mean * mean - variance) < 5 * spread * variance)
        #expect(abs(gamma - a) < 5 * (a / Double(count)).squareRoot())
        var still = RandomGenerator(seed: 4)
        let (none, all) = (still.nextBeta(0, b), still.nextBeta(b, 0))
        #expect(none == 0 && all == 1)
    }
}
