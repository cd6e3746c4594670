import SparseMatrices
import VectorKernelInterface

extension Activation {
    /// The k largest positive entries of each row; the others become zero (Makhzani & Frey, "k-Sparse Autoencoders",
    /// ICLR 2014; Gao et al., "Scaling and evaluating sparse autoencoders", 2024).
    public static func topK(_ k: Int) -> Activation { Activation(function: TopKActivation(k: k)) }
}

package final class TopKActivation: LayerActivation, LimitedActivation {
    package static let name = "topk"
    package static let usage = "topk:K (the K largest of a document)"
    let k: Int

    init(k: Int) { self.k = k }

    package var denoising: Float { 0.4 }

    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float], parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            for row in range { kernels.keepTopK(count: width, k: k, x: z + row * width) }
        }
    }

    package func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism
    ) {
        ReLUActivation().backpropagate(delta, outputs: h, rows: rows, width: width, parallelism: parallelism)
    }

    package func clip(_ code: inout [Float]) { kernels.keepTopK(count: code.count, k: k, x: &code) }
}
