import NumericTolerance
import RealModule
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct FullCovariancePosteriorTests {
    private let width = 4

    /// One row with a precision matrix I + AᵀA.
    private func posterior(seed: UInt64) -> FullCovariancePosterior {
        let start = GaussianPosterior(), posterior = FullCovariancePosterior(), curvature = ScratchMatrix()
        start.resize(rows: 1, width: width)
        start.mean.fill(Numbers.normal(width, seed: seed))
        start.logVariance.fill(Numbers.normal(width, seed: seed + 1))
        posterior.copy(from: start)
        curvature.reset(rows: 1, width: PackedTriangles.count(order: width))
        PackedTriangles.addGram(
            Numbers.normal(6 * width, seed: seed + 2), rows: 6, width: width, to: curvature.elements)
        posterior.mixIn(curvature, rate: 1, parallelism: .serial)
        return posterior
    }

    private func samples(
        of posterior: FullCovariancePosterior, count: Int
    ) -> (noise: ScratchMatrix, z: ScratchMatrix) {
        let noise = ScratchMatrix(), z = ScratchMatrix()
        noise.resize(rows: count, width: width)
        noise.fill(Numbers.normal(count * width, seed: 77))
        posterior.reparameterize(noise, draws: count, into: z, parallelism: .serial)
        return (noise, z)
    }

    /// KL(q‖p) = E_q(log q − log p), by 40,000 samples; five standard errors are allowed.
    @Test func divergenceAgreesWithMonteCarlo() {
        for seed in [1, 2, 3] as [UInt64] {
            let posterior = posterior(seed: seed), count = 40_000
            let (noise, z) = samples(of: posterior, count: count)
            var sum = 0.0, squares = 0.0
            for draw in 0..<count {
                var difference = -posterior.logVolume(ofRow: 0)
                for i in draw * width..<(draw + 1) * width {
                    let a = Double(z.elements[i]), b = Double(noise.elements[i])
                    difference += 0.5 * (a * a - b * b)
                }
                sum += difference
                squares += difference * difference
            }
            let mean = sum / Double(count)
            let standardError = ((squares / Double(count) - mean * mean) / Double(count)).squareRoot()
            let divergence = posterior.divergence(ofRow: 0)
            #expect(abs(divergence.total - mean) < 5 * standardError, "\(divergence.total), \(mean)")
            #expect(divergence.byUnit.reduce(0, +) <= divergence.total)
        }
    }

    /// The covariance of samples, times the precision, is the identity.
    @Test func samplesHaveTheCovariance() {
        let posterior = posterior(seed: 4), count = 40_000
        let z = samples(of: posterior, count: count).z
        var covariance = [[Double]](repeating: Array(repeating: 0, count: width), count: width)
        for draw in 0..<count {
            let difference = (0..<width).map {
                Double(z.elements[draw * width + $0]) - Double(posterior.mean.elements[$0])
            }
            for i in 0..<width {
                for j in 0..<width { covariance[i][j] += difference[i] * difference[j] / Double(count) }
            }
        }
        for i in 0..<width {
            for j in 0..<width {
                let entry = (0..<width).reduce(0.0) { sum, k in
                    let (row, column) = (max(k, j), min(k, j))
                    return sum + covariance[i][k] * Double(posterior.precision.elements[row * (row + 1) / 2 + column])
                }
                #expect(abs(entry - (i == j ? 1 : 0)) < 0.05, "\(i), \(j): \(entry)")
            }
        }
    }

    @Test func withoutCorrelationsItIsTheDiagonalOne() {
        let diagonal = GaussianPosterior(), full = FullCovariancePosterior()
        diagonal.resize(rows: 3, width: width)
        diagonal.mean.fill(Numbers.normal(12, seed: 5))
        diagonal.logVariance.fill(Numbers.normal(12, seed: 6))
        full.copy(from: diagonal)
        let noise = ScratchMatrix(), expected = ScratchMatrix(), z = ScratchMatrix()
        noise.resize(rows: 6, width: width)
        noise.fill(Numbers.normal(24, seed: 7))
        diagonal.reparameterize(noise, draws: 2, into: expected, parallelism: .serial)
        full.reparameterize(noise, draws: 2, into: z, parallelism: .serial)
        #expect(largestError(z.array, expected.array.map(Double.init)) < 1e-6)
        for row in 0..<3 {
            let (one, other) = (diagonal.divergence(ofRow: row), full.divergence(ofRow: row))
            #expect(abs(one.total - other.total) < 1e-5 * one.total)
            #expect(largestError(one.byUnit.map(Float.init), other.byUnit) < 1e-5)
            #expect(abs(diagonal.logVolume(ofRow: row) - full.logVolume(ofRow: row)) < 1e-5)
        }
    }
}

