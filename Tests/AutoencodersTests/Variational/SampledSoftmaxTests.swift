import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

/// Documents that have about half of the features, a decoder, and a point z for every document.
private struct Problem {
    static let (rows, features, width) = (9, 60, 4)
    let counts: CSRMatrix
    let batch: SparseBatch
    let decoder: LinearDecoder
    let z = Numbers.normal(rows * width, seed: 3)

    init() {
        counts = GeneratedMatrix.random(rows: Self.rows, columns: Self.features, density: 0.08, seed: 6).asCounts
        batch = counts.batch(counts.allRows)
        decoder = LinearDecoder(
            weights: Numbers.matrix(Self.features, Self.width, scale: 0.6, seed: 1),
            bias: Numbers.normal(Self.features, seed: 2))
    }

    func sample(_ negatives: Int, seed: UInt64 = 1) -> FeatureSample {
        var generator = RandomGenerator(seed: seed)
        return FeatureSampler(logShares: decoder.bias, negatives: negatives)
            .sample(beside: batch.touchedColumns, generator: &generator)
    }

    struct Evaluation {
        var logLikelihoods: [Double] = []
        var gradient: [Float] = []
        var curvature: [Float] = []
        var weights: [Float] = []
        var bias: [Float] = []
    }

    /// All that a likelihood computes; the decoder's gradient is of −½ Σ log p.
    func evaluate(_ likelihood: any Likelihood, z: [Float]? = nil) -> Evaluation {
        let evidence = LikelihoodEvidence(), results = LikelihoodResults()
        let z = z ?? self.z
        batch.withTargets { likelihood.observe($0, into: evidence, execution: .serial) }
        likelihood.evaluate(z, evidence: evidence, wantsCurvature: true, into: results, execution: .serial)
        var evaluation = Evaluation(
            logLikelihoods: results.logLikelihoods, gradient: results.gradient.array,
            curvature: results.curvature.array)
        var gradient = DecoderGradient()
        likelihood.decoderGradient(
            z, batch: batch, evidence: evidence, weight: -0.5, results: results, into: &gradient, execution: .serial)
        evaluation.weights = gradient.linear.weights.elements
        evaluation.bias = gradient.linear.bias
        return evaluation
    }

    /// log p̂ in Double, straight from its formula.
    func logLikelihood(_ decoder: LinearDecoder, _ sample: FeatureSample, z: [Float]) -> Double {
        counts.denseRows(counts.allRows).enumerated().reduce(0) { sum, row in
            let logits = (0..<Self.features).map { v in
                (0..<Self.width).reduce(Double(decoder.bias[v])) {
                    $0 + Double(decoder.weights[v, $1]) * Double(z[row.offset * Self.width + $1])
                }
            }
            let normalizer = zip(sample.features, sample.logWeights).reduce(0) {
                $0 + Double.exp(logits[Int($1.0)] + Double($1.1))
            }
            return sum + zip(row.element, logits).reduce(0) { $0 + $1.0 * ($1.1 - Double.log(normalizer)) }
        }
    }
}

@Suite struct SampledSoftmaxTests {
    private let problem = Problem()

    @Test(arguments: LikelihoodKind.allCases.filter { $0.family.hasSampledSoftmax }, [60, 10_000])
    func withAllFeaturesItIsTheLikelihoodItself(kind: LikelihoodKind, negatives: Int) {
        let sample = problem.sample(negatives)
        #expect(sample.features.count == Problem.features && sample.presentCount < Problem.features)
        let dispersion = DispersionDecoder.random(
            kind, features: Problem.features, latentWidth: Problem.width, seed: 30)
        let sampled = problem.evaluate(
            SampledSoftmaxLikelihood(kind, problem.decoder, dispersion: dispersion, sample))
        let exact = problem.evaluate(kind.of(problem.decoder, dispersion: dispersion))
        // Both are rounded, in different orders.
        let rounding = SoftmaxRounding(problem.decoder, z: problem.z, problem.counts)
        let likelihoods = zip(sampled.logLikelihoods, exact.logLikelihoods)
        #expect(likelihoods.allSatisfy { abs($0 - $1) <= 2 * rounding.logLikelihood })
        #expect(largestDifference(sampled.gradient, exact.gradient.map(Double.init)) <= 2 * rounding.gradient)
        #expect(largestDifference(sampled.curvature, exact.curvature.map(Double.init)) <= 2 * rounding.curvature)
        let rows = sample.features.map(Int.init)
        let weights = rows.flatMap { exact.weights[$0 * Problem.width..<($0 + 1) * Problem.width] }
        #expect(largestDifference(sampled.weights, weights.map(Double.init)) <= 2 * rounding.decoderWeights)
        #expect(largestDifference(sampled.bias, rows.map { Double(exact.bias[$0]) }) <= 2 * rounding.decoderBias)
    }

