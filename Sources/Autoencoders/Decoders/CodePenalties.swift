import SparseMatrices
import VectorKernelInterface

/// The penalties on a batch's codes: their sum, and its gradient. Decoders apply them, since they know ‖D_j‖.
package struct CodePenalties: Sendable, ExpressibleByArrayLiteral {
    private let penalties: [SparsityPenalty]
    /// Whether codes are in (0, 1) whatever the decoder, as sigmoid units are.
    private let codesAreShares: Bool

    package init(_ penalties: [SparsityPenalty], activation: Activation = .relu) {
        self.penalties = penalties
        codesAreShares = activation == .sigmoid
    }

    package init(_ settings: AutoencoderSettings) {
        self.init(settings.penalties, activation: settings.activation)
    }

    package init(arrayLiteral elements: SparsityPenalty...) { self.init(elements) }

    var isEmpty: Bool { penalties.isEmpty }

    /// λ, summed, of the penalties on the number of active units.
    package var activityPrice: Float {
        penalties.reduce(0) { sum, penalty in
            if case .l0(let lambda) = penalty { sum + lambda } else { sum }
        }
    }

    /// Adds the penalties of a batch to its loss, and the gradient of their mean over the rows to `delta`.
    ///
    /// - Parameters:
    ///   - codes: rows × H.
    ///   - norms: ‖D_j‖ in units of s; held constant, as the decoder follows the codes and not the penalty.
    ///   - delta: rows × H.
    package func accumulate(
        codes: UnsafePointer<Float>, rows: Int, norms: [Float], delta: UnsafeMutablePointer<Float>,
        to total: inout BatchLoss
    ) {
        let batch = CodeBatch(codes: codes, rows: rows, norms: norms, delta: delta)
        for penalty in penalties {
            switch penalty {
            case .l1(let lambda): total.penalty += batch.addAbsolute(lambda)
            case .l2(let lambda): total.penalty += batch.addSquare(lambda)
            case .kl(let target, let lambda):
                total.penalty += batch.addDivergence(
                    Double(lambda), target: Double(target), codesAreShares: codesAreShares)
            case .l0(let lambda): total.penalty += batch.count(lambda)
            }
        }
    }
}

/// The codes that penalties look at, and where their gradient goes. Each function returns the sum over the rows.
private struct CodeBatch {
    let codes: UnsafePointer<Float>
    let rows: Int
    let norms: [Float]
    let delta: UnsafeMutablePointer<Float>

    private var width: Int { norms.count }
    private var weight: Float { 1 / Float(max(1, rows)) }

    func addAbsolute(_ lambda: Float) -> Double {
        var value = 0.0
        for i in 0..<rows * width where codes[i] != 0 {
            let price = lambda * norms[i % width]
            value += Double(price) * Double(abs(codes[i]))
            delta[i] += codes[i] > 0 ? weight * price : -weight * price
        }
        return value
    }

    func addSquare(_ lambda: Float) -> Double {
        var value = 0.0
        for i in 0..<rows * width {
            let norm = norms[i % width]
            let price = lambda * norm * norm * codes[i]
            value += 0.5 * Double(price) * Double(codes[i])
            delta[i] += weight * price
        }
        return value
    }

    func count(_ lambda: Float) -> Double {
        Double(lambda) * Double((0..<rows * width).count { codes[$0] != 0 })
    }

    /// A unit that is active on no document of the batch has no gradient, and no price.
    func addDivergence(_ lambda: Double, target: Double, codesAreShares: Bool) -> Double {
        let n = Double(rows)
        var value = 0.0
        for unit in 0..<width {
            var sum = 0.0, square = 0.0
            for row in 0..<rows {
                let code = Double(codes[row * width + unit])
                sum += abs(code)
                square += code * code
            }
            if square == 0 { continue }
            let activity = min(max(codesAreShares ? sum / n : sum * sum / (n * square), 1e-6), 1 - 1e-6)
            value += target * logarithm(target / activity) + (1 - target) * logarithm((1 - target) / (1 - activity))
            let slope = lambda * ((1 - target) / (1 - activity) - target / activity)
            for row in 0..<rows {
                let code = Double(codes[row * width + unit])
                let sign = code > 0 ? 1.0 : code < 0 ? -1.0 : 0
                let change = codesAreShares ? sign / n : 2 * sum / (n * square) * (sign - sum * code / square)
                delta[row * width + unit] += Float(slope * change)
            }
        }
        return lambda * n * value
    }
}
