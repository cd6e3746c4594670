import SparseMatrices
import VectorKernelInterface

/// −log p(x|h) of a likelihood with the codes h in the place of z, its decoder trained by Adam like the encoder.
///
/// - Complexity: that of the likelihood; of a batch, O(rows·V·H).
package struct LikelihoodDecoder: SteppedDecoder {
    package var linear: LinearDecoder
    package let penalties: CodePenalties
    package let objective: ReconstructionObjective
    private let family: any ObjectiveFamily.Type
    /// The decoder without codes, its bias as training started: what losses are compared to.
    private let reference: LinearDecoder
    /// See `ObjectiveFamily.normalizer`.
    private let referenceNormalizer: Double
    var state: LinearAdamState

    /// Logits have to travel further than the weights of the layers before them.
    private static let rateOfLayers: Float = 5

    /// - Parameter linear: with the bias of independent features; see `DecoderStart`.
    /// - Precondition: the objective is a likelihood.
    package init(_ linear: LinearDecoder, objective: ReconstructionObjective, penalties: CodePenalties = []) {
        guard let family = objective.likelihood?.family as? any ObjectiveFamily.Type else {
            preconditionFailure("\(objective) is no likelihood of codes")
        }
        self.linear = linear
        self.objective = objective
        self.penalties = penalties
        self.family = family
        reference = LinearDecoder(
            weights: DenseMatrix(rowCount: linear.featureCount, columnCount: 0), bias: linear.bias)
        referenceNormalizer = family.normalizer(bias: linear.bias.map(Double.init))
        state = LinearAdamState(for: linear)
    }

    package func evaluate(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, delta: UnsafeMutablePointer<Float>,
        workspace: DecoderWorkspace, execution: Execution
    ) -> BatchLoss {
        let rows = batch.rowCount
        var total = BatchLoss()
        total.reference = referenceLoss(batch, workspace: workspace, execution)
        let likelihood = family.of(linear, logVariance: nil)
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

    /// Σ −log p(x) of the reference.
    private func referenceLoss(_ batch: SparseBatch, workspace: DecoderWorkspace, _ execution: Execution) -> Double {
        let evidence = workspace.evidence
        let likelihood = family.of(reference, logVariance: nil)
        batch.withTargets { likelihood.observe($0, into: evidence, execution: execution) }
        return zip(evidence.tokens, evidence.constants).reduce(0) { sum, row in
            sum + (family.isPerToken ? row.0 : 1) * referenceNormalizer - row.1
        }
    }

    package mutating func learn(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, rate: Float,
        execution: Execution
    ) {
        // The likelihood shares the weights; it is gone when they change, which then need not be copied.
        family.of(linear, logVariance: nil).decoderGradient(
            codes, batch: batch, evidence: workspace.evidence, weight: -1 / Float(batch.rowCount),
            results: workspace.results, into: &workspace.gradient, execution: execution)
        state.update(
            &linear, workspace.gradient.linear, rate: Self.rateOfLayers * rate, parallelism: execution.parallelism)
    }
}

/// The log-variances of features given z: s_v = r_v + b·tanh((z·E_v + e_v − r_v)/b) with b = `bound`.
///
/// r is the logarithm of each feature's variance over the training documents, so a variance stays within a factor of
/// e^±b of that whatever the unit of the data: nothing overflows, no feature that can be told exactly draws its
/// density to infinity, and no slope vanishes for good. At z·E_v + e_v = r_v the bound changes nothing.
package struct LogVarianceDecoder: Sendable {
    /// E (features × K) and e.
    package var linear: LinearDecoder
    /// r: features.
    package let center: [Float]

    /// |s_v − r_v| never exceeds this.
    package static let bound: Float = 10

    package init(linear: LinearDecoder, center: [Float]) {
        precondition(
            center.count == linear.featureCount, "\(linear.featureCount) features have \(center.count) centers")
        self.linear = linear
        self.center = center
    }

    /// Turns z·Eᵀ + e of a run of features into s, in place.
    ///
    /// - Parameter slopes: overwritten with ∂s/∂(z·Eᵀ + e).
    package func bound(
        _ values: UnsafeMutablePointer<Float>, features: Range<Int>, slopes: UnsafeMutablePointer<Float>
    ) {
        let b = Self.bound
        center.withUnsafeBufferPointer { center in
            for i in 0..<features.count { values[i] = (values[i] - center[features.lowerBound + i]) / b }
            kernels.tanh(count: features.count, x: values)
            for i in 0..<features.count {
                slopes[i] = 1 - values[i] * values[i]
                values[i] = center[features.lowerBound + i] + b * values[i]
            }
        }
    }
}
