import SparseMatrices

/// Improves each document's own posterior by steps on its evidence lower bound, starting from what the encoder says.
///
/// The steps are those of variational online Newton (Khan & Lin, "Conjugate-Computation Variational Inference",
/// AISTATS 2017; Khan et al., "Fast and Scalable Bayesian Deep Learning by Weight-Perturbation in Adam", ICML 2018):
/// with the precision τ = 1/σ², the likelihood's gradient g and curvature h at a sample z,
///
///     τ ← (1 − ρ)τ + ρ(1 + h/β),    μ ← μ + ρ(g/β − μ)/τ
///
/// which needs far fewer steps than a gradient step that knows no curvature. What comes out is still a Gaussian, so
/// the bound is still a bound.
package struct PosteriorRefinement {
    package let steps: Int
    /// ρ of the first step; it falls as 1/(1 + step/decaySteps).
    package var stepSize: Float = 0.5
    package var decaySteps: Float = 8

    /// With β at zero the posterior would shrink to a point, whose precision is no number.
    private static let leastBeta: Float = 1e-3

    /// How far the mean of a document may move in one step; see `LikelihoodFamily.largestRefinementStep`.
    package let largestStep: Float

    package init(steps: Int, largestStep: Float = .infinity) {
        self.steps = steps
        self.largestStep = largestStep
    }

    /// The step size of a step, counted from 0.
    func rate(ofStep step: Int) -> Float { stepSize / (1 + Float(step) / decaySteps) }

    /// One step for all rows, after the likelihood was evaluated with curvature at a sample of the posterior.
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
                    let old = exponential(-posterior.logVariance.elements[i])
                    let precision = (1 - rho) * old + rho * (1 + results.curvature.elements[i] / beta)
                    let mean = means[unit]
                    posterior.logVariance.elements[i] = -logarithm(precision)
                    means[unit] = mean + rho * (results.gradient.elements[i] / beta - mean) / precision
                }
                if !start.isEmpty { shorten(means, from: start) }
            }
        }
    }

    /// Moves a mean back towards where it was, if it has gone further than allowed.
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
