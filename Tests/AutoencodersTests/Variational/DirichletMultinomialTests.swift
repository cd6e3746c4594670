import NumericTolerance
import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct RisingFactorialTests {
    /// Where sums over whole numbers are exact: small and large a, few and many factors.
    @Test(arguments: [1e-9, 0.003, 0.7, 3, 25, 400, 1e6], [1, 2, 3, 16, 17, 40, 1000])
    func isTheSumOverWholeNumbers(a: Double, n: Int) {
        let rise = RisingFactorial(logOf: .log(a), Double(n))
        var (value, slope, bend, magnitude) = (0.0, 0.0, 0.0, 0.0)
        for j in 0..<n {
            let factor = a + Double(j)
            value += Double.log(factor)
            magnitude += abs(Double.log(factor))
            slope += a / factor
            bend += a * Double(j) / (factor * factor)
        }
        // The series stop where they are off by 10⁻¹² at most.
        let rounding = 1e-12 + tolerance(terms: n + 8, in: Double.self)
        #expect(abs(rise.logarithm - value) <= rounding * (magnitude + Double(n)))
        #expect(abs(rise.slope - slope) <= rounding * (a + Double(n)))
        #expect(abs(rise.bend - bend) <= rounding * (a + Double(n)))
    }

    /// Between whole numbers, by differences of ln Γ.
    @Test(arguments: [0.02, 0.7, 3, 9.99, 30], [0.25, 0.5, 1.5, 7.3, 20.1])
    func isTheDifferenceOfLogarithmsOfGamma(a: Double, n: Double) {
        let rise = RisingFactorial(logOf: .log(a), n)
        func value(_ logA: Double) -> Double {
            Double.logGamma(Double.exp(logA) + n) - Double.logGamma(Double.exp(logA))
        }
        #expect(abs(rise.logarithm - value(Double.log(a))) < 1e-10)
        let h = 1e-3
        let (lower, upper) = (value(Double.log(a) - h), value(Double.log(a) + h))
        #expect(abs(rise.slope - (upper - lower) / (2 * h)) < 1e-5)
        #expect(abs(rise.bend - (upper - 2 * value(Double.log(a)) + lower) / (h * h)) < 1e-4)
    }

    /// ln a is below all logarithms of numbers, or a so large that nothing is left of n beside it.
    @Test func theLimitsAreReached() {
        for n in [1, 2, 5, 30, 0.5] as [Double] {
            let small = RisingFactorial(logOf: -2000, n)
            #expect(
                abs(small.logarithm - (Double.logGamma(n) - 2000)) < 1e-9 && abs(small.slope - 1) < 1e-12
                    && abs(small.bend) < 1e-12)
            for logA in [30, 299, 400, 2000] as [Double] {
                let large = RisingFactorial(logOf: logA, n)
                #expect(abs(large.logarithm - logA * n) <= 1e-12 * logA * n, "ln a = \(logA), n = \(n)")
                #expect(abs(large.slope - n) < 1e-9 && abs(large.bend) < 1e-9, "ln a = \(logA), n = \(n)")
            }
        }
    }
}

@Suite struct DirichletMultinomialTests {
    private let decoder = LinearDecoder(
        weights: Numbers.matrix(4, 2, scale: 0.8, seed: 1), bias: Numbers.normal(4, seed: 2))

    private func concentration(_ logS: Float, width: Int = 0, features: Int = 4) -> DispersionDecoder {
        DispersionDecoder(
            linear: LinearDecoder(weights: Numbers.matrix(1, width, scale: 0.4, seed: 3), bias: [logS]), center: [logS])
    }

    private struct Evaluation {
        var logLikelihoods: [Double] = []
        var gradient: [Float] = []
        var curvature: [Float] = []
        var decoderGradient = DecoderGradient()
    }

