import RealModule
import SparseMatrices

/// log p(x|z) of sparse documents x given points z, with what training and inference need of it: the gradient and a
/// nonnegative diagonal curvature in z, and the gradient in the decoder's weights.
///
/// The order of calls for a batch: `observe` once, then `evaluate` at as many z as one likes, then, where the decoder
/// is to learn, `decoderGradient` at the z evaluated last. A likelihood is made for the weights as they stand and
/// holds what can be computed from them alone.
package protocol Likelihood: Sendable {
    /// Takes note of a batch's documents, and of what they contribute whatever z is.
    ///
    /// - Parameter x: the observations; see `LikelihoodFamily.observation`.
    func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution)

    /// log p(x|z) of every row, in nats, its gradient in z and, where asked for, its curvature.
    ///
    /// - Parameters:
    ///   - z: rows × K.
    ///   - results: `logLikelihoods` and `gradient` are always filled, `curvature`, if `wantsCurvature`, with a
    ///     nonnegative diagonal in place of −∂²/∂z²: the second derivative itself or a Fisher information.
    func evaluate(
        _ z: UnsafePointer<Float>, evidence: LikelihoodEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution)

    /// The curvature as a full matrix, averaged over several points of each document, after `evaluate` at the same
    /// points, whose results it uses up.
    ///
    /// - Parameters:
    ///   - z: rows × K; each run of `draws` rows belongs to one document, which `observe` has seen as often.
    ///   - matrices: documents × K(K+1)/2, overwritten with `PackedTriangles`: positive semidefinite matrices in
    ///     place of −∂²/∂z², the second derivative itself or a Fisher information.
    /// - Complexity: O(documents·V·K²/2), of `TopicMixtureLikelihood` O(nnz·K²).
    func curvatureMatrices(
        _ z: UnsafePointer<Float>, draws: Int, evidence: LikelihoodEvidence, results: LikelihoodResults,
        into matrices: ScratchMatrix, execution: Execution)

    /// ∂ Σ_rows w·log p(x|z)/∂(decoder), after `evaluate` at the same z, whose results it uses up: once for each
    /// evaluation.
    ///
    /// - Parameters:
    ///   - batch: whose targets are the observations.
    ///   - weight: w.
    ///   - gradient: overwritten.
    func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, evidence: LikelihoodEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DecoderGradient, execution: Execution)
}

/// A likelihood over all features, which can also be told apart by entries; one over a sample is for training alone.
package protocol ExactLikelihood: Likelihood {
    /// What each stored entry of a document adds to −log p(x|z), in nats. Features that are not stored add the rest,
    /// where the likelihood is about them too.
    ///
    /// - Parameters:
    ///   - x: the observations.
    ///   - code: z of this row.
    ///   - logLikelihood: log p(x|z) of this row, as `evaluate` gives it.
    /// - Returns: one number for each stored entry of the row.
    /// - Complexity: O(entries·K).
    func entryLosses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double]
}

/// The gradient of a decoder: of D and c and, where there are dispersions, of their weights and biases too.
package struct DecoderGradient {
    package var linear = LinearGradient()
    /// Left empty by likelihoods without dispersions.
    package var dispersion = LinearGradient()

    package init() {}
}

extension VariationalAutoencoder {
    /// The likelihood of documents for the weights as they stand.
    package func makeLikelihood() -> any ExactLikelihood {
        likelihood.of(decoder, dispersion: dispersion)
    }
}

/// What the documents of a batch contribute to the likelihood, whatever z is.
package final class LikelihoodEvidence {
    /// xᵀD: rows × K; only of likelihoods whose logarithm is linear in x.
    let projection = ScratchMatrix()
    /// N, the tokens of each row: the sum of its entries; of a Gaussian likelihood the features.
    package internal(set) var tokens: [Double] = []
    /// Of each row what does not depend on z: x·c, and the logarithm of a factor that x alone decides.
    var constants: [Double] = []
    /// The documents themselves, where an evaluation goes through their entries.
    private var rowOffsets: [Int] = []
    private var columnIndices: [UInt32] = []
    private var values: [Float] = []
    private var columnCount = 0

    package init() {}

    var rowCount: Int { tokens.count }

    func forgetRows() {
        tokens.removeAll(keepingCapacity: true)
        constants.removeAll(keepingCapacity: true)
    }

    func keepDocuments(_ x: CSRView) {
        rowOffsets = Array(x.rowOffsets)
        columnIndices = Array(x.columnIndices)
        values = Array(x.values)
        columnCount = x.columnCount
    }

    func withDocuments<R>(_ body: (CSRView) -> R) -> R {
        rowOffsets.withUnsafeBufferPointer { offsets in
            columnIndices.withUnsafeBufferPointer { columns in
                values.withUnsafeBufferPointer { values in
                    body(
                        CSRView(
                            rowCount: rowOffsets.count - 1, columnCount: columnCount, rowOffsets: offsets,
                            columnIndices: columns, values: values))
                }
            }
        }
    }
}

