import SparseMatrices

/// The log-variances of features given z: s_v = r_v + b·tanh((z·E_v + e_v − r_v)/b) with b = `bound`.
///
/// r is the logarithm of each feature's variance over the training documents, so a variance stays within a factor of
/// e^±b of that whatever the unit of the data: nothing overflows, no feature that can be told exactly draws its
/// density to infinity, and no slope vanishes for good. At z·E_v + e_v = r_v the bound changes nothing.
package struct LogVarianceDecoder: Sendable {
    /// E (features × K) and e.
    package var linear: LinearDecoder
    /// r: features.
    package let center: [Float]

    /// |s_v − r_v| never exceeds this.
    package static let bound: Float = 10

    package init(linear: LinearDecoder, center: [Float]) {
        precondition(
            center.count == linear.featureCount, "\(linear.featureCount) features have \(center.count) centers")
        self.linear = linear
        self.center = center
    }

    /// Turns z·Eᵀ + e of a run of features into s, in place.
    ///
    /// - Parameter slopes: overwritten with ∂s/∂(z·Eᵀ + e).
    package func bound(
        _ values: UnsafeMutablePointer<Float>, features: Range<Int>, slopes: UnsafeMutablePointer<Float>
    ) {
        let b = Self.bound
        center.withUnsafeBufferPointer { center in
            for i in 0..<features.count { values[i] = (values[i] - center[features.lowerBound + i]) / b }
            kernels.tanh(count: features.count, x: values)
            for i in 0..<features.count {
                slopes[i] = 1 - values[i] * values[i]
                values[i] = center[features.lowerBound + i] + b * values[i]
            }
        }
    }
}
