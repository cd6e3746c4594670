import SparseMatrices
import VectorKernelInterface

extension Activation {
    /// 1 / (1 + e⁻ᶻ)
    public static let sigmoid = Activation(function: SigmoidActivation())
}

package final class SigmoidActivation: LayerActivation {
    package static let name = "sigmoid"

    package init() {}
    package init?(parameter: Substring?) { if parameter != nil { return nil } }

    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            kernels.sigmoid(count: range.count * width, x: z + range.lowerBound * width)
        }
    }

    package func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            for i in range.lowerBound * width..<range.upperBound * width { delta[i] *= h[i] * (1 - h[i]) }
        }
    }

    package func clip(_ code: inout [Float]) {
        for unit in code.indices { code[unit] = min(max(0, code[unit]), 1) }
    }

    package var codesAreShares: Bool { true }
}