@Suite struct FullCovarianceRefinementTests {
    private let counts = GeneratedMatrix("", rows: 270, columns: 11) { row, _, chance in
        row % 9 != 4 && chance < 0.4
    }.matrix.asCounts

    private func refined(
        _ model: VariationalAutoencoder, on documents: CSRMatrix, steps: Int
    ) -> FullCovariancePosterior {
        let workspace = InferenceWorkspace(), posterior = FullCovariancePosterior()
        var batch = SparseBatch(columnCount: documents.columnCount)
        let rows = Array(documents.allRows)[...]
        batch.load(rows, of: documents, inputs: model.encoderInputs(from: documents))
        workspace.encode(batch, by: model, execution: .serial)
        posterior.copy(from: workspace.posterior)
        RefinementWorkspace().refine(
            posterior, of: rows, in: WeightedRows(documents), batch: &batch, model.makeLikelihood(),
            FullCovarianceRefinement(steps: steps), seed: 3, .serial)
        return posterior
    }

    /// x = Dz + c + noise of variances s: a model whose log-variances do not depend on z.
    private func linearGaussian(features: Int, width: Int) -> VariationalAutoencoder {
        let random = VariationalAutoencoder.random(
            features: features, hiddenWidths: [5], latentWidth: width, likelihood: .gaussian)
        let s = Numbers.normal(features, scale: 0.5, seed: 60)
        return VariationalAutoencoder(
            encoder: random.encoder, latent: random.latent, decoder: random.decoder, likelihood: .gaussian,
            dispersion: DispersionDecoder(
                linear: LinearDecoder(weights: DenseMatrix(rowCount: features, columnCount: width), bias: s),
                center: s))
    }

    /// P = I + Dᵀdiag(1/s)D and μ = P⁻¹Dᵀdiag(1/s)(x − c), for two units, and log p(x).
    private func exactPosterior(_ model: VariationalAutoencoder, _ x: [Double]) -> (
        mean: [Double], precision: [Double], evidence: Double
    ) {
        let dense = DenseLikelihood(.gaussian, model.decoder, model.dispersion)
        var p = [1.0, 0, 1], b = [0.0, 0]
        for v in x.indices {
            let weight = Double.exp(-dense.dispersions([0, 0])[v].value), d = dense.weights[v]
            p[0] += weight * d[0] * d[0]
            p[1] += weight * d[0] * d[1]
            p[2] += weight * d[1] * d[1]
            for k in 0..<2 { b[k] += weight * d[k] * (x[v] - dense.bias[v]) }
        }
        let determinant = p[0] * p[2] - p[1] * p[1]
        let mean = [(p[2] * b[0] - p[1] * b[1]) / determinant, (p[0] * b[1] - p[1] * b[0]) / determinant]
        let evidence = dense.logLikelihood(x, mean) - 0.5 * dot(mean, mean) - 0.5 * Double.log(determinant)
        return (mean, p, evidence)
    }

    @Test func reachesTheExactPosteriorOfALinearGaussianModel() {
        let documents = GeneratedMatrix.random(rows: 9, columns: 7, density: 0.6, seed: 2)
        let model = linearGaussian(features: 7, width: 2)
        let posterior = refined(model, on: documents, steps: 300), start = refined(model, on: documents, steps: 0)
        // Each step that refreshes P takes it the share ρ of the way, and rounds three times.
        let refinement = FullCovarianceRefinement(steps: 300)
        let remaining = (0..<300).filter(refinement.refreshesPrecision).reduce(1.0) {
            $0 * (1 - Double(refinement.rate(ofStep: $1)))
        }
        var evidence = 0.0
        for (row, x) in documents.denseRows(documents.allRows).enumerated() {
            let exact = exactPosterior(model, x)
            evidence += exact.evidence / 9
            #expect(largestError(posterior.mean.array[row * 2..<row * 2 + 2], exact.mean) < 1e-4)
            let places = row * 3..<row * 3 + 3
            let largest = exact.precision.reduce(1) { max($0, abs($1)) }
            let bound =
                remaining * largestDifference(start.precision.array[places], exact.precision)
                + tolerance(terms: 3 * 300) * largest
            #expect(largestDifference(posterior.precision.array[places], exact.precision) <= bound)
        }
        // With the exact posterior every sample's p(x, z)/q(z|x) is p(x).
        var settings = VariationalAutoencoder.BoundSettings()
        settings.refinementSteps = 400
        settings.importanceSamples = 1
        let loss = model.bound(on: documents, settings, execution: .serial).importanceWeighted?.loss ?? .nan
        #expect(abs(loss + evidence) < 1e-3, "\(loss), \(-evidence)")
    }