    private func evaluate(_ likelihood: any Likelihood, _ documents: CSRMatrix, z: [Float]) -> Evaluation {
        let evidence = LikelihoodEvidence(), results = LikelihoodResults()
        let batch = documents.batch(documents.allRows)
        batch.withTargets { likelihood.observe($0, into: evidence, execution: .serial) }
        likelihood.evaluate(z, evidence: evidence, wantsCurvature: true, into: results, execution: .serial)
        var evaluation = Evaluation(
            logLikelihoods: results.logLikelihoods, gradient: results.gradient.array,
            curvature: results.curvature.array)
        likelihood.decoderGradient(
            z, batch: batch, evidence: evidence, weight: 1, results: results, into: &evaluation.decoderGradient,
            execution: .serial)
        return evaluation
    }

    /// All sequences of five words out of four sum to one: there are 5!/Πx! of the same counts.
    @Test(arguments: [-1, 1, 6] as [Float], [0, 2])
    func sequencesHaveProbabilitiesThatSumToOne(logS: Float, width: Int) throws {
        var counts: [[Int]] = []
        for a in 0...5 {
            for b in 0...5 - a { for c in 0...5 - a - b { counts.append([a, b, c, 5 - a - b - c]) } }
        }
        let documents = try matrix(counts)
        let likelihood = DirichletMultinomialLikelihood(decoder, concentration: concentration(logS, width: width))
        let z = counts.flatMap { _ in [0.6, -1.1] as [Float] }
        let total = zip(counts, evaluate(likelihood, documents, z: z).logLikelihoods).reduce(0) { sum, document in
            sum
                + Double.exp(
                    document.1 + Double.logGamma(6) - document.0.reduce(0) { $0 + Double.logGamma(Double($1 + 1)) })
        }
        // Words' logits are sums of three terms in Float.
        #expect(abs(total - 1) < tolerance(terms: 5 * 20), "\(total)")
    }

