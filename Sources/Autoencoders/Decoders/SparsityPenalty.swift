/// A price on active units, free of the scale of the codes.
///
/// A decoder absorbs any rescaling of the codes, so a plain penalty could be made as small as one likes without
/// changing the model. Each unit is therefore weighed by the norm of its decoder column, h_j‖D_j‖, the size of what
/// it adds to the reconstruction. And so that λ means the same for any data, training measures lengths in units of s,
/// the root mean square of ‖x‖.
public enum SparsityPenalty: Sendable, Equatable {
    /// λ·s·Σ_j |h_j|‖D_j‖ for each document: the usual way to sparse codes.
    case l1(Float)
    /// ½λ·Σ_j (h_j‖D_j‖)² for each document: small codes, spread evenly.
    case l2(Float)

    /// Adds the penalty's gradient to `delta` and returns its value, for one document and lengths in units of s.
    ///
    /// - Parameters:
    ///   - codes: h, one for each entry of `norms`.
    ///   - norms: ‖D_j‖; held constant, as the decoder follows the codes and not the penalty.
    ///   - weight: what the gradient is multiplied by, 1/rows.
    package func accumulate(
        codes: UnsafePointer<Float>, norms: [Float], weight: Float, delta: UnsafeMutablePointer<Float>
    ) -> Double {
        var value = 0.0
        switch self {
        case .l1(let lambda):
            for j in norms.indices where codes[j] != 0 {
                let price = lambda * norms[j]
                value += Double(price) * Double(abs(codes[j]))
                delta[j] += codes[j] > 0 ? weight * price : -weight * price
            }
        case .l2(let lambda):
            for j in norms.indices {
                let price = lambda * norms[j] * norms[j] * codes[j]
                value += 0.5 * Double(price) * Double(codes[j])
                delta[j] += weight * price
            }
        }
        return value
    }
}

extension SparsityPenalty: TextCodable {
    /// `l1:λ` or `l2:λ`.
    public var description: String {
        switch self {
        case .l1(let lambda): "l1:\(lambda)"
        case .l2(let lambda): "l2:\(lambda)"
        }
    }

    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let lambda = Float(parts[1]), lambda.isFinite, lambda >= 0 else { return nil }
        switch parts[0] {
        case "l1": self = .l1(lambda)
        case "l2": self = .l2(lambda)
        default: return nil
        }
    }
}
