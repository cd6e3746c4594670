import SparseMatrices
import Testing

@testable import Autoencoders

/// A likelihood with random parameters and counts, and a point z for every document.
private struct Problem {
    let counts: CSRMatrix
    let decoder: LinearDecoder
    let z: [Float]
    let batch: SparseBatch

    init(_ counts: CSRMatrix, width: Int, scale: Float = 0.7, seed: UInt64 = 5) {
        self.counts = counts
        decoder = LinearDecoder(
            weights: Numbers.matrix(counts.columnCount, width, scale: scale, seed: seed),
            bias: Numbers.normal(counts.columnCount, seed: seed + 1))
        z = Numbers.normal(counts.rowCount * width, seed: seed + 2)
        batch = counts.batch(counts.allRows)
    }

    var width: Int { decoder.latentWidth }

    struct Evaluation: Equatable {
        var logLikelihoods: [Double] = []
        var gradient: [Float] = []
        var curvature: [Float] = []
        var decoderWeights: [Float] = []
        var decoderBias: [Float] = []
    }

    /// All that the likelihood computes; the decoder's gradient is of −½ Σ log p.
    func evaluate(blockWidth: Int = 4096, _ execution: Execution = .serial) -> Evaluation {
        let likelihood = MultinomialLikelihood(decoder, blockWidth: blockWidth)
        let evidence = LikelihoodEvidence(), results = LikelihoodResults()
        batch.withTargets { likelihood.observe($0, into: evidence, execution: execution) }
        likelihood.evaluate(z, evidence: evidence, wantsCurvature: true, into: results, execution: execution)
        var evaluation = Evaluation(
            logLikelihoods: results.logLikelihoods, gradient: results.gradient.array,
            curvature: results.curvature.array)
        var gradient = DecoderGradient()
        likelihood.decoderGradient(
            z, batch: batch, evidence: evidence, weight: -0.5, results: results, into: &gradient, execution: execution)
        evaluation.decoderWeights = gradient.linear.weights.elements
        evaluation.decoderBias = gradient.linear.bias
        return evaluation
    }

    var documents: [(x: [Double], z: [Double])] {
        counts.denseRows(counts.allRows).enumerated().map { row, x in
            (x, z[row * width..<(row + 1) * width].map(Double.init))
        }
    }

    var rounding: SoftmaxRounding { SoftmaxRounding(decoder, z: z, counts) }

    func expectDense(_ evaluation: Evaluation) {
        let (rounding, dense) = (rounding, DenseMultinomial(decoder))
        let documents = documents
        let likelihoods = documents.map { dense.logLikelihood($0.x, $0.z) }
        #expect(zip(evaluation.logLikelihoods, likelihoods).allSatisfy { abs($0 - $1) <= rounding.logLikelihood })
        let gradient = documents.flatMap { dense.gradient($0.x, $0.z) }
        #expect(largestDifference(evaluation.gradient, gradient) <= rounding.gradient)
        let curvature = documents.flatMap { dense.curvature($0.x, $0.z) }
        #expect(largestDifference(evaluation.curvature, curvature) <= rounding.curvature)
        var weights = [Double](repeating: 0, count: decoder.featureCount * width)
        var bias = [Double](repeating: 0, count: decoder.featureCount)
        for (x, z) in documents {
            let tokens = x.reduce(0, +)
            for (v, p) in dense.softmax(z).enumerated() {
                let residual = -0.5 * (x[v] - tokens * p)
                bias[v] += residual
                for unit in 0..<width { weights[v * width + unit] += residual * z[unit] }
            }
        }
        #expect(largestDifference(evaluation.decoderWeights, weights) <= rounding.decoderWeights)
        #expect(largestDifference(evaluation.decoderBias, bias) <= rounding.decoderBias)
    }
}

@Suite struct MultinomialLikelihoodTests {
    @Test(arguments: GeneratedMatrix.all, [1, 4, 9])
    func agreesWithDenseSoftmax(generated: GeneratedMatrix, width: Int) {
        let problem = Problem(generated.matrix.asCounts, width: width)
        problem.expectDense(problem.evaluate())
    }

