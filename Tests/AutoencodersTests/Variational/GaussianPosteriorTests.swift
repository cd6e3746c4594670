import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct GaussianPosteriorTests {
    private let rows = 3, width = 4

    private var posterior: GaussianPosterior {
        let posterior = GaussianPosterior()
        posterior.resize(rows: rows, width: width)
        posterior.mean.fill(Numbers.normal(rows * width, seed: 1))
        posterior.logVariance.fill(Numbers.normal(rows * width, seed: 2))
        return posterior
    }

    private func dense(_ posterior: GaussianPosterior, row: Int) -> DensePosterior {
        let entries = row * width..<(row + 1) * width
        return DensePosterior(
            mean: posterior.mean.array[entries].map(Double.init),
            logVariance: posterior.logVariance.array[entries].map(Double.init))
    }

    /// KL(q‖p) = E_q(log q − log p), by 40,000 samples; five standard errors are allowed.
    @Test func divergenceAgreesWithMonteCarlo() {
        let posterior = posterior
        for row in 0..<rows {
            let dense = dense(posterior, row: row)
            var generator = RandomGenerator(seed: 9, stream: UInt64(row))
            var sum = 0.0, squares = 0.0
            let samples = 40_000
            for _ in 0..<samples {
                var difference = 0.0
                for unit in 0..<width {
                    let noise = Double(generator.nextNormal())
                    let z = dense.mean[unit] + Double.exp(0.5 * dense.logVariance[unit]) * noise
                    difference += 0.5 * (z * z - noise * noise - dense.logVariance[unit])
                }
                sum += difference
                squares += difference * difference
            }
            let mean = sum / Double(samples)
            let standardError = ((squares / Double(samples) - mean * mean) / Double(samples)).squareRoot()
            let divergence = posterior.divergence(ofRow: row).total
            #expect(abs(divergence - mean) < 5 * standardError, "row \(row)")
            #expect(standardError < 0.05 * divergence)
        }
    }

    @Test func divergenceIsTheSumOverUnits() {
        let posterior = posterior
        for row in 0..<rows {
            let units = (0..<width).map { posterior.klDivergence(row: row, unit: $0) }
            #expect(units.allSatisfy { $0 >= 0 })
            #expect(abs(posterior.divergence(ofRow: row).total - units.reduce(0, +)) < 1e-12)
            #expect(abs(posterior.divergence(ofRow: row).total - dense(posterior, row: row).klDivergence) < 1e-12)
        }
    }

    @Test func divergenceOfThePriorIsZero() {
        let prior = GaussianPosterior()
        prior.resize(rows: 1, width: 5)
        prior.mean.fill([0, 0, 0, 0, 0])
        prior.logVariance.fill([0, 0, 0, 0, 0])
        #expect(prior.divergence(ofRow: 0).total == 0)
    }

    @Test func copiesAreEqual() {
        let original = posterior, copy = GaussianPosterior()
        copy.copy(from: original)
        #expect(copy.mean.array == original.mean.array && copy.logVariance.array == original.logVariance.array)
        #expect(copy.rowCount == rows && copy.width == width)
    }

    @Test func samplesAreMeanAndScaledNoise() {
        let posterior = posterior, noise = ScratchMatrix(), z = ScratchMatrix()
        noise.resize(rows: rows, width: width)
        noise.fill(Numbers.normal(rows * width, seed: 3))
        posterior.reparameterize(noise, into: z, parallelism: .serial)
        let expected = (0..<rows).flatMap { row in
            dense(posterior, row: row).sample(noise.array[row * width..<(row + 1) * width].map(Double.init))
        }
        #expect(largestError(z.array, expected) < 1e-6)
    }
}

@Suite struct NoiseTests {
    private func noise(
        _ rows: [Int], seed: UInt64 = 1, step: UInt64 = 2, draw: UInt64 = 3, threads: Int = 1
    ) -> [[Float]] {
        let matrix = ScratchMatrix()
        matrix.fillNormal(
            rows: rows, width: 6, seed: seed, step: step, draw: draw, parallelism: Parallelism(threads: threads))
        return (0..<rows.count).map { Array(matrix.array[$0 * 6..<($0 + 1) * 6]) }
    }

    @Test func aDocumentsNoiseDoesNotDependOnItsBatch() {
        let one = noise([4, 7, 1]), other = noise([9, 7, 12, 4])
        #expect(one[0] == other[3] && one[1] == other[1])
        #expect(one[0] != one[1] && one[1] != one[2])
    }

    @Test func seedStepDrawAndRowAllCount() {
        let all = [noise([5]), noise([6]), noise([5], seed: 2), noise([5], step: 3), noise([5], draw: 2)]
        #expect(Set(all).count == all.count)
        #expect(noise([5]) == all[0])
    }

