import SparseMatrices

extension Activation {
    /// z where z > θ_j, else 0, with a threshold θ_j > 0 that every unit learns by straight-through estimation
    /// (Rajamanoharan et al., "Jumping Ahead: Improving Reconstruction Fidelity with JumpReLU Sparse Autoencoders",
    /// 2024).
    public static let jumpReLU = Activation(function: JumpReLUActivation())
}

package final class JumpReLUActivation: LatentActivation {
    package static let name = "jumprelu"
    package static let usage = "jumprelu (a learned threshold)"

    package init() {}
    package init?(parameter: Substring?) { if parameter != nil { return nil } }

    package func thresholdCount(width: Int) -> Int { width }
    package var learnsThresholds: Bool { true }
    /// A price of 10⁻⁵ a unit, which on text leaves a few dozen of 128 units active.
    package var defaultPenalties: [SparsityPenalty] { [.l0(1e-5)] }

    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            for row in range {
                let entries = z + row * width
                for unit in 0..<width where !(entries[unit] > thresholds[unit]) { entries[unit] = 0 }
            }
        }
    }

    package func clip(_ code: inout [Float]) { clipToPositive(&code) }

    package func makeTraining(activityPrice: Float) -> any LatentTraining { Training(activityPrice: activityPrice) }

    package final class Training: LatentTraining {
        /// z: rows × H.
        private let before = ScratchMatrix()
        /// λ of the penalty λ·‖h‖₀ on a document.
        package let activityPrice: Float
        /// ε, the width of the kernel that stands for the derivative of a step.
        package var bandwidth: Float = 0.05
        /// ∂L/∂θ_j of the last batch, by straight-through estimation.
        package private(set) var thresholdGradient: [Float] = []

        package var constants: [Float] {
            get { [bandwidth] }
            set {
                precondition(newValue.count == 1, "these are the constants of another activation")
                bandwidth = newValue[0]
            }
        }

        package init(activityPrice: Float) { self.activityPrice = activityPrice }

        package func apply(
            _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
        ) {
            before.resize(rows: rows, width: width)
            before.elements.update(from: z, count: rows * width)
            JumpReLUActivation().apply(z, rows: rows, width: width, thresholds: thresholds, parallelism: parallelism)
        }

        /// With K the box of width ε and height 1 around zero,
        ///
        ///     ∂h/∂z = [z > θ],  ∂h/∂θ ≈ −(θ/ε)·K((z − θ)/ε),  ∂‖h‖₀/∂θ ≈ −(1/ε)·K((z − θ)/ε).
        ///
        /// The true derivatives with respect to θ are zero almost everywhere; these are those of expectations over z,
        /// its density estimated by the kernel.
        package func backpropagate(
            _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
            thresholds: [Float], parallelism: Parallelism
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

        /// Half the root mean square of each unit's pre-activations, where a good part of the documents activates it,
        /// with a kernel as wide. Units that start with few documents hardly get more.
        package func startThresholds() -> [Float]? {
            let squares = rootMeanSquares
            let mean = squares.reduce(0, +) / Float(max(1, squares.count))
            // A unit that no row reaches must still have a threshold above zero.
            let floor = mean > 0 ? mean / 100 : 1e-3
            bandwidth = max(0.5 * mean, floor)
            return squares.map { max(0.5 * $0, floor) }
        }

        private var rootMeanSquares: [Float] {
            let (rows, width) = (before.rowCount, before.width)
            return (0..<width).map { unit in
                let square = (0..<rows).reduce(0.0) { sum, row in
                    let value = Double(before.elements[row * width + unit])
                    return sum + value * value
                }
                return Float((square / Double(max(1, rows))).squareRoot())
            }
        }
    }
}