    @Test func gradientAgreesWithDifferences() {
        let problem = Problem(GeneratedMatrix.random(rows: 6, columns: 30, density: 0.4, seed: 3).asCounts, width: 5)
        let dense = DenseMultinomial(problem.decoder)
        let rows = problem.counts.denseRows(problem.counts.allRows)
        expectGradient("z", problem.evaluate().gradient, at: problem.z, step: 2e-3, tolerance: 1e-4) { z in
            let sum = rows.enumerated().reduce(0.0) { sum, row in
                sum + dense.logLikelihood(row.element, z[row.offset * 5..<row.offset * 5 + 5].map(Double.init))
            }
            return LossSample(value: sum)
        }
    }

    @Test(arguments: [1, 7, 16, 29, 30])
    func blocksOfFeaturesChangeNothing(blockWidth: Int) {
        let problem = Problem(GeneratedMatrix.random(rows: 40, columns: 30, density: 0.3, seed: 4).asCounts, width: 6)
        let blocks = MultinomialLikelihood(problem.decoder, blockWidth: blockWidth).featureBlocks
        #expect(blocks.map(\.count).max() == blockWidth && blocks.map(\.count).reduce(0, +) == 30)
        problem.expectDense(problem.evaluate(blockWidth: blockWidth))
    }

    /// More features than the block has by default.
    @Test func manyFeaturesGoInBlocks() {
        let problem = Problem(GeneratedMatrix.random(rows: 3, columns: 4500, density: 0.02, seed: 5).asCounts, width: 3)
        #expect(MultinomialLikelihood(problem.decoder).featureBlocks.map(\.count) == [4096, 404])
        problem.expectDense(problem.evaluate())
        problem.expectDense(problem.evaluate(blockWidth: 4500))
    }

    @Test func emptyDocumentsHaveLikelihoodOne() {
        let documents = GeneratedMatrix("", rows: 10, columns: 12) { row, _, chance in row % 2 == 1 && chance < 0.5 }
        let evaluation = Problem(documents.matrix.asCounts, width: 4).evaluate(blockWidth: 5)
        for row in stride(from: 0, to: 10, by: 2) {
            #expect(evaluation.logLikelihoods[row] == 0)
            #expect(evaluation.gradient[row * 4..<row * 4 + 4].allSatisfy { $0 == 0 })
            #expect(evaluation.curvature[row * 4..<row * 4 + 4].allSatisfy { $0 == 0 })
        }
    }

    @Test func noFeatures() {
        let documents = GeneratedMatrix("", rows: 3, columns: 0) { _, _, _ in false }
        let evaluation = Problem(documents.matrix, width: 4).evaluate()
        #expect(evaluation.logLikelihoods == [0, 0, 0])
        #expect(evaluation.gradient == Array(repeating: 0, count: 12) && evaluation.decoderBias.isEmpty)
    }

    @Test(arguments: [4096, 8])
    func extremeLogitsStayFinite(blockWidth: Int) {
        let problem = Problem(
            GeneratedMatrix.random(rows: 12, columns: 25, density: 0.4, seed: 6).asCounts, width: 3, scale: 100)
        let documents = problem.documents
        let weights = DenseMultinomial(problem.decoder).weights
        let logits = documents.flatMap { document in weights.map { dot($0, document.z) } }
        #expect(logits.contains { $0 > 200 } && logits.contains { $0 < -200 })
        problem.expectDense(problem.evaluate(blockWidth: blockWidth))
    }

    @Test(arguments: [4096, 11])
    func threadsDoNotMatter(blockWidth: Int) {
        let problem = Problem(
            GeneratedMatrix.random(rows: 150, columns: 300, density: 0.05, seed: 7).asCounts, width: 7)
        let serial = problem.evaluate(blockWidth: blockWidth)
        let parallel = problem.evaluate(
            blockWidth: blockWidth, Execution(parallelism: Parallelism(threads: 3)))
        #expect(serial == parallel)
    }
}
