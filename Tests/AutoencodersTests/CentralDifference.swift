import Testing

/// A loss at one point, and which units are active there: where the active set changes between two points, the loss
/// has a kink that a difference would straddle.
struct LossSample {
    var value: Double
    var activeSet: [Bool] = []
}

/// Checks a gradient against central differences, coordinate by coordinate.
///
/// - Parameters:
///   - name: names what is being checked when it fails.
///   - gradient: the claimed ∂loss/∂point.
///   - step: large enough that a loss from Float arithmetic still has digits left in the difference.
///   - tolerance: allowed error, beyond the loss' rounding, as a share of the gradient's largest entry.
///   - lossRounding: the relative rounding of a loss from Float arithmetic, which the distance of the points divides; 0 of
///     losses in Double, and where the gradient is not small beside the loss.
///   - coordinates: which to check; all of them if nil.
func expectGradient(
    _ name: String, _ gradient: [Float], at point: [Float], step: Float = 4e-3, tolerance: Double = 1e-2,
    lossRounding: Double = 0, coordinates: [Int]? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    loss: ([Float]) -> LossSample
) {
    #expect(gradient.count == point.count, "\(name): sizes", sourceLocation: sourceLocation)
    guard gradient.count == point.count, !point.isEmpty else { return }
    var checked = 0
    var worst = (coordinate: -1, error: 0.0, difference: 0.0)
    var scale = gradient.map { Double(abs($0)) }.max() ?? 0
    let coordinates = coordinates ?? Array(point.indices)
    for coordinate in coordinates {
        var (upper, lower) = (point, point)
        upper[coordinate] += step
        lower[coordinate] -= step
        let (above, below) = (loss(upper), loss(lower))
        if above.activeSet != below.activeSet { continue }
        checked += 1
        let difference = (above.value - below.value) / (Double(upper[coordinate]) - Double(lower[coordinate]))
        scale = max(scale, abs(difference))
        let rounding = lossRounding * max(abs(above.value), abs(below.value)) / (2 * Double(step))
        // Not a number stays one, and is worse than all numbers.
        let error = abs(difference - Double(gradient[coordinate])) - rounding
        if !worst.error.isNaN, !(error <= worst.error) { worst = (coordinate, error, difference) }
    }
    #expect(scale > 0, "\(name): the gradient is zero everywhere", sourceLocation: sourceLocation)
    #expect(
        2 * checked >= coordinates.count, "\(name): only \(checked) of \(coordinates.count) were free of kinks",
        sourceLocation: sourceLocation)
    if worst.coordinate < 0 { return }
    #expect(
        worst.error <= tolerance * scale,
        """
        \(name): at coordinate \(worst.coordinate) the gradient is \(gradient[worst.coordinate]), the difference \
        \(worst.difference); off by \(worst.error / scale) of the largest entry
        """,
        sourceLocation: sourceLocation)
}

/// A smooth loss of outputs whose gradient is plain: Σ (tᵢyᵢ + ½yᵢ²) for fixed numbers t.
struct ProbeLoss {
    let slopes: [Float]

    init(count: Int, seed: UInt64 = 77) { slopes = Numbers.normal(count, seed: seed) }

    func value(_ y: [Float]) -> Double {
        zip(slopes, y).reduce(0) { $0 + Double($1.0) * Double($1.1) + 0.5 * Double($1.1) * Double($1.1) }
    }

    func gradient(_ y: [Float]) -> [Float] { zip(slopes, y).map { $0 + $1 } }

    func sample(_ y: [Float], activeSet: Bool = false) -> LossSample {
        LossSample(value: value(y), activeSet: activeSet ? y.map { $0 > 0 } : [])
    }
}
