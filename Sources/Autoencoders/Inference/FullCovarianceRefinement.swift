import RealModule
import SparseMatrices

/// Improves each document's posterior towards the best Gaussian with full covariance, by steps on its evidence lower
/// bound.
///
/// The steps are those of variational online Newton (Khan & Lin, "Conjugate-Computation Variational Inference",
/// AISTATS 2017; Khan & Rue, "The Bayesian Learning Rule", JMLR 2023): with the gradient g of log p(x|z) and its
/// curvature H, both averaged over samples z of q = N(μ, P⁻¹),
///
///     P ← (1 − ρ)P + ρ(I + H),    μ ← μ + ρ·P⁻¹(g − μ)
///
/// Samples come in pairs μ ± δ, so that terms of the gradient that are linear in δ cancel. P is updated in the first
/// steps and then in every second one, since H costs several times as much as g and hardly changes later.
///
/// The covariance is full whatever K is.
///
/// - Complexity: O(rows·(V·K² + K³)) for a step, O(nnz·K² + rows·K³) for topic mixtures; memory for a few hundred
///   documents at a time, 6·K² bytes each.
package struct FullCovarianceRefinement {
    package let steps: Int
    /// The maximum distance that the mean of a document moves in one step; see
    /// `LikelihoodFamily.largestRefinementStep`.
    package let largestStep: Float

    /// The number of samples of each document that a step averages over; they come in pairs.
    static let draws = 4
    /// ρ of the first step; it decreases as 1/(1 + step/decaySteps).
    var stepSize: Float = 0.5
    var decaySteps: Float = 8

    package init(steps: Int, largestStep: Float = .infinity) {
        self.steps = steps
        self.largestStep = largestStep
    }

    /// The step size of a step, counted from 0.
    func rate(ofStep step: Int) -> Float { stepSize / (1 + Float(step) / decaySteps) }

    /// Whether a step, counted from 0, updates P.
    func refreshesPrecision(atStep step: Int) -> Bool { step < 6 || step % 2 == 0 }
}

/// The working memory for refining a batch.
package final class RefinementWorkspace {
    private let evidence = LikelihoodEvidence()
    private let results = LikelihoodResults()
    private let noise = ScratchMatrix()
    private let sample = ScratchMatrix()
    private let curvature = ScratchMatrix()

    package init() {}

    /// Refines the posteriors of some documents.
    ///
    /// - Parameters:
    ///   - rows: the rows of the documents in `observations`, which their noise depends on.
    ///   - batch: working memory, whose contents are undefined afterwards.
    func refine(
        _ posterior: FullCovariancePosterior, of rows: ArraySlice<Int>, in observations: WeightedRows,
        batch: inout SparseBatch, _ likelihood: any Likelihood, _ refinement: FullCovarianceRefinement, seed: UInt64,
        _ execution: Execution
    ) {
        if refinement.steps == 0 { return }
        let draws = FullCovarianceRefinement.draws
        batch.load(rows.flatMap { Array(repeating: $0, count: draws) }[...], of: observations)
        batch.withTargets { likelihood.observe($0, into: evidence, execution: execution) }
        for step in 0..<refinement.steps {
            noise.fillNormalPairs(
                rows: Array(rows), draws: draws, width: posterior.width,
                NoiseSource(seed: seed, step: 0x7265_6669), draw: UInt64(step), parallelism: execution.parallelism)
            posterior.reparameterize(noise, draws: draws, into: sample, parallelism: execution.parallelism)
            likelihood.evaluate(
                sample.elements, evidence: evidence, wantsCurvature: false, into: results, execution: execution)
            if refinement.refreshesPrecision(atStep: step) {
                likelihood.curvatureMatrices(
                    sample.elements, draws: draws, evidence: evidence, results: results, into: curvature,
                    execution: execution)
                posterior.mixIn(curvature, rate: refinement.rate(ofStep: step), parallelism: execution.parallelism)
            }
            moveMeans(
                of: posterior, by: refinement.rate(ofStep: step), atMost: refinement.largestStep,
                execution.parallelism)
        }
    }

    /// μ ← μ + ρ·P⁻¹(g − μ).
    private func moveMeans(
        of posterior: FullCovariancePosterior, by rate: Float, atMost largestStep: Float, _ parallelism: Parallelism
    ) {
        let width = posterior.width, draws = FullCovarianceRefinement.draws
        parallelism.forEachRange(of: posterior.rowCount, blockSize: 16) { rows in
            var move = [Float](repeating: 0, count: width)
            for row in rows {
                let mean = posterior.mean.elements + row * width
                for unit in 0..<width { move[unit] = -mean[unit] }
                for draw in row * draws..<(row + 1) * draws {
                    kernels.axpy(
                        count: width, alpha: 1 / Float(draws), x: results.gradient.elements + draw * width, y: &move)
                }
                posterior.solve(row: row, &move)
                let length = move.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() * Double(rate)
                let share = length > Double(largestStep) ? Float(Double(largestStep) / length) : 1
                kernels.axpy(count: width, alpha: rate * share, x: move, y: mean)
            }
        }
    }
}