/// Results and scratch of a likelihood.
package final class LikelihoodResults {
    package internal(set) var logLikelihoods: [Double] = []
    /// rows × K.
    package let gradient = ScratchMatrix()
    /// rows × K.
    package let curvature = ScratchMatrix()
    let logits = ScratchMatrix()
    let maxima = ScratchMatrix()
    let sums = ScratchMatrix()
    let touched = ScratchMatrix()
    /// The packed outer products of a block of features; see `OuterProductSums`.
    let outerProducts = ScratchMatrix()
    /// Of a Gaussian likelihood: as `logits`, of the log-variances.
    let logVariances = ScratchMatrix()
    /// The same of e^(−s) and, a half of it, of the squared slope of s.
    let precisions = ScratchMatrix()
    let squaredSlopes = ScratchMatrix()
    /// Of a likelihood with effective counts: these, one for each stored entry, their sum over each row, and what they
    /// and the concentration add to the gradient: rows × K.
    let counts = ScratchMatrix()
    let countSums = ScratchMatrix()
    let projection = ScratchMatrix()
    /// Of each row the derivative in the logarithm of the concentration and what stands for the second one's negative.
    let concentrationSlopes = ScratchMatrix()
    let concentrationCurvatures = ScratchMatrix()
    /// Whether `logits` still hold what the decoder's gradient needs.
    var holdsSlopes = false

    package init() {}

    func resize(rows: Int, width: Int) {
        if logLikelihoods.count != rows { logLikelihoods = Array(repeating: 0, count: rows) }
        gradient.resize(rows: rows, width: width)
        curvature.resize(rows: rows, width: width)
    }
}

/// How long a document of length ‖x‖ is as a variational encoder sees it.
package enum InputLength: String, Sendable, Codable, CaseIterable {
    /// 1: all documents are alike, and the encoder cannot tell how much evidence it has.
    case unit
    /// √‖x‖: long documents still do not drown short ones, but the posterior can be narrower for them.
    case squareRoot = "square-root"

    /// What a row is multiplied by.
    fileprivate func factor(squaredNorm: Double) -> Float {
        switch self {
        case .unit: Float(1 / squaredNorm.squareRoot())
        case .squareRoot: Float(1 / squaredNorm.squareRoot().squareRoot())
        }
    }

    /// ln(1 + x) of a row of counts, which is then scaled, so that long documents and frequent words do not drown the
    /// rest; values below zero, which counts do not have, leave the row as it is.
    var logarithmicCounts: WeightedRows.ValueMap {
        { values in
            if !values.contains(where: { $0 < 0 }) { bring(values, through: Float.log(onePlus:)) }
        }
    }

    /// f of every value of a row, which is then brought to its length.
    func bring(_ values: UnsafeMutableBufferPointer<Float>, through f: (Float) -> Float) {
        var square = 0.0
        for i in values.indices {
            values[i] = f(values[i])
            square += Double(values[i]) * Double(values[i])
        }
        if square == 0 { return }
        let factor = factor(squaredNorm: square)
        for i in values.indices { values[i] *= factor }
    }
}

extension VariationalAutoencoder {
    /// What this model's encoder sees of documents; see `LikelihoodFamily.encoderInput`.
    package func encoderInputs(from documents: WeightedRows) -> WeightedRows {
        likelihood.encoderInputs(from: documents, length: inputLength)
    }

    /// The same, copied.
    package func encoderInputs(from matrix: CSRMatrix) -> CSRMatrix {
        encoderInputs(from: WeightedRows(matrix)).weighted()
    }
}