    private func matrix(_ rows: [[Int]]) throws -> CSRMatrix {
        let entries = rows.map { row in row.indices.filter { row[$0] > 0 } }
        return try CSRMatrix(
            rowCount: rows.count, columnCount: rows[0].count,
            rowOffsets: entries.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) },
            columnIndices: entries.joined().map { UInt32($0) },
            values: zip(rows, entries).flatMap { row, places in places.map { Float(row[$0]) } })
    }

    /// As the concentration grows, bursts vanish: what is left is of the order of N²/s.
    @Test func isTheMultinomialInTheLimit() {
        let documents = GeneratedMatrix.random(rows: 12, columns: 30, density: 0.3, seed: 4).asCounts
        let decoder = LinearDecoder(
            weights: Numbers.matrix(30, 3, scale: 0.6, seed: 5), bias: Numbers.normal(30, scale: 0.5, seed: 6))
        let z = Numbers.normal(36, seed: 7)
        let limit = evaluate(MultinomialLikelihood(decoder), documents, z: z)
        let rounding = SoftmaxRounding(decoder, z: z, documents)
        let tokens = documents.denseRows(documents.allRows).map { $0.reduce(0, +) }.max() ?? 0
        let found = evaluate(
            DirichletMultinomialLikelihood(decoder, concentration: concentration(24)), documents, z: z)
        // s·p of the rarest word is the least that may be near the count.
        let burst = 2 * tokens * tokens / Double.exp(24) * 1e4
        for (a, b) in zip(found.logLikelihoods, limit.logLikelihoods) {
            #expect(abs(a - b) <= 2 * rounding.logLikelihood + burst)
        }
        #expect(largestDifference(found.gradient, limit.gradient.map(Double.init)) <= 2 * rounding.gradient + burst)
        #expect(largestDifference(found.curvature, limit.curvature.map(Double.init)) <= 2 * rounding.curvature + burst)
        #expect(
            largestDifference(
                found.decoderGradient.linear.weights.elements,
                limit.decoderGradient.linear.weights.elements.map(Double.init))
                <= 4 * rounding.decoderWeights + burst)
    }

    /// One concentration for all: the other tests of likelihoods take one that follows z.
    @Test(arguments: [4096, 7])
    func sharedConcentrationsAgreeWithTheFormula(blockWidth: Int) {
        let documents = GeneratedMatrix.random(rows: 9, columns: 30, density: 0.3, seed: 4).asCounts
        let decoder = LinearDecoder(
            weights: Numbers.matrix(30, 3, scale: 0.6, seed: 5), bias: Numbers.normal(30, scale: 0.5, seed: 6))
        let z = Numbers.normal(27, seed: 7)
        let rows = documents.denseRows(documents.allRows)
        func logLikelihood(_ logS: Float, _ z: [Float]) -> Double {
            let dispersion = DispersionDecoder(
                linear: LinearDecoder(weights: DenseMatrix(rowCount: 1, columnCount: 0), bias: [logS]), center: [2])
            let dense = DenseLikelihood(.dirichletMultinomial, decoder, dispersion)
            return rows.enumerated().reduce(0) {
                $0 + dense.logLikelihood($1.element, z[$1.offset * 3..<$1.offset * 3 + 3].map(Double.init))
            }
        }
        let dispersion = DispersionDecoder(
            linear: LinearDecoder(weights: DenseMatrix(rowCount: 1, columnCount: 0), bias: [3]), center: [2])
        let found = evaluate(
            DirichletMultinomialLikelihood(decoder, concentration: dispersion, blockWidth: blockWidth), documents, z: z)
        expectGradient("z", found.gradient, at: z, step: 2e-3, tolerance: 1e-4) {
            LossSample(value: logLikelihood(3, $0))
        }
        expectGradient("ln s", found.decoderGradient.dispersion.bias, at: [3], step: 2e-3, tolerance: 1e-4) {
            LossSample(value: logLikelihood($0[0], z))
        }
        #expect(found.decoderGradient.dispersion.weights.elementCount == 0)
    }

    /// Counts need not be whole, and documents may be long.
    @Test func fractionsAndLongDocuments() throws {
        let documents = try CSRMatrix(
            rowCount: 3, columnCount: 4, rowOffsets: [0, 2, 5, 6], columnIndices: [0, 2, 0, 1, 3, 2],
            values: [0.4, 2.5, 30_000, 1e6, 1, 1e-3])
        let dispersion = concentration(3, width: 2)
        let dense = DenseLikelihood(.dirichletMultinomial, decoder, dispersion)
        let z: [Float] = [0.5, -1, 0.2, 0.3, -0.7, 1.2]
        let found = evaluate(DirichletMultinomialLikelihood(decoder, concentration: dispersion), documents, z: z)
        for (row, x) in documents.denseRows(documents.allRows).enumerated() {
            let code = z[2 * row..<2 * row + 2].map(Double.init)
            let expected = dense.logLikelihood(x, code)
            #expect(abs(found.logLikelihoods[row] - expected) < 1e-6 * abs(expected) + 1e-6)
            let slopes = differences(at: code, step: 1e-4) { dense.logLikelihood(x, $0) }
            #expect(largestError(found.gradient[2 * row..<2 * row + 2], slopes) < 1e-4)
        }
    }

    /// The quadratic function of the gradient and the curvature stays below log p: effective counts make a bound.
    @Test func theCurvatureIsOfALowerBound() {
        let documents = GeneratedMatrix.random(rows: 6, columns: 12, density: 0.5, seed: 8).asCounts
        let decoder = LinearDecoder(
            weights: Numbers.matrix(12, 1, scale: 0.8, seed: 5), bias: Numbers.normal(12, scale: 0.5, seed: 6))
        let dispersion = concentration(2)
        let dense = DenseLikelihood(.dirichletMultinomial, decoder, dispersion)
        let z = Numbers.normal(6, seed: 7)
        let found = evaluate(DirichletMultinomialLikelihood(decoder, concentration: dispersion), documents, z: z)
        for (row, x) in documents.denseRows(documents.allRows).enumerated() {
            let at = Double(z[row]), h = 1e-3
            func value(_ z: Double) -> Double { dense.logLikelihood(x, [z]) }
            let second = -(value(at + h) - 2 * value(at) + value(at - h)) / (h * h)
            #expect(second <= Double(found.curvature[row]) * (1 + 1e-4) + 1e-4)
        }
    }
}

