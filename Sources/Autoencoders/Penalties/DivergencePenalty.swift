extension SparsityPenalty {
    /// λ·s²·Σ_j KL(ρ‖ρ̂_j) for each document, KL between coins that show heads with these chances and ρ̂_j how active
    /// unit j is on a batch (Ng, "Sparse autoencoder", CS294A lecture notes, Stanford 2011). Of sigmoid units
    /// ρ̂_j is their mean, as there. Others have no such scale, and ρ̂_j = (mean |h_j|)²/mean h_j², which is the share
    /// of active documents for a unit that is on or off and 1 for one that never changes (Treves & Rolls, "What
    /// determines the capacity of autoassociative memories in the brain?", Network 1991).
    public static func kl(target: Float, weight: Float) -> SparsityPenalty {
        SparsityPenalty(function: DivergencePenalty(target: target, lambda: weight))
    }
}

struct DivergencePenalty: PenaltyFunction {
    static let name = "kl"
    static let usage = "kl:ρ:λ (towards a share ρ of active documents a unit)"
    /// ρ, in (0, 1).
    let target: Float
    let lambda: Float

    var numbers: [Float] { [target, lambda] }

    /// A unit that is active on no document of the batch has no gradient, and no price.
    func add(to batch: CodeBatch) -> Double {
        let (codes, rows, width) = (batch.codes, batch.rows, batch.width)
        let (target, lambda, n) = (Double(target), Double(lambda), Double(rows))
        var value = 0.0
        for unit in 0..<width {
            var sum = 0.0, square = 0.0
            for row in 0..<rows {
                let code = Double(codes[row * width + unit])
                sum += abs(code)
                square += code * code
            }
            if square == 0 { continue }
            let share = batch.codesAreShares ? sum / n : sum * sum / (n * square)
            let activity = min(max(share, 1e-6), 1 - 1e-6)
            value += target * logarithm(target / activity) + (1 - target) * logarithm((1 - target) / (1 - activity))
            let slope = lambda * ((1 - target) / (1 - activity) - target / activity)
            for row in 0..<rows {
                let code = Double(codes[row * width + unit])
                let sign = code > 0 ? 1.0 : code < 0 ? -1.0 : 0
                let change = batch.codesAreShares ? sign / n : 2 * sum / (n * square) * (sign - sum * code / square)
                batch.delta[row * width + unit] += Float(slope * change)
            }
        }
        return lambda * n * value
    }
}

extension DivergencePenalty {
    init?(numbers: [Float]) {
        guard numbers.count == 2, numbers[0] > 0 && numbers[0] < 1 else { return nil }
        self.init(target: numbers[0], lambda: numbers[1])
    }
}
