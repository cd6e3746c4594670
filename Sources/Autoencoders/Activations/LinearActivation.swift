import SparseMatrices

extension Activation {
    /// z
    public static let linear = Activation(function: LinearActivation())
}

package final class LinearActivation: LayerActivation {
    package static let name = "linear"

    package init() {}
    package init?(parameter: Substring?) { if parameter != nil { return nil } }

    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
    ) {}

    package func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism
    ) {}

    package func clip(_ code: inout [Float]) {}
}
