import SparseMatrices
import VectorKernelInterface

/// What the latent layer's activation does in training only, and what its gradient needs: competition among units,
/// and straight-through gradients of thresholds. It keeps values from the forward pass to the backward one.
package final class LatentCompetition {
    /// jumpReLU: z. kCompetitive: tanh(z) before the competition. rows × H.
    private let before = ScratchMatrix()
    /// batchTopK: the smallest entry that was kept in the last batch; nil if none was.
    package private(set) var smallestKept: Float?
    /// jumpReLU: ∂L/∂θ_j of the last batch, by straight-through estimation.
    package private(set) var thresholdGradient: [Float] = []
    /// jumpReLU: ε, the width of the kernel that stands for the derivative of a step.
    package var bandwidth: Float = 0.05
    /// jumpReLU: λ of the penalty λ·‖h‖₀ on a document.
    package var activityPrice: Float = 0
    /// kCompetitive: α, what winners take over of the losers' energy; the paper's choice.
    package static let amplification: Float = 6.26

    package init() {}

    /// Applies the activation as it is in training.
    package func apply(
        _ activation: Activation, _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float],
        parallelism: Parallelism
    ) {
        switch activation {
        case .batchTopK(let k):
            kernels.keepTopK(count: rows * width, k: k * rows, x: z)
            smallestKept = (0..<rows * width).lazy.map { z[$0] }.filter { $0 > 0 }.min()
        case .jumpReLU:
            keep(z, rows: rows, width: width)
            activation.apply(z, rows: rows, width: width, thresholds: thresholds, parallelism: parallelism)
        case .kCompetitive(let k):
            activation.apply(z, rows: rows, width: width, parallelism: parallelism)
            keep(z, rows: rows, width: width)
            parallelism.forEachRange(of: rows) { range in
                for row in range { Self.compete(z + row * width, width: width, k: k) }
            }
        default: activation.apply(z, rows: rows, width: width, parallelism: parallelism)
        }
    }

    /// Turns ∂L/∂h into ∂L/∂z, in place, after `apply` on the same batch.
    package func backpropagate(
        _ activation: Activation, _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int,
        width: Int, thresholds: [Float], parallelism: Parallelism
    ) {
        switch activation {
        case .jumpReLU: straightThrough(delta, rows: rows, width: width, thresholds: thresholds)
        case .kCompetitive:
            let before = before.elements
            parallelism.forEachRange(of: rows) { range in
                for row in range {
                    let start = row * width
                    Self.redistribute(delta + start, outputs: h + start, before: before + start, width: width)
                }
            }
        default:
            activation.backpropagate(delta, outputs: h, rows: rows, width: width, parallelism: parallelism)
        }
    }

    /// The root mean square of every unit's kept values; what thresholds start from.
    package func rootMeanSquares() -> [Float] {
        let (rows, width) = (before.rowCount, before.width)
        return (0..<width).map { unit in
            let square = (0..<rows).reduce(0.0) { sum, row in
                let value = Double(before.elements[row * width + unit])
                return sum + value * value
            }
            return Float((square / Double(max(1, rows))).squareRoot())
        }
    }

    private func keep(_ z: UnsafePointer<Float>, rows: Int, width: Int) {
        before.resize(rows: rows, width: width)
        before.elements.update(from: z, count: rows * width)
    }

    // MARK: Thresholds

    /// With K the box of width ε and height 1 around zero,
    ///
    ///     ∂h/∂z = [z > θ],  ∂h/∂θ ≈ −(θ/ε)·K((z − θ)/ε),  ∂‖h‖₀/∂θ ≈ −(1/ε)·K((z − θ)/ε).
    ///
    /// The true derivatives with respect to θ are zero almost everywhere; these are those of expectations over z, its
    /// density estimated by the kernel.
    private func straightThrough(
        _ delta: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float]
    ) {
        if thresholdGradient.count != width { thresholdGradient = Array(repeating: 0, count: width) }
        for unit in 0..<width { thresholdGradient[unit] = 0 }
        let price = activityPrice / Float(max(1, rows))
        for row in 0..<rows {
            for unit in 0..<width {
                let i = row * width + unit
                let distance = before.elements[i] - thresholds[unit]
                if abs(distance) <= 0.5 * bandwidth {
                    thresholdGradient[unit] -= (thresholds[unit] * delta[i] + price) / bandwidth
                }
                if !(distance > 0) { delta[i] = 0 }
            }
        }
    }

    // MARK: Winners and losers

    /// One row: the ⌈k/2⌉ largest positive and ⌊k/2⌋ smallest negative entries win, the others lose all they have.
    private static func compete(_ h: UnsafeMutablePointer<Float>, width: Int, k: Int) {
        let count = max(1, width)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * count) { scratch in
            guard let positive = scratch.baseAddress else { return }
            let negative = positive + count
            var energy: (positive: Float, negative: Float) = (0, 0)
            for unit in 0..<width {
                positive[unit] = h[unit]
                negative[unit] = -h[unit]
            }
            kernels.keepTopK(count: width, k: (k + 1) / 2, x: positive)
            kernels.keepTopK(count: width, k: k / 2, x: negative)
            for unit in 0..<width {
                if h[unit] > 0 && positive[unit] == 0 { energy.positive += h[unit] }
                if h[unit] < 0 && negative[unit] == 0 { energy.negative += h[unit] }
            }
            for unit in 0..<width {
                if positive[unit] > 0 {
                    h[unit] += amplification * energy.positive
                } else if negative[unit] > 0 {
                    h[unit] += amplification * energy.negative
                } else {
                    h[unit] = 0
                }
            }
        }
    }

    /// One row: a winner passes its gradient on, and α of it to every loser of its sign; then the derivative of tanh.
    private static func redistribute(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, before: UnsafePointer<Float>,
        width: Int
    ) {
        var sums: (positive: Float, negative: Float) = (0, 0)
        for unit in 0..<width {
            if h[unit] > 0 { sums.positive += delta[unit] }
            if h[unit] < 0 { sums.negative += delta[unit] }
        }
        for unit in 0..<width {
            if h[unit] == 0 {
                let sum = before[unit] > 0 ? sums.positive : before[unit] < 0 ? sums.negative : 0
                delta[unit] = amplification * sum
            }
            delta[unit] *= 1 - before[unit] * before[unit]
        }
    }
}