    @Test func isThatOfTheDocumentsGenerator() {
        let expected = documentNoise(width: 6, seed: 1, step: 2, draw: 3, row: 8)
        #expect(noise([3, 8])[1].map(Double.init) == expected)
    }

    @Test func threadsDoNotMatter() {
        let rows = Array(0..<500)
        #expect(noise(rows) == noise(rows, threads: 3))
    }

    @Test func isStandardNormal() {
        let numbers = noise(Array(0..<5000)).joined().map(Double.init)
        let count = Double(numbers.count)
        let mean = numbers.reduce(0, +) / count
        let square = numbers.reduce(0) { $0 + $1 * $1 } / count
        let fourth = numbers.reduce(0) { $0 + $1 * $1 * $1 * $1 } / count
        #expect(abs(mean) < 5 / count.squareRoot())
        #expect(abs(square - 1) < 5 * (2 / count).squareRoot())
        #expect(abs(fourth - 3) < 5 * (96 / count).squareRoot())
    }
}

@Suite struct GaussianLatentTests {
    private static func latent(scale: Float) -> GaussianLatent {
        GaussianLatent(
            mean: LinearLayer(
                weights: Numbers.matrix(5, 3, scale: scale, seed: 1), bias: Numbers.normal(3, seed: 2)),
            logVariance: LinearLayer(
                weights: Numbers.matrix(5, 3, scale: scale, seed: 3), bias: Numbers.normal(3, seed: 4)))
    }

    private func forward(_ latent: GaussianLatent, _ hidden: [Float]) -> GaussianPosterior {
        let posterior = GaussianPosterior()
        latent.forward(hidden, rows: hidden.count / 5, into: posterior, parallelism: .serial)
        return posterior
    }

    @Test(arguments: [0.1, 3, 1000] as [Float])
    func logVarianceIsBounded(scale: Float) {
        let latent = Self.latent(scale: scale), hidden = Numbers.normal(20 * 5, seed: 5)
        let posterior = forward(latent, hidden)
        let bound = Double(GaussianLatent.bound)
        let a = (0..<20).flatMap { row in
            (0..<3).map { unit in
                (0..<5).reduce(Double(latent.logVariance.bias[unit])) {
                    $0 + Double(hidden[row * 5 + $1]) * Double(latent.logVariance.weights[$1, unit])
                }
            }
        }
        #expect(largestError(posterior.logVariance.array, a.map { bound * Double.tanh($0 / bound) }) < 1e-5)
        #expect(posterior.logVariance.array.allSatisfy { abs($0) <= GaussianLatent.bound })
    }

    @Test func gradientsAgreeWithDifferences() {
        let rows = 7
        let latent = Self.latent(scale: 2), hidden = Numbers.normal(rows * 5, seed: 6)
        let meanLoss = ProbeLoss(count: rows * 3, seed: 7), varianceLoss = ProbeLoss(count: rows * 3, seed: 8)
        let posterior = forward(latent, hidden)
        let meanDelta = ScratchMatrix(), varianceDelta = ScratchMatrix()
        meanDelta.resize(rows: rows, width: 3)
        meanDelta.fill(meanLoss.gradient(posterior.mean.array))
        varianceDelta.resize(rows: rows, width: 3)
        varianceDelta.fill(varianceLoss.gradient(posterior.logVariance.array))
        var gradient = GaussianLatentGradient()
        var hiddenDelta = [Float](repeating: .nan, count: rows * 5)
        latent.backward(
            hidden, posterior: posterior, meanDelta: meanDelta, logVarianceDelta: varianceDelta,
            scratch: ScratchMatrix(), into: &gradient, hiddenDelta: &hiddenDelta, parallelism: .serial)
        func loss(_ latent: GaussianLatent, _ hidden: [Float]) -> LossSample {
            let posterior = forward(latent, hidden)
            return LossSample(
                value: meanLoss.value(posterior.mean.array) + varianceLoss.value(posterior.logVariance.array))
        }
        func expect(_ name: String, _ head: WritableKeyPath<GaussianLatent, LinearLayer>, _ part: LinearGradient) {
            expectGradient("weights of \(name)", part.weights.elements, at: latent[keyPath: head].weights.elements) {
                var moved = latent
                moved[keyPath: head].weights = DenseMatrix(rowCount: 5, columnCount: 3, elements: $0)
                return loss(moved, hidden)
            }
            expectGradient("bias of \(name)", part.bias, at: latent[keyPath: head].bias) {
                var moved = latent
                moved[keyPath: head].bias = $0
                return loss(moved, hidden)
            }
        }
        expect("the mean", \.mean, gradient.mean)
        expect("the log-variance", \.logVariance, gradient.logVariance)
        expectGradient("hidden layer", hiddenDelta, at: hidden) { loss(latent, $0) }
    }
}
