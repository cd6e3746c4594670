import SparseMatrices

/// The decoder of an autoencoder together with its objective.
///
/// Evaluation and learning are separate: `evaluate` maps codes and sparse targets to a loss and a gradient without
/// changing anything; `learn` then improves the decoder from the same batch.
package protocol ReconstructionDecoder: SavedState, Sendable {
    /// The batch's loss and its gradient with respect to the codes.
    ///
    /// - Parameters:
    ///   - batch: the rows to be reconstructed.
    ///   - codes: rows × H.
    ///   - delta: rows × H, overwritten with ∂(loss/rows)/∂codes.
    func evaluate(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, delta: UnsafeMutablePointer<Float>,
        workspace: DecoderWorkspace, execution: Execution
    ) -> BatchLoss

    /// Learns from the batch that was evaluated last, whose intermediate results are in the workspace.
    mutating func learn(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, rate: Float,
        execution: Execution)

    /// Multiplies the reconstruction of each feature by a factor; decoders with statistics ignore it, since they are
    /// fitted again afterwards.
    mutating func rescale(features factors: [Float])

    /// Resets what the given units add to documents.
    mutating func restart(units: [Int])

    /// The objective that is minimised.
    var objective: ReconstructionObjective { get }
    /// What is learned besides the decoder, of objectives that have it.
    var dispersion: DispersionDecoder? { get }
    /// The penalties on the codes.
    var penalties: CodePenalties { get }

    /// The current decoder, without copying it; nothing can be learned afterwards.
    mutating func takeLinearDecoder(execution: Execution) -> LinearDecoder
}

/// A decoder that can be fitted to codes, because it follows from statistics of them.
protocol FittedDecoder: ReconstructionDecoder {
    /// Resets the statistics of earlier codes.
    mutating func forget()

    /// Adds the statistics of earlier documents to none.
    mutating func recall(_ memory: DecoderMemory, ridge: Double, execution: Execution)

    /// Adds a batch and its codes to the statistics, without decay.
    mutating func collect(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, execution: Execution)

    /// Computes the best decoder for the collected statistics, with a ridge penalty of `ridge` times the mean square of
    /// the codes.
    mutating func solve(ridge: Double, workspace: DecoderWorkspace, execution: Execution)
}

/// A decoder that is trained by Adam, like the encoder.
protocol SteppedDecoder: ReconstructionDecoder {
    var linear: LinearDecoder { get set }
    var state: LinearAdamState { get set }
}

extension SteppedDecoder {
    package mutating func rescale(features factors: [Float]) { linear.rescale(features: factors) }

    package mutating func restart(units: [Int]) {
        linear.weights.clear(columns: units)
        state.restart(units: units, withBias: false)
    }

    package mutating func takeLinearDecoder(execution: Execution) -> LinearDecoder { linear.take() }
}

extension ReconstructionDecoder {
    package var objective: ReconstructionObjective { .squaredError }
    package var dispersion: DispersionDecoder? { nil }
}

/// Sums over the rows of a batch.
package struct BatchLoss: Sendable {
    /// Σ ½‖x − x̂‖², or Σ −log p(x|h).
    package var reconstruction: Double = 0
    /// Σ of the penalties on the codes.
    package var penalty: Double = 0
    /// The reconstruction loss without codes: Σ ½‖x‖², or Σ −log p(x) of independent features.
    package var reference: Double = 0

    package init() {}

    package static func += (total: inout BatchLoss, batch: BatchLoss) {
        total.reconstruction += batch.reconstruction
        total.penalty += batch.penalty
        total.reference += batch.reference
    }
}

/// The working memory of a decoder, kept from `evaluate` to `learn` and from batch to batch.
package final class DecoderWorkspace {
    let augmentedCodes = ScratchMatrix()
    let projection = ScratchMatrix()
    let dual = ScratchMatrix()
    package let gramCodes = ScratchMatrix()
    package let touchedRows = ScratchMatrix()
    let gramProjection = ScratchMatrix()
    let product = ScratchMatrix()
    private var solution = AlignedBuffer<Double>(uninitialized: 0)
    /// The reconstruction loss of each row of the batch.
    package var rowLosses: [Double] = []
    let evidence = LikelihoodEvidence()
    let results = LikelihoodResults()
    /// The gradient, for decoders that are trained by Adam.
    package var gradient = DecoderGradient()

    package init() {}

    /// Uninitialised memory for numbers in Double.
    func solution(count: Int) -> UnsafeMutablePointer<Double> {
        if count > solution.count { solution = AlignedBuffer(uninitialized: count) }
        return solution.baseAddress
    }
}

/// ‖x‖² of one row.
@inline(__always)
func squaredNorm(ofRow row: Int, _ x: CSRView) -> Double {
    var sum = 0.0
    for entry in x.entries(ofRow: row) { sum += Double(x.values[entry]) * Double(x.values[entry]) }
    return sum
}
