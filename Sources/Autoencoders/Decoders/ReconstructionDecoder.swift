import SparseMatrices

/// The half of an autoencoder that turns codes back into documents, and the objective that goes with it.
///
/// Evaluating and learning are apart: `evaluate` maps codes and sparse targets to a loss and a gradient and changes
/// nothing; `learn` then improves the decoder from the same batch.
package protocol ReconstructionDecoder: Sendable {
    /// The batch's loss and its gradient with respect to the codes.
    ///
    /// - Parameters:
    ///   - batch: whose targets are to be reconstructed.
    ///   - codes: rows × H.
    ///   - delta: rows × H, overwritten with ∂(loss/rows)/∂codes.
    func evaluate(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, delta: UnsafeMutablePointer<Float>,
        workspace: DecoderWorkspace, execution: Execution
    ) -> BatchLoss

    /// Learns from the batch just evaluated, whose intermediate results the workspace still holds.
    mutating func learn(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, rate: Float,
        execution: Execution)

    /// Multiplies the reconstruction of every feature; decoders with statistics, which are to be fitted anew, ignore it.
    mutating func rescale(features factors: [Float])

    /// Forgets what units add to documents; they start anew.
    mutating func restart(units: [Int])

    /// What is minimised.
    var objective: ReconstructionObjective { get }
    /// What is learned besides the decoder, of objectives that have it.
    var dispersion: DispersionDecoder? { get }
    /// What the codes cost.
    var penalties: CodePenalties { get }

    /// The decoder as it stands, which is handed over rather than copied: there is nothing left to learn with.
    mutating func takeLinearDecoder(execution: Execution) -> LinearDecoder
}

/// A decoder that can be fitted to codes: it follows from statistics of them, and not from steps alone.
package protocol FittedDecoder: ReconstructionDecoder {
    /// Forgets what the statistics of earlier codes say.
    mutating func forget()

    /// Takes note of a batch and its codes without decay.
    mutating func collect(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, execution: Execution)

    /// Becomes the best decoder for what has been collected, pulled towards zero by `ridge`, a share of the mean
    /// square of the codes.
    mutating func solve(ridge: Double, workspace: DecoderWorkspace, execution: Execution)
}

/// A decoder that Adam moves, as it does the encoder.
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
    /// What the reconstruction would lose without codes: Σ ½‖x‖², or Σ −log p(x) of independent features.
    package var reference: Double = 0

    package init() {}

    package static func += (total: inout BatchLoss, batch: BatchLoss) {
        total.reconstruction += batch.reconstruction
        total.penalty += batch.penalty
        total.reference += batch.reference
    }
}

/// Scratch of a decoder, kept from `evaluate` to `learn` and from batch to batch.
package final class DecoderWorkspace {
    let augmentedCodes = ScratchMatrix()
    let projection = ScratchMatrix()
    let dual = ScratchMatrix()
    package let gramCodes = ScratchMatrix()
    package let touchedRows = ScratchMatrix()
    let gramProjection = ScratchMatrix()
    let product = ScratchMatrix()
    private var solution = AlignedBuffer<Double>(uninitialized: 0)
    /// The reconstruction's loss on each row of the batch.
    package var rowLosses: [Double] = []
    let evidence = LikelihoodEvidence()
    let results = LikelihoodResults()
    /// Of decoders that Adam moves.
    package var gradient = DecoderGradient()

    package init() {}

    /// Room for numbers in Double, which hold anything.
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
