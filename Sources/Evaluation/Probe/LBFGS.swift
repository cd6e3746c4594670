/// Minimises a smooth function by limited-memory BFGS: steps along −H·g, where H approximates the inverse of the
/// Hessian by the last few steps and what they did to the gradient (Nocedal & Wright, "Numerical Optimization", 2006,
/// algorithm 7.4), starting from a preconditioner instead of the identity.
struct LBFGS {
    /// How many steps are remembered.
    var memory = 12
    /// Minimisation ends when no component of the gradient is larger.
    var tolerance = 1e-5
    var mostIterations = 500
    /// The relative rounding of values.
    var valueNoise = 1e-7

    struct Outcome {
        let point: [Double]
        let value: Double
        let iterations: Int
        /// Whether the gradient has become as small as wanted.
        let isConverged: Bool
    }

    private struct Correction {
        let step: [Double]
        let change: [Double]
        /// 1/sᵀy.
        let rho: Double
    }

    private struct Place {
        let point: [Double]
        let value: Double
        let gradient: [Double]
    }

    /// - Parameters:
    ///   - precondition: replaces a vector v by P⁻¹v for a positive definite P near the Hessian.
    ///   - evaluate: the value at a point, whose gradient it writes.
    func minimize(
        from start: [Double], precondition: (inout [Double]) -> Void,
        _ evaluate: ([Double], inout [Double]) -> Double
    ) -> Outcome {
        var point = start
        var gradient = [Double](repeating: 0, count: start.count)
        var value = evaluate(point, &gradient)
        var corrections: [Correction] = []
        var iteration = 0
        while iteration < mostIterations {
            if largest(gradient) <= tolerance { break }
            iteration += 1
            var direction = self.direction(gradient, corrections, precondition)
            if dot(direction, gradient) >= 0 {
                // Rounding has spoilt the corrections.
                corrections = []
                direction = self.direction(gradient, [], precondition)
            }
            guard let next = search(from: point, value, gradient, along: direction, evaluate) else { break }
            let step = zip(next.point, point).map { $0 - $1 }
            let change = zip(next.gradient, gradient).map { $0 - $1 }
            let curvature = dot(step, change)
            if curvature > 1e-12 * dot(change, change).squareRoot() * dot(step, step).squareRoot() {
                corrections.append(Correction(step: step, change: change, rho: 1 / curvature))
                if corrections.count > memory { corrections.removeFirst() }
            }
            (point, value, gradient) = (next.point, next.value, next.gradient)
        }
        return Outcome(
            point: point, value: value, iterations: iteration, isConverged: largest(gradient) <= tolerance)
    }

    /// −H·g by the two-loop recursion.
    private func direction(
        _ gradient: [Double], _ corrections: [Correction], _ precondition: (inout [Double]) -> Void
    ) -> [Double] {
        var q = gradient
        var alphas: [Double] = []
        for correction in corrections.reversed() {
            let alpha = correction.rho * dot(correction.step, q)
            add(-alpha, correction.change, to: &q)
            alphas.append(alpha)
        }
        precondition(&q)
        if let last = corrections.last {
            var preconditioned = last.change
            precondition(&preconditioned)
            let scale = 1 / (last.rho * dot(last.change, preconditioned))
            for i in q.indices { q[i] *= scale }
        }
        for (correction, alpha) in zip(corrections, alphas.reversed()) {
            let beta = correction.rho * dot(correction.change, q)
            add(alpha - beta, correction.step, to: &q)
        }
        return q.map { -$0 }
    }

    /// Looks for a step that lowers the value by a little of what the slope promises (Armijo) and after which the slope
    /// is noticeably flatter (Wolfe), by bisection (Lewis & Overton, "Nonsmooth optimization via quasi-Newton methods",
    /// 2013).
    ///
    /// - Returns: the last point at which the value was low enough, if it never became flat enough; nil if the value
    ///   never fell, which is so where only rounding is left.
    private func search(
        from point: [Double], _ value: Double, _ gradient: [Double], along direction: [Double],
        _ evaluate: ([Double], inout [Double]) -> Double
    ) -> Place? {
        let slope = dot(direction, gradient)
        // Near the minimum, values of 32-bit arithmetic differ by rounding alone; the gradient says more then.
        let noise = valueNoise * abs(value)
        var size = 1.0, shortest = 0.0, longest = Double.infinity
        var lower: Place?
        var newGradient = gradient
        for _ in 0..<30 {
            let candidate = zip(point, direction).map { $0 + size * $1 }
            let newValue = evaluate(candidate, &newGradient)
            if newValue <= value + 1e-4 * size * slope + noise {
                lower = Place(point: candidate, value: newValue, gradient: newGradient)
                if dot(direction, newGradient) >= 0.9 * slope { return lower }
                shortest = size
            } else {
                longest = size
            }
            size = longest == .infinity ? 2 * shortest : 0.5 * (shortest + longest)
        }
        return lower
    }

    private func largest(_ vector: [Double]) -> Double { vector.reduce(0) { max($0, abs($1)) } }

    private func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in a.indices { sum += a[i] * b[i] }
        return sum
    }

    private func add(_ factor: Double, _ a: [Double], to b: inout [Double]) {
        for i in a.indices { b[i] += factor * a[i] }
    }
}
