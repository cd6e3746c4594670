import RealModule

/// The logarithm of the rising factorial a·(a + 1)⋯(a + n − 1) = Γ(a + n)/Γ(a), n whole or not, and its derivatives in
/// ln a.
///
/// Of a small whole n it is the sum it says. Otherwise a is raised to 10 by the recurrence Γ(a + 1) = a·Γ(a), where the
/// asymptotic series of ln Γ, ψ and ψ′ (Abramowitz & Stegun, 6.1.41, 6.3.18, 6.4.12) are exact to 10⁻¹². Differences of
/// series are taken term by term, so that nothing is lost where a is far above n.
struct RisingFactorial {
    /// ln Γ(a + n) − ln Γ(a).
    private(set) var logarithm: Double
    /// Its first derivative in ln a: a·(ψ(a + n) − ψ(a)), of whole n the sum Σ_{j<n} a/(a + j).
    private(set) var slope: Double
    /// Its second derivative in ln a, not below zero if n is 1 or more: of whole n the sum Σ_{j<n} a·j/(a + j)².
    private(set) var bend: Double

    private static let mostFactors = 16.0
    /// Up to here no product of factors overflows.
    private static let largestFactor = 1e15
    private static let leastOfSeries = 10.0
    private static let largestLogarithm = 300.0

    /// - Parameters:
    ///   - logA: ln a; a itself may be below all numbers.
    ///   - n: above 0.
    init(logOf logA: Double, _ n: Double) {
        // A word that comes once.
        (logarithm, slope, bend) = (logA, 1, 0)
        if n == 1 { return }
        // Far above n every factor is a, and beyond here squares of a would overflow.
        if logA > Self.largestLogarithm {
            (logarithm, slope, bend) = (n * logA, n, 0)
            return
        }
        let a = Double.exp(logA)
        if n <= Self.mostFactors, n == n.rounded(), a < Self.largestFactor {
            multiply(a, factors: Int(n))
        } else {
            expand(a, logA: logA, n)
        }
    }

    private mutating func multiply(_ a: Double, factors: Int) {
        var product = 1.0
        for j in 1..<factors {
            let factor = a + Double(j)
            let share = a / factor
            product *= factor
            slope += share
            bend += share * (1 - share)
        }
        logarithm += Double.log(product)
    }

    private mutating func expand(_ a: Double, logA: Double, _ n: Double) {
        (logarithm, slope, bend) = (0, 0, 0)
        var start = a
        if start < Self.leastOfSeries {
            let share = a / (a + n)
            logarithm = logA - Double.log(a + n)
            slope = n / (a + n)
            bend = -share * (1 - share)
            start += 1
            var ratio = 1.0
            while start < Self.leastOfSeries {
                let (lower, upper) = (a / start, a / (start + n))
                ratio *= start / (start + n)
                slope += lower - upper
                bend += lower * (1 - lower) - upper * (1 - upper)
                start += 1
            }
            logarithm += Double.log(ratio)
        }
        let end = start + n
        let growth = Double.log(onePlus: n / start)
        logarithm +=
            n * Double.log(start) + (end - 0.5) * growth - n + Self.stirlingRest(end)
            - Self.stirlingRest(start)
        let digamma = growth + Self.digammaRest(end) - Self.digammaRest(start)
        let trigamma = -n / (start * end) + Self.trigammaRest(end) - Self.trigammaRest(start)
        slope += a * digamma
        bend += a * digamma + a * a * trigamma
    }

    /// ln Γ(x) − (x − ½)·ln x + x − ½·ln 2π.
    private static func stirlingRest(_ x: Double) -> Double {
        let y = 1 / (x * x)
        return (1.0 / 12 - y * (1.0 / 360 - y * (1.0 / 1260 - y / 1680))) / x
    }

    /// ψ(x) − ln x.
    private static func digammaRest(_ x: Double) -> Double {
        let y = 1 / (x * x)
        return -0.5 / x - y * (1.0 / 12 - y * (1.0 / 120 - y * (1.0 / 252 - y / 240)))
    }

    /// ψ′(x) − 1/x.
    private static func trigammaRest(_ x: Double) -> Double {
        let y = 1 / (x * x)
        return y * (0.5 + (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y / 30))) / x)
    }
}
