import SparseMatrices
import VectorKernelInterface

extension Activation {
    public static let tanh = Activation(function: TanhActivation())
}

package final class TanhActivation: LayerActivation {
    package static let name = "tanh"

    package init() {}
    package init?(parameter: Substring?) { if parameter != nil { return nil } }

    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            kernels.tanh(count: range.count * width, x: z + range.lowerBound * width)
        }
    }

    package func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            for i in range.lowerBound * width..<range.upperBound * width { delta[i] *= 1 - h[i] * h[i] }
        }
    }

    package func clip(_ code: inout [Float]) {
        for unit in code.indices { code[unit] = min(max(-1, code[unit]), 1) }
    }
}
