import SparseMatrices
import VectorKernelInterface

extension Activation {
    /// tanh(z). In training the ⌈k/2⌉ largest positive and the ⌊k/2⌋ smallest negative entries of each row win, and
    /// winners take over α times the sum of the losers of their sign (KATE: Chen & Zaki, "KATE: K-Competitive
    /// Autoencoder for Text", KDD 2017). As in the paper, nothing competes afterwards.
    public static func kCompetitive(_ k: Int) -> Activation { Activation(function: KCompetitiveActivation(k: k)) }
}

package final class KCompetitiveActivation: LatentActivation, LimitedActivation {
    package static let name = "k-competitive"
    package static let usage = "k-competitive:K (KATE)"
    let k: Int

    init(k: Int) { self.k = k }

    /// What winners took over is far larger than what they had, and nearly the same for all of a sign.
    package var ridge: Float? { 1 }

    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
    ) {
        TanhActivation().apply(z, rows: rows, width: width, thresholds: thresholds, parallelism: parallelism)
    }

    package func clip(_ code: inout [Float]) { TanhActivation().clip(&code) }

    package func makeTraining(activityPrice: Float) -> any LatentTraining { Training(k: k) }

    private final class Training: LatentTraining {
        let k: Int
        /// tanh(z) before the competition: rows × H.
        let before = ScratchMatrix()
        /// α, what winners take over of the losers' energy; the paper's choice.
        static let amplification: Float = 6.26

        init(k: Int) { self.k = k }

        func apply(
            _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
        ) {
            TanhActivation().apply(z, rows: rows, width: width, thresholds: thresholds, parallelism: parallelism)
            before.resize(rows: rows, width: width)
            before.elements.update(from: z, count: rows * width)
            parallelism.forEachRange(of: rows) { range in
                for row in range { Self.compete(z + row * width, width: width, k: k) }
            }
        }

        /// A winner's gradient goes to its own pre-activation; what it took over counts as given, and losers learn
        /// nothing from it. The exact gradient, α times the sum of the winners' to every loser of their sign, is the
        /// same for all losers and drowns what winners learn of the document: with a least-squares decoder the units
        /// become alike.
        func backpropagate(
            _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
            thresholds: [Float], parallelism: Parallelism
        ) {
            let before = before.elements
            parallelism.forEachRange(of: rows) { range in
                for i in range.lowerBound * width..<range.upperBound * width {
                    delta[i] = h[i] == 0 ? 0 : delta[i] * (1 - before[i] * before[i])
                }
            }
        }

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
    }
}