    /// Two units that say nearly the same: their posterior is a narrow ridge that no diagonal Gaussian fits.
    @Test func correlatedUnitsNeedCovariances() {
        var weights = Numbers.matrix(11, 2, scale: 1.5, seed: 9)
        weights.withUnsafeMutableElements { d in for v in 0..<11 { d[2 * v + 1] = d[2 * v] + 0.1 * d[2 * v + 1] } }
        let random = VariationalAutoencoder.random(features: 11, hiddenWidths: [5], latentWidth: 2)
        let model = VariationalAutoencoder(
            encoder: random.encoder, latent: random.latent,
            decoder: LinearDecoder(weights: weights, bias: random.decoder.bias))
        var settings = VariationalAutoencoder.BoundSettings()
        settings.samples = 200
        settings.refinementSteps = 60
        let full = model.bound(on: counts, settings, execution: .serial).loss
        let workspace = InferenceWorkspace(), likelihood = model.makeLikelihood()
        var batch = SparseBatch(columnCount: 11), statistics = BoundStatistics(width: 2)
        batch.load(
            Array(counts.allRows)[...], of: counts, inputs: model.encoderInputs(from: counts))
        workspace.encode(batch, by: model, execution: .serial)
        batch.withTargets { likelihood.observe($0, into: workspace.evidence, execution: .serial) }
        let noise = NoiseSource(seed: 1, step: 2)
        workspace.evaluateSample(
            of: workspace.posterior, likelihood, batch, noise, draw: 0, wantsCurvature: true, .serial)
        workspace.refine(likelihood, batch, PosteriorRefinement(steps: 200), beta: 1, noise, .serial)
        let means = workspace.meanLogLikelihoods(
            of: workspace.refined, likelihood, batch, samples: 200, NoiseSource(seed: 0, step: 0x626f_756e), .serial)
        workspace.addBound(means, of: workspace.refined, skippingEmpty: false, to: &statistics)
        let diagonal = statistics.report.loss
        #expect(full < diagonal - 0.1, "\(full), \(diagonal)")
    }

    /// The best Gaussian is closer to the truth than the encoder's, and more samples come closer still.
    @Test(arguments: LikelihoodKind.allCases)
    func boundsAreOrdered(kind: LikelihoodKind) {
        let model = VariationalAutoencoder.random(features: 11, hiddenWidths: [5], latentWidth: 3, likelihood: kind)
        var settings = VariationalAutoencoder.BoundSettings()
        settings.samples = 50
        let losses = [(0, 1), (0, 64), (30, 1), (30, 64)].map { steps, samples in
            settings.refinementSteps = steps
            settings.importanceSamples = samples
            return model.bound(on: counts, settings, execution: .serial)
        }
        let importance = losses.map { $0.importanceWeighted?.loss ?? .nan }
        #expect(losses[2].loss < losses[0].loss)
        #expect(importance[1] < importance[0] && importance[3] < importance[2] + 1e-3, "\(importance)")
        #expect(importance[3] < losses[2].loss + 1e-3 && importance[3] < importance[1] + 1e-3, "\(importance)")
    }

    @Test(arguments: [1, 2, 300])
    func threadsDoNotMatter(rows: Int) {
        let model = VariationalAutoencoder.random(features: 11, hiddenWidths: [5], latentWidth: 3)
        var settings = VariationalAutoencoder.BoundSettings()
        settings.refinementSteps = 7
        settings.importanceSamples = 5
        let documents = counts.rows(0..<min(rows, 270))
        let reports = [1, 2, 3].map {
            model.bound(on: documents, settings, execution: Execution(parallelism: Parallelism(threads: $0)))
        }
        #expect(Set(reports.map(\.loss)).count == 1)
        #expect(Set(reports.map { $0.importanceWeighted?.loss }).count == 1)
    }

    @Test func stepSizesFall() {
        let refinement = FullCovarianceRefinement(steps: 100)
        let rates = (0..<100).map(refinement.rate)
        #expect(rates.allSatisfy { $0 > 0 && $0 < 1 } && zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test func sumsOfExponentialsDoNotOverflow() {
        var sum = LogarithmOfSum()
        for x in [-Double.infinity, 1000, 1000, -5000, 1000] { sum.add(x) }
        let three = sum.value - 1000
        // Sums of some numbers of the size of 1000, or 2000.
        #expect(abs(three - Double.log(3.0)) <= tolerance(terms: 6, in: Double.self) * 1000)
        var small = LogarithmOfSum()
        for _ in 0..<4 { small.add(-2000) }
        let four = small.value + 2000
        #expect(abs(four - Double.log(4.0)) <= tolerance(terms: 6, in: Double.self) * 2000)
    }
}