    /// Over many draws the mean of Ẑ is Z, within its standard error, and that of log p̂ is not below log p.
    @Test(arguments: [1, 5, 15])
    func theNormalizerIsUnbiased(negatives: Int) {
        let exact = problem.evaluate(MultinomialLikelihood(problem.decoder))
        let tokens = problem.counts.denseRows(problem.counts.allRows).map { $0.reduce(0, +) }
        let count = 4000
        var sums = [Double](repeating: 0, count: Problem.rows), squares = sums, excess = 0.0
        for seed in 0..<UInt64(count) {
            let likelihood = SampledSoftmaxLikelihood(
                .multinomial, problem.decoder, problem.sample(negatives, seed: seed))
            let sampled = problem.evaluate(likelihood).logLikelihoods
            for row in 0..<Problem.rows where tokens[row] > 0 {
                // log p = x·a − N log Z, so that a difference tells Ẑ/Z.
                let ratio = Double.exp((exact.logLikelihoods[row] - sampled[row]) / tokens[row])
                sums[row] += ratio
                squares[row] += ratio * ratio
                excess += sampled[row] - exact.logLikelihoods[row]
            }
        }
        for row in 0..<Problem.rows where tokens[row] > 0 {
            let mean = sums[row] / Double(count)
            let error = ((squares[row] / Double(count) - mean * mean) / Double(count)).squareRoot()
            #expect(error > 1e-5 && abs(mean - 1) < 4.5 * error, "row \(row): \(mean) ± \(error)")
        }
        #expect(excess > 0)
    }

    @Test func gradientsAgreeWithDifferences() {
        let sample = problem.sample(12)
        #expect(sample.logWeights.contains { $0 > 0.1 })
        let evaluation = problem.evaluate(SampledSoftmaxLikelihood(.multinomial, problem.decoder, sample))
        expectGradient("z", evaluation.gradient, at: problem.z, step: 2e-3, tolerance: 1e-4) { z in
            LossSample(value: problem.logLikelihood(problem.decoder, sample, z: z))
        }
        let (decoder, width) = (problem.decoder, Problem.width)
        var weights = [Float](repeating: 0, count: Problem.features * width)
        var bias = [Float](repeating: 0, count: Problem.features)
        for (i, feature) in sample.features.lazy.map(Int.init).enumerated() {
            bias[feature] = evaluation.bias[i]
            for unit in 0..<width { weights[feature * width + unit] = evaluation.weights[i * width + unit] }
        }
        expectGradient("D", weights, at: decoder.weights.elements, step: 2e-3, tolerance: 1e-4) { values in
            let moved = DenseMatrix(rowCount: Problem.features, columnCount: width, elements: values)
            let sum = problem.logLikelihood(
                LinearDecoder(weights: moved, bias: decoder.bias), sample, z: problem.z)
            return LossSample(value: -0.5 * sum)
        }
        expectGradient("c", bias, at: decoder.bias, step: 2e-3, tolerance: 1e-4) { values in
            let sum = problem.logLikelihood(
                LinearDecoder(weights: decoder.weights, bias: values), sample, z: problem.z)
            return LossSample(value: -0.5 * sum)
        }
    }
}

@Suite struct SampledSoftmaxTrainingTests {
    private let planted = PlantedTopics(
        documents: 400, words: 900, topicCount: 5, topicWords: 30, noiseWords: 10, hasUnitLength: false)

    private func train(_ negatives: Int?, epochs: Int, threads: Int = 2) throws -> VariationalAutoencoder {
        try trainVariationalAutoencoder(
            on: planted.matrix,
            variational {
                $0.sampledSoftmax = negatives; $0.refinementSteps = 3
            },
            training: training(epochs: epochs) { $0.validationFraction = 0.1 },
            execution: Execution(parallelism: Parallelism(threads: threads)))
    }

    @Test func theSeedAloneDecides() throws {
        let one = try train(60, epochs: 2, threads: 1)
        #expect(try train(60, epochs: 2, threads: 2).bits == one.bits)
        #expect(try train(60, epochs: 2, threads: 3).bits == one.bits)
        #expect(one.isFinite)
    }

    /// With all features, only Adam's sums are made in another order; what two epochs make of their rounding stays far
    /// below what a few negatives change.
    @Test func withAllFeaturesTrainingIsTheSame() throws {
        let exact = try train(nil, epochs: 2).bound(on: planted.matrix)
        let sampled = try train(900, epochs: 2).bound(on: planted.matrix)
        #expect(abs(sampled.loss / exact.loss - 1) < 0.01, "\(sampled.loss), \(exact.loss)")
    }

    @Test func aFewNegativesComeNearTheExactBound() throws {
        let fresh = PlantedTopics(
            documents: 200, words: 900, topicCount: 5, topicWords: 30, noiseWords: 10, hasUnitLength: false, seed: 2)
        let none = try train(nil, epochs: 1).bound(on: fresh.matrix).lossPerToken
        let exact = try train(nil, epochs: 20).bound(on: fresh.matrix).lossPerToken
        let sampled = try train(100, epochs: 20).bound(on: fresh.matrix).lossPerToken
        #expect(sampled < exact + 0.1 * (none - exact), "\(none), \(exact), \(sampled)")
        #expect(planted.nearestCentroidAccuracy(try train(100, epochs: 20).encode(planted.matrix)) > 0.9)
    }
}
