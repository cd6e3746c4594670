import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct PosteriorRefinementTests {
    /// A decoder with two units whose documents it can tell apart, and posteriors far from the documents' own.
    private struct Problem {
        let likelihood: MultinomialLikelihood
        let dense: DenseMultinomial
        let documents: [[Double]]
        let batch: SparseBatch
        let workspace = InferenceWorkspace()

        init(documents: Int, words: Int, width: Int, seed: UInt64 = 3) {
            let counts = GeneratedMatrix("", rows: documents, columns: words, seed: seed) { row, word, chance in
                chance < (word % 3 == row % 3 ? 0.7 : 0.15)
            }.matrix.asCounts
            let decoder = LinearDecoder(
                weights: Numbers.matrix(words, width, scale: 0.8, seed: seed),
                bias: Numbers.normal(words, scale: 0.5, seed: seed + 1))
            likelihood = MultinomialLikelihood(decoder)
            dense = DenseMultinomial(decoder)
            self.documents = counts.denseRows(counts.allRows)
            batch = counts.batch(counts.allRows)
        }

        var width: Int { likelihood.decoder.latentWidth }

        /// The refined posteriors of all documents, starting from the same one.
        func refine(from start: DensePosterior, steps: Int, beta: Float = 1) -> [DensePosterior] {
            let posterior = workspace.posterior
            posterior.resize(rows: documents.count, width: width)
            posterior.mean.fill(documents.flatMap { _ in start.mean.map(Float.init) })
            posterior.logVariance.fill(documents.flatMap { _ in start.logVariance.map(Float.init) })
            let noise = NoiseSource(seed: 4, step: 1)
            batch.withTargets { likelihood.observe($0, into: workspace.evidence, execution: .serial) }
            workspace.evaluateSample(
                of: posterior, likelihood, batch, noise, draw: 0, wantsCurvature: true, .serial)
            workspace.refine(
                likelihood, batch, PosteriorRefinement(steps: steps), beta: beta, noise, .serial)
            return documents.indices.map { row in
                let entries = row * width..<(row + 1) * width
                return DensePosterior(
                    mean: workspace.refined.mean.array[entries].map(Double.init),
                    logVariance: workspace.refined.logVariance.array[entries].map(Double.init))
            }
        }

        /// Gauss–Hermite nodes of noise and their weights, width being 2: expectations without sampling.
        static let nodes: [(noise: [Double], weight: Double)] = {
            let halfLine = [
                (1.154405394739968, 0.240123178605013), (2.366759410734541, 0.030757123967586),
                (3.750439717725742, 0.000548268858737),
            ]
            let line = [(0, 16.0 / 35)] + halfLine + halfLine.map { (-$0.0, $0.1) }
            return line.flatMap { a in line.map { b in ([a.0, b.0], a.1 * b.1) } }
        }()

        /// −E log p(x|z) + β·KL, for two units.
        func negativeBound(_ document: Int, _ posterior: DensePosterior, beta: Double = 1) -> Double {
            Self.nodes.reduce(beta * posterior.klDivergence) {
                $0 - $1.weight * dense.logLikelihood(documents[document], posterior.sample($1.noise))
            }
        }

        /// The posterior of the least negative bound, by plain gradient descent, for two units.
        func optimum(_ document: Int, steps: Int, rate: Double, beta: Double = 1) -> DensePosterior {
            let x = documents[document]
            var posterior = DensePosterior(
                mean: Array(repeating: 0, count: width), logVariance: Array(repeating: -1, count: width))
            for _ in 0..<steps {
                var meanSlope = posterior.mean.map { beta * $0 }
                var spread = posterior.sample(Array(repeating: 1, count: width))
                for unit in 0..<width { spread[unit] -= posterior.mean[unit] }
                var varianceSlope = spread.map { 0.5 * beta * ($0 * $0 - 1) }
                for (noise, weight) in Self.nodes {
                    let slope = dense.gradient(x, posterior.sample(noise))
                    for unit in 0..<width {
                        meanSlope[unit] -= weight * slope[unit]
                        varianceSlope[unit] -= 0.5 * weight * slope[unit] * spread[unit] * noise[unit]
                    }
                }
                for unit in 0..<width {
                    posterior.mean[unit] -= rate * meanSlope[unit]
                    posterior.logVariance[unit] -= rate * varianceSlope[unit]
                }
            }
            return posterior
        }
    }

    @Test(arguments: [1, 0.5] as [Float])
    func approachesTheOptimum(beta: Float) {
        let problem = Problem(documents: 3, words: 15, width: 2)
        let start = DensePosterior(mean: [2, -2], logVariance: [0, -3])
        let refined = problem.refine(from: start, steps: 300, beta: beta)
        for document in problem.documents.indices {
            let best = problem.optimum(document, steps: 150, rate: 0.1, beta: Double(beta))
            let bounds = [start, refined[document], best].map {
                problem.negativeBound(document, $0, beta: Double(beta))
            }
            #expect(bounds[1] >= bounds[2] - 1e-4, "document \(document): the optimum is none")
            #expect(bounds[1] < bounds[2] + 0.01, "document \(document): \(bounds)")
            #expect(bounds[1] < bounds[0])
            #expect(largestError(refined[document].mean.map(Float.init), best.mean) < 0.1, "document \(document)")
            #expect(
                largestError(refined[document].logVariance.map(Float.init), best.logVariance) < 0.15,
                "document \(document)")
        }
    }

    @Test(arguments: [[0, 0], [1.5, -1.5], [-4, 4]], [-4, 0, 1.5])
    func improvesEveryPosterior(mean: [Double], logVariance: Double) {
        let problem = Problem(documents: 12, words: 24, width: 2)
        let start = DensePosterior(mean: mean, logVariance: Array(repeating: logVariance, count: 2))
        let refined = problem.refine(from: start, steps: 60)
        for document in problem.documents.indices {
            let before = problem.negativeBound(document, start)
            let after = problem.negativeBound(document, refined[document])
            #expect(after < before + 0.02, "document \(document): \(before) to \(after)")
        }
    }

    /// Where the likelihood does not depend on z, the posterior goes to the prior.
    @Test func withoutEvidenceThePriorComesBack() {
        let words = 8
        let counts = GeneratedMatrix.random(rows: 5, columns: words, density: 0.5, seed: 1).asCounts
        let likelihood = MultinomialLikelihood(
            LinearDecoder(
                weights: DenseMatrix(rowCount: words, columnCount: 2), bias: Numbers.normal(words, seed: 2)))
        let workspace = InferenceWorkspace()
        let batch = counts.batch(counts.allRows)
        workspace.posterior.resize(rows: 5, width: 2)
        workspace.posterior.mean.fill(Numbers.normal(10, seed: 3))
        workspace.posterior.logVariance.fill(Numbers.normal(10, seed: 4))
        let noise = NoiseSource(seed: 1, step: 1)
        batch.withTargets { likelihood.observe($0, into: workspace.evidence, execution: .serial) }
        workspace.evaluateSample(
            of: workspace.posterior, likelihood, batch, noise, draw: 0, wantsCurvature: true, .serial)
        workspace.refine(likelihood, batch, PosteriorRefinement(steps: 300), beta: 1, noise, .serial)
        #expect(workspace.refined.mean.array.allSatisfy { abs($0) < 1e-3 })
        #expect(workspace.refined.logVariance.array.allSatisfy { abs($0) < 1e-3 })
    }

    /// A long document of few words from far away: there the softmax is all on one word and has no curvature, so that a
    /// Newton step would have no bounds.
    @Test(arguments: [6, 20, 60])
    func longDocumentsOfFewWordsDoNotLeadAstray(steps: Int) throws {
        let words = 40
        let model = VariationalAutoencoder.random(
            features: words, hiddenWidths: [6], latentWidth: 8, decoderScale: 2, seed: 12)
        let counts = try CSRMatrix(
            rowCount: 4, columnCount: words, rowOffsets: [0, 1, 3, 5, 7], columnIndices: [3, 5, 17, 0, 39, 8, 21],
            values: [9_000, 12_000, 300, 2_000, 2_000, 1, 20_000])
        var settings = VariationalAutoencoder.BoundSettings()
        let own = model.bound(on: counts, settings)
        settings.refinementSteps = steps
        let refined = model.bound(on: counts, settings)
        #expect(refined.lossPerToken < own.lossPerToken / 2)
    }

    @Test func noStepsLeaveThePosterior() {
        let problem = Problem(documents: 2, words: 9, width: 3)
        let start = DensePosterior(mean: [0.5, -1, 2], logVariance: [0.25, -2, 1])
        let refined = problem.refine(from: start, steps: 0)
        #expect(refined.allSatisfy { $0.mean == start.mean && $0.logVariance == start.logVariance })
    }

    @Test func stepSizesFall() {
        let refinement = PosteriorRefinement(steps: 100)
        let rates = (0..<100).map(refinement.rate)
        #expect(rates.allSatisfy { $0 > 0 && $0 < 1 })
        #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
    }
}
