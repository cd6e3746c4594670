extension SparsityPenalty {
    /// λ·s·Σ_j |h_j|‖D_j‖ for each document: the usual way to sparse codes (Olshausen & Field, "Emergence of
    /// simple-cell receptive field properties by learning a sparse code for natural images", Nature 1996).
    public static func l1(_ lambda: Float) -> SparsityPenalty { SparsityPenalty(function: L1Penalty(lambda: lambda)) }

    /// ½λ·Σ_j (h_j‖D_j‖)² for each document: small codes, spread evenly.
    public static func l2(_ lambda: Float) -> SparsityPenalty { SparsityPenalty(function: L2Penalty(lambda: lambda)) }

    /// λ·s²·‖h‖₀ for each document: every active unit costs the same. Only thresholds can learn from it, so it goes
    /// with `Activation.jumpReLU`; see there.
    public static func l0(_ lambda: Float) -> SparsityPenalty {
        SparsityPenalty(function: CountPenalty(lambda: lambda))
    }
}

/// A penalty with no number but its weight.
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