@Suite struct BurstTrainingTests {
    /// Documents of one topic out of five, drawn with a concentration.
    private func documents(_ count: Int, logS: Double, seed: UInt64) -> CSRMatrix {
        var generator = RandomGenerator(seed: seed, stream: 0x6275_7273)
        let rows = (0..<count).map { _ -> DocumentEntries in
            let topic = Int.random(in: 0..<5, using: &generator)
            let means = (0..<100).map { word in (word % 5 == topic ? 9 : 1) / Float(260) }
            return means.withUnsafeBufferPointer { means in
                withUnsafePointer(to: Float(logS)) { logS in
                    WordDraws { _ in 40 }.entries(
                        given: FeatureConditions(
                            means: means, dispersions: UnsafeBufferPointer(start: logS, count: 1)), using: &generator)
                }
            }
        }
        return CSRMatrix(rows, columnCount: 100)
    }

    private func train(_ matrix: CSRMatrix, _ concentration: Concentration) throws -> VariationalAutoencoder {
        try trainVariationalAutoencoder(
            on: matrix,
            variational {
                $0.likelihood = .dirichletMultinomial
                $0.concentration = concentration
                $0.latentWidth = 4
            }, training: training(epochs: 30))
    }

    @Test(arguments: [3, 4.5], Concentration.allCases)
    func theConcentrationIsRecovered(logS: Double, concentration: Concentration) throws {
        let (matrix, fresh) = (documents(800, logS: logS, seed: 1), documents(300, logS: logS, seed: 2))
        let model = try train(matrix, concentration)
        let dispersion = try #require(model.dispersion)
        #expect(dispersion.followsCode == (concentration == .document))
        let codes = model.encode(fresh), values = ScratchMatrix()
        dispersion.fill(values, of: codes.elements, rows: 300)
        let mean = values.array.reduce(0.0) { $0 + Double($1) / 300 }
        #expect(abs(mean - logS) < 0.35, "ln s \(mean), not \(logS)")
        let plain = try trainVariationalAutoencoder(
            on: matrix,
            variational {
                $0.likelihood = .multinomial
                $0.latentWidth = 4
            }, training: training(epochs: 30))
        #expect(model.bound(on: fresh).lossPerToken < plain.bound(on: fresh).lossPerToken - 0.02)
    }

    /// Of documents without topics the start is the answer already.
    @Test(arguments: [1, 3, 5] as [Double])
    func theStartIsTheLikeliestConcentration(logS: Double) {
        var generator = RandomGenerator(seed: 3)
        let means = (0..<60).map { Float(1 + $0 % 7) / 236 }
        let rows = (0..<800).map { _ in
            means.withUnsafeBufferPointer { means in
                withUnsafePointer(to: Float(logS)) {
                    WordDraws { _ in 50 }.entries(
                        given: FeatureConditions(means: means, dispersions: UnsafeBufferPointer(start: $0, count: 1)),
                        using: &generator)
                }
            }
        }
        let observed = ObservedFeatures(WeightedRows(CSRMatrix(rows, columnCount: 60)), rows: Array(0..<800))
        #expect(abs(observed.logConcentration - logS) < 0.15, "\(observed.logConcentration)")
    }

    @Test func withAllFeaturesSampledTrainingIsTheSame() throws {
        let matrix = documents(300, logS: 3, seed: 1)
        let bounds = try [nil, 100].map { negatives in
            try trainVariationalAutoencoder(
                on: matrix,
                variational {
                    $0.likelihood = .dirichletMultinomial
                    $0.sampledSoftmax = negatives
                    $0.dreaming = nil
                }, training: training(epochs: 2)
            ).bound(on: matrix).loss
        }
        #expect(abs(bounds[1] / bounds[0] - 1) < 0.01, "\(bounds)")
    }
}
