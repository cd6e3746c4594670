import RealModule

extension RandomGenerator {
    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    mutating func nextFineUniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Exponential of mean 1.
    mutating func nextExponential() -> Double { -.log(1 - nextFineUniform()) }

    /// How often of `trials` an event of the given probability occurs.
    ///
    /// Up to a mean of ten by summing probabilities from zero on, beyond that by transformed rejection (BTRS: Hörmann,
    /// "The generation of binomial random variates", J. Statist. Comput. Simul. 46, 1993).
    ///
    /// - Parameter trials: below 2⁵³.
    /// - Complexity: O(1), whatever the number of trials.
    mutating func nextBinomial(_ trials: Int, _ probability: Double) -> Int {
        if trials == 0 || probability <= 0 { return 0 }
        if probability >= 1 { return trials }
        if probability > 0.5 { return trials - nextBinomial(trials, 1 - probability) }
        return Double(trials) * probability < 10
            ? binomialByInversion(trials, probability) : binomialByRejection(trials, probability)
    }

    /// A Poisson variable of the given rate, at most `limit`.
    ///
    /// Up to a rate of ten by counting arrivals, beyond that by transformed rejection (PTRS: Hörmann, "The transformed
    /// rejection method for generating Poisson random variables", Insurance: Mathematics and Economics 12, 1993).
    mutating func nextPoisson(_ rate: Double, limit: Int) -> Int {
        // Of a rate so far above the limit nothing below it would ever be drawn.
        if rate >= 2 * Double(limit) + 1000 { return limit }
        return min(limit, rate < 10 ? poissonByArrivals(rate) : poissonByRejection(rate))
    }

    /// A beta variable of two shapes, one of which may be zero and leaves nothing then.
    mutating func nextBeta(_ a: Double, _ b: Double) -> Double {
        if a <= 0 { return 0 }
        if b <= 0 { return 1 }
        // Of tiny shapes the variables of the gamma distribution are below all numbers, but not their logarithms.
        return 1 / (1 + Double.exp(nextLogGamma(b) - nextLogGamma(a)))
    }

    /// The logarithm of a variable of the gamma distribution of shape `a` and scale 1 (Marsaglia & Tsang, "A Simple
    /// Method for Generating Gamma Variables", ACM Transactions on Mathematical Software 26, 2000).
    mutating func nextLogGamma(_ a: Double) -> Double {
        if a < 1 { return nextLogGamma(a + 1) - nextExponential() / a }
        let d = a - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = Double(nextNormal())
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if -nextExponential() < 0.5 * x * x + d - d * v + d * Double.log(v) { return Double.log(d) + Double.log(v) }
        }
    }

    private mutating func binomialByInversion(_ trials: Int, _ probability: Double) -> Int {
        let odds = probability / (1 - probability)
        var term = Double.exp(Double(trials) * Double.log(onePlus: -probability))
        var rest = nextFineUniform()
        var count = 0
        while rest >= term, count < trials {
            rest -= term
            term *= odds * Double(trials - count) / Double(count + 1)
            count += 1
            // What rounding leaves of the probabilities beyond any that count.
            if term == 0 { break }
        }
        return count
    }

    private mutating func binomialByRejection(_ trials: Int, _ probability: Double) -> Int {
        let n = Double(trials)
        let deviation = (n * probability * (1 - probability)).squareRoot()
        let b = 1.15 + 2.53 * deviation
        let a = -0.0873 + 0.0248 * b + 0.01 * probability
        let alpha = (2.83 + 5.1 / b) * deviation
        let odds = probability / (1 - probability)
        let mode = ((n + 1) * probability).rounded(.down)
        while true {
            let u = nextFineUniform() - 0.5
            let v = nextFineUniform()
            let distance = 0.5 - abs(u)
            let k = ((2 * a / distance + b) * u + n * probability + 0.5).rounded(.down)
            if distance >= 0.07, v <= 0.92 - 4.2 / b { return Int(k) }
            guard distance > 0, k >= 0, k <= n else { continue }
            // The logarithm of the probability of k, less that of the mode.
            let bound =
                (mode + 0.5) * Double.log((mode + 1) / (odds * (n - mode + 1)))
                + (n + 1) * Double.log((n - mode + 1) / (n - k + 1))
                + (k + 0.5) * Double.log(odds * (n - k + 1) / (k + 1))
                + stirlingRest(mode) + stirlingRest(n - mode) - stirlingRest(k) - stirlingRest(n - k)
            if Double.log(v * alpha / (a / (distance * distance) + b)) <= bound { return Int(k) }
        }
    }

    private mutating func poissonByArrivals(_ rate: Double) -> Int {
        var count = 0
        var time = nextExponential()
        while time < rate {
            count += 1
            time += nextExponential()
        }
        return count
    }

    private mutating func poissonByRejection(_ rate: Double) -> Int {
        let b = 0.931 + 2.53 * rate.squareRoot()
        let a = -0.059 + 0.02483 * b
        let scale = 1.1239 + 1.1328 / (b - 3.4)
        while true {
            let u = nextFineUniform() - 0.5
            let v = nextFineUniform()
            let distance = 0.5 - abs(u)
            let k = ((2 * a / distance + b) * u + rate + 0.43).rounded(.down)
            if distance >= 0.07, v <= 0.9277 - 3.6224 / (b - 2) { return Int(k) }
            guard distance > 0, k >= 0, distance >= 0.013 || v <= distance else { continue }
            let bound = k * Double.log(rate) - rate - Double.logGamma(k + 1)
            if Double.log(v * scale / (a / (distance * distance) + b)) <= bound { return Int(k) }
        }
    }
}

/// What Stirling's formula lacks: ln k! − (k + ½)·ln(k + 1) + (k + 1) − ½·ln 2π.
private func stirlingRest(_ k: Double) -> Double {
    let x = k + 1
    if k < 10 { return Double.logGamma(x) - (k + 0.5) * Double.log(x) + x - 0.5 * Double.log(2 * .pi) }
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / (x * x)) / (x * x)) / x
}
