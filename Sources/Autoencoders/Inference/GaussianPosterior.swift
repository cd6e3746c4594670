import RealModule
import SparseMatrices

/// A Gaussian q(z|x) for each row of a batch, with the prior p(z) = N(0, I).
package protocol LatentPosterior: AnyObject {
    var rowCount: Int { get }
    /// K.
    var width: Int { get }
    /// rows × K.
    var mean: ScratchMatrix { get }

    /// Samples z for every row from standard normal noise ε (Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR
    /// 2014).
    ///
    /// - Parameters:
    ///   - noise: (rows·draws) × K, the draws of a row one after another.
    ///   - z: (rows·draws) × K, overwritten.
    func reparameterize(_ noise: ScratchMatrix, draws: Int, into z: ScratchMatrix, parallelism: Parallelism)

    /// ½ ln det Σ, which makes ln q(z|x) = −½‖ε‖² − ½ ln det Σ − ½K ln 2π at a sample.
    func logVolume(ofRow row: Int) -> Double

    /// KL(q‖p) of a row.
    func divergence(ofRow row: Int) -> LatentDivergence
}

/// KL(q‖p) in nats.
package struct LatentDivergence {
    package let total: Double
    /// The KL divergence of each unit's marginal distribution; if units are correlated, the total is greater than their
    /// sum.
    package let byUnit: [Double]
}

/// q(z|x) = N(mean, diag(exp(logVariance))) for each row of a batch, against the prior N(0, I).
package final class GaussianPosterior: LatentPosterior {
    /// rows × K.
    package let mean = ScratchMatrix()
    /// rows × K.
    package let logVariance = ScratchMatrix()

    package init() {}

    package var rowCount: Int { mean.rowCount }
    package var width: Int { mean.width }

    package func resize(rows: Int, width: Int) {
        mean.resize(rows: rows, width: width)
        logVariance.resize(rows: rows, width: width)
    }

    package func copy(from other: GaussianPosterior) {
        resize(rows: other.rowCount, width: other.width)
        mean.elements.update(from: other.mean.elements, count: mean.elementCount)
        logVariance.elements.update(from: other.logVariance.elements, count: mean.elementCount)
    }

    /// z = mean + σ·ε.
    package func reparameterize(
        _ noise: ScratchMatrix, draws: Int = 1, into z: ScratchMatrix, parallelism: Parallelism
    ) {
        z.resize(rows: rowCount * draws, width: width)
        parallelism.forEachRange(of: rowCount * draws) { rows in
            for row in rows {
                let source = row / draws * width, target = row * width
                for unit in 0..<width {
                    z.elements[target + unit] =
                        mean.elements[source + unit]
                        + Float.exp(0.5 * logVariance.elements[source + unit]) * noise.elements[target + unit]
                }
            }
        }
    }

    /// KL(q‖p) of one unit of one row, in nats: ½(μ² + σ² − 1 − log σ²).
    package func klDivergence(row: Int, unit: Int) -> Double {
        let i = row * width + unit
        let mu = Double(mean.elements[i]), logVar = Double(logVariance.elements[i])
        return 0.5 * (mu * mu + Double.exp(logVar) - 1 - logVar)
    }

    /// ½ Σ log σ².
    package func logVolume(ofRow row: Int) -> Double {
        (row * width..<(row + 1) * width).reduce(0) { $0 + 0.5 * Double(logVariance.elements[$1]) }
    }

    /// KL(q‖p) of one row, the sum over its units.
    package func divergence(ofRow row: Int) -> LatentDivergence {
        let byUnit = (0..<width).map { klDivergence(row: row, unit: $0) }
        return LatentDivergence(total: byUnit.reduce(0, +), byUnit: byUnit)
    }
}

extension ScratchMatrix {
    /// Fills rows with standard normal noise. Each row has a separate random generator, so its noise depends neither on
    /// its batch nor on threads.
    package func fillNormal(
        rows: [Int], width: Int, seed: UInt64, step: UInt64, draw: UInt64, parallelism: Parallelism
    ) {
        resize(rows: rows.count, width: width)
        parallelism.forEachRange(of: rows.count) { range in
            for row in range {
                var generator = RandomGenerator(seed: seed, stream: step, draw, UInt64(rows[row]))
                for i in row * width..<(row + 1) * width { elements[i] = generator.nextNormal() }
            }
        }
    }
}

/// Improves each document's posterior by steps on its evidence lower bound, starting from the encoder's posterior.
///
/// The steps are those of variational online Newton (Khan & Lin, "Conjugate-Computation Variational Inference",
/// AISTATS 2017; Khan et al., "Fast and Scalable Bayesian Deep Learning by Weight-Perturbation in Adam", ICML 2018):
/// with the precision τ = 1/σ², the likelihood's gradient g and curvature h at a sample z,
///
///     τ ← (1 − ρ)τ + ρ(1 + h/β),    μ ← μ + ρ(g/β − μ)/τ
///
/// which needs far fewer steps than gradient ascent without curvature. The result is a Gaussian, so the bound remains
/// valid.
package struct PosteriorRefinement {
    package let steps: Int
    /// ρ of the first step; it decreases as 1/(1 + step/decaySteps).
    package var stepSize: Float = 0.5
    package var decaySteps: Float = 8

    /// With β = 0 the posterior would shrink to a point, with infinite precision.
    private static let leastBeta: Float = 1e-3

    /// The maximum distance that the mean of a document moves in one step; see
    /// `LikelihoodFamily.largestRefinementStep`.
    package let largestStep: Float

    package init(steps: Int, largestStep: Float = .infinity) {
        self.steps = steps
        self.largestStep = largestStep
    }

    /// The step size of a step, counted from 0.
    func rate(ofStep step: Int) -> Float { stepSize / (1 + Float(step) / decaySteps) }

    /// Performs one step for all rows, after the likelihood has been evaluated with curvature at a sample of the
    /// posterior.
    func update(
        _ posterior: GaussianPosterior, _ results: LikelihoodResults, step: Int, beta: Float, parallelism: Parallelism
    ) {
        let rho = rate(ofStep: step)
        let beta = max(beta, Self.leastBeta)
        let width = posterior.width
        parallelism.forEachRange(of: posterior.rowCount) { rows in
            for row in rows {
                let means = posterior.mean.elements + row * width
                let start = largestStep < .infinity ? Array(UnsafeBufferPointer(start: means, count: width)) : []
                for unit in 0..<width {
                    let i = row * width + unit
                    let old = Float.exp(-posterior.logVariance.elements[i])
                    let precision = (1 - rho) * old + rho * (1 + results.curvature.elements[i] / beta)
                    let mean = means[unit]
                    posterior.logVariance.elements[i] = -Float.log(precision)
                    means[unit] = mean + rho * (results.gradient.elements[i] / beta - mean) / precision
                }
                if !start.isEmpty { shorten(means, from: start) }
            }
        }
    }

    /// Shortens the step of a mean if it is longer than allowed.
    private func shorten(_ means: UnsafeMutablePointer<Float>, from start: [Float]) {
        var square = 0.0
        for unit in start.indices {
            let step = Double(means[unit]) - Double(start[unit])
            square += step * step
        }
        if square <= Double(largestStep) * Double(largestStep) { return }
        let share = Float(Double(largestStep) / square.squareRoot())
        for unit in start.indices { means[unit] = start[unit] + share * (means[unit] - start[unit]) }
    }
}