extension ScratchMatrix {
    /// Fills groups of `draws` rows, one group for each document, with standard normal noise; every second row is the
    /// negative of the one before.
    func fillNormalPairs(
        rows: [Int], draws: Int, width: Int, _ source: NoiseSource, draw: UInt64, parallelism: Parallelism
    ) {
        resize(rows: rows.count * draws, width: width)
        parallelism.forEachRange(of: rows.count) { range in
            for row in range {
                var generator = RandomGenerator(seed: source.seed, stream: source.step, draw, UInt64(rows[row]))
                for target in stride(from: row * draws, to: (row + 1) * draws, by: 2) {
                    for i in target * width..<(target + 1) * width {
                        elements[i] = generator.nextNormal()
                        elements[i + width] = -elements[i]
                    }
                }
            }
        }
    }
}

/// q(z|x) = N(μ, P⁻¹) for each row of a batch, each with a separate precision matrix P, against the prior N(0, I).
///
/// - Complexity: O(rows·K²) memory.
package final class FullCovariancePosterior: LatentPosterior {
    /// μ: rows × K.
    package let mean = ScratchMatrix()
    /// P: rows × K(K+1)/2, as `PackedTriangles`.
    package let precision = ScratchMatrix()
    /// L with P = L·Lᵀ, stored in the same way.
    package let factor = ScratchMatrix()

    package init() {}

    package var rowCount: Int { mean.rowCount }
    package var width: Int { mean.width }
    private var triangleCount: Int { precision.width }

    /// Copies a posterior without correlations.
    package func copy(from other: GaussianPosterior) {
        let rows = other.rowCount, width = other.width
        mean.resize(rows: rows, width: width)
        mean.elements.update(from: other.mean.elements, count: mean.elementCount)
        for triangles in [precision, factor] {
            triangles.reset(rows: rows, width: PackedTriangles.count(order: width))
        }
        for row in 0..<rows {
            for unit in 0..<width {
                let i = row * triangleCount + PackedTriangles.diagonal(unit)
                let logVariance = other.logVariance.elements[row * width + unit]
                precision.elements[i] = .exp(-logVariance)
                factor.elements[i] = .exp(-0.5 * logVariance)
            }
        }
    }

    /// z = μ + L⁻ᵀε, whose covariance is L⁻ᵀL⁻¹ = P⁻¹.
    package func reparameterize(
        _ noise: ScratchMatrix, draws: Int, into z: ScratchMatrix, parallelism: Parallelism
    ) {
        z.resize(rows: rowCount * draws, width: width)
        parallelism.forEachRange(of: rowCount, blockSize: 16) { rows in
            for row in rows {
                for draw in row * draws..<(row + 1) * draws {
                    let sample = z.elements + draw * width
                    sample.update(from: noise.elements + draw * width, count: width)
                    PackedTriangles.solve(factor(ofRow: row), order: width, transposed: true, sample)
                    kernels.axpy(count: width, alpha: 1, x: mean.elements + row * width, y: sample)
                }
            }
        }
    }

    /// P ← (1 − ρ)P + ρ(I + H) for every row. P stays unchanged if rounding makes the result indefinite.
    ///
    /// - Parameter curvature: H, rows × K(K+1)/2.
    func mixIn(_ curvature: ScratchMatrix, rate: Float, parallelism: Parallelism) {
        let count = triangleCount, width = width
        parallelism.forEachRange(of: rowCount, blockSize: 8) { rows in
            var mixed = [Float](repeating: 0, count: count)
            for row in rows {
                let old = precision.elements + row * count, added = curvature.elements + row * count
                for i in 0..<count { mixed[i] = (1 - rate) * old[i] + rate * added[i] }
                for unit in 0..<width { mixed[PackedTriangles.diagonal(unit)] += rate }
                if PackedTriangles.factor(mixed, order: width, into: factor.elements + row * count) {
                    old.update(from: mixed, count: count)
                }
            }
        }
    }

    /// P⁻¹v, in place.
    func solve(row: Int, _ v: UnsafeMutablePointer<Float>) {
        PackedTriangles.solve(factor(ofRow: row), order: width, transposed: false, v)
        PackedTriangles.solve(factor(ofRow: row), order: width, transposed: true, v)
    }

    /// −½ ln det P, the sum of the logarithms of the diagonal of L⁻¹.
    package func logVolume(ofRow row: Int) -> Double {
        let l = factor(ofRow: row)
        return (0..<width).reduce(0) { $0 - Double.log(Double(l[PackedTriangles.diagonal($1)])) }
    }

    /// KL(q‖p) = ½(tr P⁻¹ + μᵀμ − K + ln det P); for a unit, that of its marginal distribution.
    package func divergence(ofRow row: Int) -> LatentDivergence {
        let variances = PackedTriangles.inverseDiagonal(factor(ofRow: row), order: width)
        var squares = 0.0
        var byUnit = [Double](repeating: 0, count: width)
        for unit in 0..<width {
            let mu = Double(mean.elements[row * width + unit]), variance = variances[unit]
            squares += mu * mu + variance
            byUnit[unit] = 0.5 * (mu * mu + variance - 1 - Double.log(variance))
        }
        return LatentDivergence(total: 0.5 * (squares - Double(width)) - logVolume(ofRow: row), byUnit: byUnit)
    }

    private func factor(ofRow row: Int) -> UnsafePointer<Float> { UnsafePointer(factor.elements + row * triangleCount) }
}
