#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

func logarithm(_ x: Double) -> Double { log(x) }
func exponential(_ x: Float) -> Float { exp(x) }
func exponential(_ x: Double) -> Double { exp(x) }
func logarithm(_ x: Float) -> Float { log(x) }
func logarithmOfOnePlus(_ x: Float) -> Float { log1p(x) }
func logarithmOfOnePlus(_ x: Double) -> Double { log1p(x) }
/// cos(π·x).
func cosineOfHalfTurns(_ x: Double) -> Double { cos(.pi * x) }
/// ln Γ(x) for x > 0.
func logarithmOfGamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
}
