import SparseMatrices

/// `MultinomialLikelihood` with its softmax over a sample C of the features, for training alone: the features T of the
/// batch's documents and S negatives, so that a batch costs nothing for the rest of the vocabulary.
///
///     log p̂(x|z) = Σ_v x_v·a_v − N·log Ẑ,   Ẑ = Σ_{v∈T} exp a_v + Σ_{v∈C∖T} exp(a_v − log π_v),   a = z·Dᵀ + c
///
/// π_v is the chance of a negative to be drawn. What the documents have is in the sum for certain and keeps its logit,
/// so Ẑ is an unbiased estimate of the softmax's normaliser Z given T, and ∂Ẑ one of ∂Z. The logarithm of an unbiased
/// estimate is not unbiased: by Jensen's inequality E log Ẑ ≤ log Z, so this likelihood is on average too large, and
/// its gradient, a ratio of estimates, is biased too; both errors vanish as S grows, and with all features it is the
/// exact likelihood. (Bengio & Senécal, "Adaptive Importance Sampling to Accelerate Training of a Neural Probabilistic
/// Language Model", IEEE Transactions on Neural Networks, 2008; Jean et al., "On Using Very Large Target Vocabulary
/// for Neural Machine Translation", ACL 2015.)
///
/// Gradients of the decoder have a row for each feature of the sample, in its order.
///
/// - Complexity: O(nnz·K + rows·(T + S)·K).
package struct SampledMultinomialLikelihood: Likelihood {
    /// Over the sampled features, with corrected biases.
    private let compact: MultinomialLikelihood
    private let slotOfFeature: [UInt32: UInt32]
    private let presentCount: Int

    package init(_ decoder: LinearDecoder, _ sample: FeatureSample) {
        compact = MultinomialLikelihood(decoder.restricted(to: sample))
        presentCount = sample.presentCount
        slotOfFeature = Dictionary(
            uniqueKeysWithValues: sample.features.prefix(sample.presentCount).enumerated().map { ($1, UInt32($0)) })
    }

    /// - Precondition: the documents have no other features than those that the sample was drawn beside.
    package func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution) {
        let slots = x.columnIndices.map { column in
            guard let slot = slotOfFeature[column] else {
                preconditionFailure("the sample was drawn for documents without feature \(column)")
            }
            return slot
        }
        slots.withUnsafeBufferPointer { slots in
            let documents = CSRView(
                rowCount: x.rowCount, columnCount: compact.decoder.featureCount, rowOffsets: x.rowOffsets,
                columnIndices: slots, values: x.values)
            compact.observe(documents, into: evidence, execution: execution)
        }
    }

    package func evaluate(
        _ z: UnsafePointer<Float>, evidence: LikelihoodEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution
    ) {
        compact.evaluate(
            z, evidence: evidence, wantsCurvature: wantsCurvature, into: results, execution: execution)
    }

    package func curvatureMatrices(
        _ z: UnsafePointer<Float>, draws: Int, evidence: LikelihoodEvidence, results: LikelihoodResults,
        into matrices: ScratchMatrix, execution: Execution
    ) {
        compact.curvatureMatrices(
            z, draws: draws, evidence: evidence, results: results, into: matrices, execution: execution)
    }

    /// - Parameter batch: whose touched columns are, in their order, the features that the sample was drawn beside.
    package func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, evidence: LikelihoodEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DecoderGradient, execution: Execution
    ) {
        precondition(
            batch.touchedColumns.count == presentCount,
            "the sample was drawn beside \(presentCount) features, not \(batch.touchedColumns.count)")
        compact.decoderGradient(
            z, batch: batch, observed: Array(0..<UInt32(presentCount)), evidence: evidence, weight: weight,
            results: results, into: &gradient, execution: execution)
    }
}

extension LinearDecoder {
    /// The sampled rows of D and c, with −log π added to c.
    fileprivate func restricted(to sample: FeatureSample) -> LinearDecoder {
        var rows = DenseMatrix(rowCount: sample.features.count, columnCount: latentWidth)
        weights.withUnsafeElements { all in
            rows.withUnsafeMutableElements { rows in
                for (i, feature) in sample.features.enumerated() {
                    (rows + i * latentWidth).update(from: all + Int(feature) * latentWidth, count: latentWidth)
                }
            }
        }
        return LinearDecoder(
            weights: rows, bias: zip(sample.features, sample.logWeights).map { bias[Int($0)] + $1 })
    }
}
