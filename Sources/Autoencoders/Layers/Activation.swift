import SparseMatrices
import VectorKernelInterface

/// What a layer does to its pre-activations z.
///
/// The first five are the same in training and afterwards, and their derivative is a function of the output. The last
/// three belong to the latent layer only: in training units compete or thresholds are learned; see
/// `LatentCompetition`.
public enum Activation: Sendable, Equatable {
    /// max(z, 0)
    case relu
    /// z
    case linear
    /// 1 / (1 + e⁻ᶻ)
    case sigmoid
    case tanh
    /// The k largest positive entries of each row; the others become zero (Makhzani & Frey, "k-Sparse Autoencoders",
    /// ICLR 2014; Gao et al., "Scaling and evaluating sparse autoencoders", 2024).
    case topK(Int)
    /// In training the k·rows largest positive entries of a batch, so that a document with much to say takes more
    /// units than one with little; afterwards z where z > θ, else 0, with one learned θ that gives k units a document
    /// on average (Bussmann, Leask & Nanda, "BatchTopK Sparse Autoencoders", 2024).
    case batchTopK(Int)
    /// z where z > θ_j, else 0, with a threshold θ_j > 0 that every unit learns by straight-through estimation
    /// (Rajamanoharan et al., "Jumping Ahead: Improving Reconstruction Fidelity with JumpReLU Sparse Autoencoders",
    /// 2024).
    case jumpReLU
    /// tanh(z). In training the ⌈k/2⌉ largest positive and the ⌊k/2⌋ smallest negative entries of each row win, and
    /// winners take over α times the sum of the losers of their sign (KATE: Chen & Zaki, "KATE: K-Competitive
    /// Autoencoder for Text", KDD 2017). As in the paper, nothing competes afterwards.
    case kCompetitive(Int)

    /// Applies it to each of `rows` rows of `width`, in place, as it is outside training.
    ///
    /// - Parameter thresholds: θ, as many as `thresholdCount(width:)` says.
    package func apply(
        _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, thresholds: [Float] = [], parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            let start = z + range.lowerBound * width
            let count = range.count * width
            switch self {
            case .relu: kernels.relu(count: count, x: start)
            case .linear: break
            case .sigmoid: kernels.sigmoid(count: count, x: start)
            case .tanh, .kCompetitive: kernels.tanh(count: count, x: start)
            case .topK(let k): for row in range { kernels.keepTopK(count: width, k: k, x: z + row * width) }
            case .batchTopK: for i in 0..<count where !(start[i] > thresholds[0]) { start[i] = 0 }
            case .jumpReLU:
                for row in range {
                    let entries = z + row * width
                    for unit in 0..<width where !(entries[unit] > thresholds[unit]) { entries[unit] = 0 }
                }
            }
        }
    }

    /// Turns ∂L/∂h into ∂L/∂z, in place, given the outputs h.
    ///
    /// - Precondition: the derivative is a function of the output; of the others `LatentCompetition` knows it.
    package func backpropagate(
        _ delta: UnsafeMutablePointer<Float>, outputs h: UnsafePointer<Float>, rows: Int, width: Int,
        parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows) { range in
            let entries = range.lowerBound * width..<range.upperBound * width
            switch self {
            case .relu, .topK, .batchTopK: for i in entries where !(h[i] > 0) { delta[i] = 0 }
            case .linear: break
            case .sigmoid: for i in entries { delta[i] *= h[i] * (1 - h[i]) }
            case .tanh: for i in entries { delta[i] *= 1 - h[i] * h[i] }
            case .jumpReLU, .kCompetitive: preconditionFailure("\(self) has a derivative of its own")
            }
        }
    }

    /// How many thresholds go with it: one, one a unit, or none.
    public func thresholdCount(width: Int) -> Int {
        switch self {
        case .batchTopK: 1
        case .jumpReLU: width
        default: 0
        }
    }

    /// How many units a document may activate, in training at least; nil if the activation does not say.
    public var activeLimit: Int? {
        switch self {
        case .topK(let k), .batchTopK(let k), .kCompetitive(let k): k
        default: nil
        }
    }

    /// Whether it is one thing in training and another afterwards, or learns.
    package var isLatentOnly: Bool {
        switch self {
        case .batchTopK, .jumpReLU, .kCompetitive: true
        default: false
        }
    }
}

extension Activation: TextCodable {
    /// `relu`, `linear`, `sigmoid`, `tanh`, `topk:K`, `batch-topk:K`, `jumprelu` or `k-competitive:K`.
    public var description: String {
        switch self {
        case .relu: "relu"
        case .linear: "linear"
        case .sigmoid: "sigmoid"
        case .tanh: "tanh"
        case .topK(let k): "topk:\(k)"
        case .batchTopK(let k): "batch-topk:\(k)"
        case .jumpReLU: "jumprelu"
        case .kCompetitive(let k): "k-competitive:\(k)"
        }
    }

    public init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        switch (parts.first, parts.count) {
        case ("relu", 1): self = .relu
        case ("linear", 1): self = .linear
        case ("sigmoid", 1): self = .sigmoid
        case ("tanh", 1): self = .tanh
        case ("jumprelu", 1): self = .jumpReLU
        case (let name?, 2):
            guard let k = Int(parts[1]), k > 0 else { return nil }
            switch name {
            case "topk": self = .topK(k)
            case "batch-topk": self = .batchTopK(k)
            case "k-competitive": self = .kCompetitive(k)
            default: return nil
            }
        default: return nil
        }
    }
}
