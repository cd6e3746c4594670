import SparseMatrices
import VectorKernelInterface

/// What a likelihood learns besides its decoder: positive numbers that say how far documents scatter around what the
/// decoder says of them.
package enum DispersionKind: Sendable {
    /// The variance of every feature.
    case variance
    /// The concentration of a document: one number.
    case concentration

    /// How many numbers a document has.
    package func count(features: Int) -> Int { self == .variance ? features : 1 }
}

/// The logarithms of a document's dispersions given z: s_v = r_v + b·tanh((z·E_v + e_v − r_v)/b) with a bound b.
///
/// r is what the training documents say, of a variance its logarithm over them, so a dispersion stays within a factor of
/// e^±b of that whatever the unit of the data: nothing overflows, no feature that can be told exactly draws its
/// density to infinity, and no slope vanishes for good. At z·E_v + e_v = r_v the bound changes nothing.
package struct DispersionDecoder: Sendable {
    /// E (dispersions × K) and e; E has no columns if dispersions do not depend on z.
    package var linear: LinearDecoder
    /// r.
    package let center: [Float]

    /// b: |s_v − r_v| never exceeds it.
    package let bound: Float

    package static let usualBound: Float = 10

    package init(linear: LinearDecoder, center: [Float], bound: Float = usualBound) {
        precondition(
            center.count == linear.featureCount, "\(linear.featureCount) dispersions have \(center.count) centers")
        self.linear = linear
        self.center = center
        self.bound = bound
    }

    /// The dispersions of data in other units, in which logarithms are higher by `shift`.
    func shifted(by shift: [Float]) -> DispersionDecoder {
        var linear = linear
        linear.bias = zip(linear.bias, shift).map { $0 + $1 }
        return DispersionDecoder(linear: linear, center: zip(center, shift).map { $0 + $1 }, bound: bound)
    }

    /// How many numbers a document has.
    package var count: Int { center.count }
    /// Whether they depend on z.
    package var followsCode: Bool { linear.latentWidth > 0 }

    /// Turns z·Eᵀ + e of a run of dispersions into s, in place.
    ///
    /// - Parameter slopes: overwritten with ∂s/∂(z·Eᵀ + e).
    package func bound(
        _ values: UnsafeMutablePointer<Float>, features: Range<Int>, slopes: UnsafeMutablePointer<Float>
    ) {
        let b = bound
        center.withUnsafeBufferPointer { center in
            for i in 0..<features.count { values[i] = (values[i] - center[features.lowerBound + i]) / b }
            kernels.tanh(count: features.count, x: values)
            for i in 0..<features.count {
                slopes[i] = 1 - values[i] * values[i]
                values[i] = center[features.lowerBound + i] + b * values[i]
            }
        }
    }

    /// s of one dispersion, and its slope in z·E_v + e_v.
    ///
    /// - Parameter z: K numbers; not read if dispersions do not depend on it.
    func logarithm(of index: Int, _ z: UnsafePointer<Float>) -> (value: Float, slope: Float) {
        var value = Float(linear.output(of: index, z))
        var slope: Float = 0
        bound(&value, features: index..<index + 1, slopes: &slope)
        return (value, slope)
    }

    /// s of a block of latent vectors: rows × dispersions.
    ///
    /// - Parameter z: rows × K.
    func fill(_ values: ScratchMatrix, of z: [Float], rows: Int) {
        if followsCode {
            var z = z
            FeatureMeans(linear, .identity).fill(values, of: &z, rows: rows)
        } else {
            values.resize(rows: rows, width: count)
            fillRows(values.elements, rows: rows, with: linear.bias)
        }
        var slopes = [Float](repeating: 0, count: count)
        for row in 0..<rows { bound(values.elements + row * count, features: 0..<count, slopes: &slopes) }
    }
}

extension DispersionDecoder: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("linear", &linear)
    }
}
