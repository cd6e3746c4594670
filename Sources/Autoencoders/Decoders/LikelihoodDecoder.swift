import SparseMatrices
import VectorKernelInterface

/// The objective −log p(x|h) of a likelihood with the codes h in place of z; its decoder is trained by Adam like the
/// encoder.
///
/// - Complexity: that of the likelihood; O(rows·V·H) for a batch.
package struct LikelihoodDecoder: SteppedDecoder {
    package var linear: LinearDecoder
    package let penalties: CodePenalties
    package let objective: ReconstructionObjective
    package private(set) var dispersion: DispersionDecoder?
    private let family: any ObjectiveFamily.Type
    /// As training started.
    private let reference: ObjectiveReference
    var state: LinearAdamState
    private var dispersionState: LinearAdamState?

    /// The step size relative to that of the dense layers: logits change over a wider range than the weights of those
    /// layers.
    private static let rateOfLayers: Float = 5

    /// - Parameters:
    ///   - linear: with the bias of independent features; see `DecoderStart`.
    ///   - dispersion: of the likelihoods that have one; the same for all codes.
    ///   - earlier: the decoder of a model that training goes on from, whose features are the first ones; new features
    ///     start as independent ones.
    /// - Precondition: the objective is a likelihood.
    package init(
        _ linear: LinearDecoder, dispersion: DispersionDecoder? = nil, objective: ReconstructionObjective,
        penalties: CodePenalties = [], from earlier: LinearDecoder? = nil
    ) {
        guard let family = objective.likelihood?.family as? any ObjectiveFamily.Type else {
            preconditionFailure("\(objective) is no likelihood of codes")
        }
        self.linear = linear
        self.objective = objective
        self.penalties = penalties
        self.family = family
        reference = ObjectiveReference(
            decoder: LinearDecoder(
                weights: DenseMatrix(rowCount: linear.featureCount, columnCount: 0), bias: linear.bias),
            dispersion: dispersion, normalizer: family.normalizer(bias: linear.bias.map(Double.init)))
        state = LinearAdamState(for: linear)
        self.dispersion = dispersion
        dispersionState = dispersion.map { LinearAdamState(for: $0.linear) }
        if let earlier { self.linear.adopt(earlier) }
    }

    package func evaluate(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, delta: UnsafeMutablePointer<Float>,
        workspace: DecoderWorkspace, execution: Execution
    ) -> BatchLoss {
        let rows = batch.rowCount
        var total = BatchLoss()
        total.reference = referenceLoss(batch, workspace: workspace, execution)
        let likelihood = family.of(linear, dispersion: dispersion)
        batch.withTargets { likelihood.observe($0, into: workspace.evidence, execution: execution) }
        likelihood.evaluate(
            codes, evidence: workspace.evidence, wantsCurvature: false, into: workspace.results, execution: execution)
        workspace.rowLosses = workspace.results.logLikelihoods.map { -$0 }
        total.reconstruction = workspace.rowLosses.reduce(0, +)
        let count = rows * linear.latentWidth
        delta.update(from: workspace.results.gradient.elements, count: count)
        kernels.scale(count: count, alpha: -1 / Float(rows), x: delta)
        if !penalties.isEmpty {
            penalties.accumulate(
                codes: codes, rows: rows, norms: linear.columnNorms(), delta: delta, to: &total)
        }
        return total
    }

    /// Σ −log p(x) over the rows of the batch, of the reference.
    private func referenceLoss(_ batch: SparseBatch, workspace: DecoderWorkspace, _ execution: Execution) -> Double {
        let evidence = workspace.evidence
        let likelihood = family.of(reference.decoder, dispersion: reference.dispersion)
        batch.withTargets { likelihood.observe($0, into: evidence, execution: execution) }
        return (0..<evidence.rowCount).reduce(0) { $0 + family.referenceLoss(ofRow: $1, evidence, reference) }
    }

    package mutating func learn(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, rate: Float,
        execution: Execution
    ) {
        // The likelihood shares the weights' memory and is released before they change, so that they need not be
        // copied.
        family.of(linear, dispersion: dispersion).decoderGradient(
            codes, batch: batch, evidence: workspace.evidence, weight: -1 / Float(batch.rowCount),
            results: workspace.results, into: &workspace.gradient, execution: execution)
        state.update(
            &linear, workspace.gradient.linear, rate: Self.rateOfLayers * rate, parallelism: execution.parallelism)
        guard var moved = dispersion else { return }
        dispersionState?.update(
            &moved.linear, workspace.gradient.dispersion, rate: Self.rateOfLayers * rate,
            parallelism: execution.parallelism)
        dispersion = moved
    }
}

extension LikelihoodDecoder: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("linear", &linear)
        walk.part("dispersion", &dispersion)
        walk.part("optimizer", &state)
        walk.part("dispersion_optimizer", &dispersionState)
    }
}
