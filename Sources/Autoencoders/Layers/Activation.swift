import SparseMatrices
import VectorKernelInterface

/// What a layer does to its pre-activations z, entry by entry but for top-k.
///
/// Every derivative is a function of the output, so pre-activations need not be kept.
public enum Activation: Sendable, Equatable {
    /// max(z, 0)
    case relu
    /// z
    case linear
    /// 1 / (1 + e⁻ᶻ)
    case sigmoid
    case tanh
    /// The k largest positive entries of each row; the others become zero (Makhzani & Frey, "k-Sparse Autoencoders",
    /// ICLR 2014).
    case topK(Int)

    /// Applies it to each of `rows` rows of `width`, in place.
    package func apply(_ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, parallelism: Parallelism) {
        parallelism.forEachRange(of: rows, blockSize: rowsPerBlock) { range in
            let start = z + range.lowerBound * width
            let count = range.count * width
            switch self {
            case .relu: kernels.relu(count: count, x: start)
            case .linear: break
            case .sigmoid: kernels.sigmoid(count: count, x: start)
            case .tanh: kernels.tanh(count: count, x: start)
            case .topK(let k): for row in range { kernels.keepTopK(count: width, k: k, x: z + row * width) }
            }
        }
    }

    /// Turns ∂L/∂h into ∂L/∂z, in place, given the outputs h.
    package func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows, blockSize: rowsPerBlock) { range in
            let entries = range.lowerBound * width..<range.upperBound * width
            switch self {
            case .relu, .topK: for i in entries where !(h[i] > 0) { delta[i] = 0 }
            case .linear: break
            case .sigmoid: for i in entries { delta[i] *= h[i] * (1 - h[i]) }
            case .tanh: for i in entries { delta[i] *= 1 - h[i] * h[i] }
            }
        }
    }
}

private let rowsPerBlock = 64

extension Activation: TextCodable {
    /// `relu`, `linear`, `sigmoid`, `tanh` or `topk:K`.
    public var description: String {
        switch self {
        case .relu: "relu"
        case .linear: "linear"
        case .sigmoid: "sigmoid"
        case .tanh: "tanh"
        case .topK(let k): "topk:\(k)"
        }
    }

    public init?(_ description: String) {
        switch description {
        case "relu": self = .relu
        case "linear": self = .linear
        case "sigmoid": self = .sigmoid
        case "tanh": self = .tanh
        default:
            guard description.hasPrefix("topk:"), let k = Int(description.dropFirst(5)), k > 0 else { return nil }
            self = .topK(k)
        }
    }
}
