/// A price on active units, free of the scale of the codes.
///
/// A decoder absorbs any rescaling of the codes, so a plain penalty could be made as small as one likes without
/// changing the model. Each unit is therefore weighed by the norm of its decoder column, h_j‖D_j‖, the size of what
/// it adds to the reconstruction, or only the pattern of its activity counts. And so that λ means the same for any
/// data, training measures lengths in units of s, the root mean square of ‖x‖.
public enum SparsityPenalty: Sendable, Equatable {
    /// λ·s·Σ_j |h_j|‖D_j‖ for each document: the usual way to sparse codes (Olshausen & Field, "Emergence of
    /// simple-cell receptive field properties by learning a sparse code for natural images", Nature 1996).
    case l1(Float)
    /// ½λ·Σ_j (h_j‖D_j‖)² for each document: small codes, spread evenly.
    case l2(Float)
    /// λ·s²·Σ_j KL(ρ‖ρ̂_j) for each document, KL between coins that show heads with these chances and ρ̂_j how active
    /// unit j is on a batch (Ng, "Sparse autoencoder", CS294A lecture notes, Stanford 2011). Of sigmoid units
    /// ρ̂_j is their mean, as there. Others have no such scale, and ρ̂_j = (mean |h_j|)²/mean h_j², which is the share
    /// of active documents for a unit that is on or off and 1 for one that never changes (Treves & Rolls, "What
    /// determines the capacity of autoassociative memories in the brain?", Network 1991).
    case kl(target: Float, weight: Float)
    /// λ·s²·‖h‖₀ for each document: every active unit costs the same. Only thresholds can learn from it, so it goes
    /// with `Activation.jumpReLU`; see there.
    case l0(Float)

    /// What an activation that lives by a penalty gets when nobody asked for one: for jumpReLU a price of a
    /// thousandth a unit, which on text leaves a few dozen units active.
    public static func defaults(for activation: Activation) -> [SparsityPenalty] {
        activation == .jumpReLU ? [.l0(1e-3)] : []
    }
}

extension SparsityPenalty: TextCodable {
    /// `l1:λ`, `l2:λ`, `kl:ρ:λ` or `l0:λ`.
    public var description: String {
        switch self {
        case .l1(let lambda): "l1:\(lambda)"
        case .l2(let lambda): "l2:\(lambda)"
        case .kl(let target, let lambda): "kl:\(target):\(lambda)"
        case .l0(let lambda): "l0:\(lambda)"
        }
    }

    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.dropFirst().compactMap { Float($0) }.filter { $0.isFinite && $0 >= 0 }
        guard numbers.count == parts.count - 1 else { return nil }
        switch (parts[0], numbers.count) {
        case ("l0", 1): self = .l0(numbers[0])
        case ("l1", 1): self = .l1(numbers[0])
        case ("l2", 1): self = .l2(numbers[0])
        case ("kl", 2) where numbers[0] > 0 && numbers[0] < 1: self = .kl(target: numbers[0], weight: numbers[1])
        default: return nil
        }
    }
}
