import SparseMatrices
import VectorKernelInterface

extension Activation {
    /// z
    public static let linear = Activation(function: LinearActivation())
    /// max(z, 0)
    public static let relu = Activation(function: ReLUActivation())
    /// 1 / (1 + e⁻ᶻ)
    public static let sigmoid = Activation(function: SigmoidActivation())
    public static let tanh = Activation(function: TanhActivation())
}

/// An activation of each number by itself, without a parameter.
protocol ElementwiseActivation: LayerActivation {
    init()

    /// Turns z into h, in place.
    func apply(count: Int, _ z: UnsafeMutablePointer<Float>)

    /// Turns ∂L/∂h into ∂L/∂z, in place, given the outputs h.
    func backpropagate(count: Int, _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>)
}

extension ElementwiseActivation {
    package init?(parameter: Substring?) {
        if parameter != nil { return nil }
        self.init()
    }

    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            apply(count: range.count * width, z + range.lowerBound * width)
        }
    }

    package func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            let start = range.lowerBound * width
            backpropagate(count: range.count * width, delta + start, outputs: h + start)
        }
    }
}

package final class LinearActivation: ElementwiseActivation {
    package static let name = "linear"

    func apply(count: Int, _ z: UnsafeMutablePointer<Float>) {}

    func backpropagate(count: Int, _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>) {}

    package func clip(_ code: inout [Float]) {}
}

package final class ReLUActivation: ElementwiseActivation {
    package static let name = "relu"

    func apply(count: Int, _ z: UnsafeMutablePointer<Float>) { kernels.relu(count: count, x: z) }

    func backpropagate(count: Int, _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>) {
        for i in 0..<count where !(h[i] > 0) { delta[i] = 0 }
    }

    package func clip(_ code: inout [Float]) { clipToPositive(&code) }

    /// From zero, a unit hears nothing of documents that have no word of its own, and its bias falls before its
    /// weights have found more: with few documents or short ones many units are lost that way. From here every unit
    /// is nearly linear at first and learns from all documents.
    package var startingBias: Float { 0.2 }
}

package final class SigmoidActivation: ElementwiseActivation {
    package static let name = "sigmoid"

    func apply(count: Int, _ z: UnsafeMutablePointer<Float>) { kernels.sigmoid(count: count, x: z) }

    func backpropagate(count: Int, _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>) {
        for i in 0..<count { delta[i] *= h[i] * (1 - h[i]) }
    }

    package func clip(_ code: inout [Float]) {
        for unit in code.indices { code[unit] = min(max(0, code[unit]), 1) }
    }

    package var codesAreShares: Bool { true }
}

package final class TanhActivation: ElementwiseActivation {
    package static let name = "tanh"

    func apply(count: Int, _ z: UnsafeMutablePointer<Float>) { kernels.tanh(count: count, x: z) }

    func backpropagate(count: Int, _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>) {
        for i in 0..<count { delta[i] *= 1 - h[i] * h[i] }
    }

    package func clip(_ code: inout [Float]) {
        for unit in code.indices { code[unit] = min(max(-1, code[unit]), 1) }
    }
}

/// max(h, 0); what is below a threshold is near enough to it, as units that are not active stay so.
func clipToPositive(_ code: inout [Float]) {
    for unit in code.indices { code[unit] = max(0, code[unit]) }
}
