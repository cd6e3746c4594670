import RealModule

extension SparsityPenalty {
    /// λ·s·Σ_j |h_j|‖D_j‖ for each document: the standard penalty for sparse codes (Olshausen & Field, "Emergence of
    /// simple-cell receptive field properties by learning a sparse code for natural images", Nature 1996).
    public static func l1(_ lambda: Float) -> SparsityPenalty { SparsityPenalty(function: L1Penalty(lambda: lambda)) }

    /// ½λ·Σ_j (h_j‖D_j‖)² for each document: favours small codes with evenly spread activity.
    public static func l2(_ lambda: Float) -> SparsityPenalty { SparsityPenalty(function: L2Penalty(lambda: lambda)) }

    /// λ·s²·‖h‖₀ for each document: every active unit costs the same. Only thresholds can be trained by it, so it
    /// requires `Activation.jumpReLU`; see there.
    public static func l0(_ lambda: Float) -> SparsityPenalty {
        SparsityPenalty(function: CountPenalty(lambda: lambda))
    }
}

/// A penalty whose only parameter is its weight.
protocol WeighedPenalty: PenaltyFunction {
    init(lambda: Float)
    var lambda: Float { get }
}

extension WeighedPenalty {
    package init?(numbers: [Float]) {
        if numbers.count != 1 { return nil }
        self.init(lambda: numbers[0])
    }

    package var numbers: [Float] { [lambda] }
}

struct L1Penalty: WeighedPenalty {
    static let name = "l1"
    static let usage = "l1:λ"
    let lambda: Float

    func add(to batch: CodeBatch) -> Double {
        let (codes, norms, width, weight) = (batch.codes, batch.norms, batch.width, batch.weight)
        var value = 0.0
        for i in 0..<batch.rows * width where codes[i] != 0 {
            let price = lambda * norms[i % width]
            value += Double(price) * Double(abs(codes[i]))
            batch.delta[i] += codes[i] > 0 ? weight * price : -weight * price
        }
        return value
    }
}

struct L2Penalty: WeighedPenalty {
    static let name = "l2"
    static let usage = "l2:λ"
    let lambda: Float

    func add(to batch: CodeBatch) -> Double {
        let (codes, norms, width, weight) = (batch.codes, batch.norms, batch.width, batch.weight)
        var value = 0.0
        for i in 0..<batch.rows * width {
            let norm = norms[i % width]
            let price = lambda * norm * norm * codes[i]
            value += 0.5 * Double(price) * Double(codes[i])
            batch.delta[i] += weight * price
        }
        return value
    }
}

struct CountPenalty: WeighedPenalty {
    static let name = "l0"
    static let usage = "l0:λ (jumprelu only; its default is l0:0.001)"
    let lambda: Float
    static let needsThresholds = true
    var activityPrice: Float { lambda }

    func add(to batch: CodeBatch) -> Double {
        Double(lambda) * Double((0..<batch.rows * batch.width).count { batch.codes[$0] != 0 })
    }
}

extension SparsityPenalty {
    /// λ·s²·Σ_j KL(ρ‖ρ̂_j) for each document, where KL is that of Bernoulli distributions and ρ̂_j measures how active
    /// unit j is on a batch (Ng, "Sparse autoencoder", CS294A lecture notes, Stanford 2011). For sigmoid units ρ̂_j is
    /// their mean, as in the reference. Other units have no such scale, and ρ̂_j = (mean |h_j|)²/mean h_j², which is
    /// the fraction of documents with an active unit if the unit has two states, on and off, and 1 if it is constant
    /// (Treves & Rolls, "What determines the capacity of autoassociative memories in the brain?", Network 1991).
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

    /// A unit that is active on no document of the batch has no gradient and no penalty.
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
            value += target * Double.log(target / activity) + (1 - target) * Double.log((1 - target) / (1 - activity))
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
