import SparseMatrices
import VectorKernelInterface

extension Activation {
    /// max(z, 0)
    public static let relu = Activation(function: ReLUActivation())
}

package final class ReLUActivation: LayerActivation {
    package static let name = "relu"

    package init() {}
    package init?(parameter: Substring?) { if parameter != nil { return nil } }

    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            kernels.relu(count: range.count * width, x: z + range.lowerBound * width)
        }
    }

    package func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism
    ) {
        backpropagateWherePositive(delta, outputs: h, rows: rows, width: width, parallelism: parallelism)
    }

    package func clip(_ code: inout [Float]) { clipToPositive(&code) }

    /// From zero, a unit hears nothing of documents that have no word of its own, and its bias falls before its
    /// weights have found more: with few documents or short ones many units are lost that way. From here every unit
    /// is nearly linear at first and learns from all documents.
    package var startingBias: Float { 0.2 }
}

/// The derivative of what passes on positive pre-activations as they are, and nothing else.
func backpropagateWherePositive(
    _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
    parallelism: Parallelism
) {
    parallelism.forEachRange(of: rows) { range in
        for i in range.lowerBound * width..<range.upperBound * width where !(h[i] > 0) { delta[i] = 0 }
    }
}

/// max(h, 0); what is below a threshold is near enough to it, as units that are not active stay so.
func clipToPositive(_ code: inout [Float]) {
    for unit in code.indices { code[unit] = max(0, code[unit]) }
}
