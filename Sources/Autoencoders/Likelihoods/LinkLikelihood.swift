import SparseMatrices

/// log p(x|z) = Σ_v [x_v·a_v − A(a_v) + ln h(x_v)] with a = z·Dᵀ + c: every feature has a distribution of its own, from
/// an exponential family with the natural parameter a_v (a generalised linear model with its canonical link; McCullagh
/// & Nelder, "Generalized Linear Models", 1989).
///
///     ∂/∂z    = xᵀD − A'(a)ᵀD
///     −∂²/∂z² = A''(a)ᵀ(D∘D)   (its diagonal)
///
/// The part with x costs nnz·K; A and its derivatives go over all features, a block at a time.
///
/// - Complexity: O(rows·V·K).
package struct LinkLikelihood<Link: LikelihoodLink>: ExactLikelihood {
    package let decoder: LinearDecoder
    private let squaredWeights: DenseMatrix
    private let blocks: FeatureBlocks

    /// - Parameter blockWidth: how many features' logits may exist at the same time.
    package init(_ decoder: LinearDecoder, blockWidth: Int = 2048) {
        self.decoder = decoder
        blocks = FeatureBlocks(decoder, blockWidth: blockWidth)
        squaredWeights = decoder.squaredWeights
    }

    private var width: Int { decoder.latentWidth }

    package func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution) {
        decoder.observe(x, into: evidence, execution: execution, constant: Link.logBaseMeasure)
    }

    package func evaluate(
        _ z: UnsafePointer<Float>, evidence: LikelihoodEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution
    ) {
        let rows = evidence.rowCount
        results.resize(rows: rows, width: width)
        results.logits.resize(rows: rows, width: blocks.blockWidth)
        results.holdsSlopes = blocks.ranges.count == 1 && !(wantsCurvature && Link.varianceReplacesMean)
        results.logLikelihoods.withUnsafeMutableBufferPointer { likelihoods in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let likelihoods = likelihoods
            blocks.forEachRows(of: rows, execution) { range in
                for row in range {
                    let positive = evidence.projection.elements + row * width
                    likelihoods[row] =
                        Double(kernels.dot(count: width, x: z + row * width, y: positive)) + evidence.constants[row]
                }
                accumulate(z, rows: range, wantsCurvature: wantsCurvature, results: results, likelihoods)
                for row in range { subtractFromObserved(row, evidence, results) }
            }
        }
    }

    /// A'(a)ᵀD into `gradient` and A''(a)ᵀ(D∘D) into `curvature`; subtracts Σ A(a) from the likelihoods.
    private func accumulate(
        _ z: UnsafePointer<Float>, rows: Range<Int>, wantsCurvature: Bool, results: LikelihoodResults,
        _ likelihoods: UnsafeMutableBufferPointer<Double>
    ) {
        if blocks.ranges.isEmpty { clear(rows, results) }
        for (i, block) in blocks.ranges.enumerated() {
            blocks.computeLogits(z, rows: rows, features: block, decoder, into: results.logits)
            for row in rows {
                likelihoods[row] -= Link.partitionSum(count: block.count, logits: logits(ofRow: row, results))
            }
            blocks.multiply(
                results.logits, decoder.weights, rows: rows, features: block, isFirst: i == 0, into: results.gradient)
            guard wantsCurvature else { continue }
            for row in rows { Link.variances(count: block.count, means: logits(ofRow: row, results)) }
            blocks.multiply(
                results.logits, squaredWeights, rows: rows, features: block, isFirst: i == 0, into: results.curvature)
        }
    }

    package func curvatureMatrices(
        _ z: UnsafePointer<Float>, draws: Int, evidence: LikelihoodEvidence, results: LikelihoodResults,
        into matrices: ScratchMatrix, execution: Execution
    ) {
        let sums = OuterProductSums(decoder)
        sums.reset(matrices, rows: evidence.rowCount, draws: draws)
        results.holdsSlopes = false
        results.logits.resize(rows: evidence.rowCount, width: sums.blocks.blockWidth)
        sums.add(decoder.weights, weighedBy: results.logits, draws: draws, results, into: matrices, execution) {
            rows, features in
            sums.blocks.computeLogits(z, rows: rows, features: features, decoder, into: results.logits)
            for row in rows {
                let logits = results.logits.elements + row * sums.blocks.blockWidth
                _ = Link.partitionSum(count: features.count, logits: logits)
                Link.variances(count: features.count, means: logits)
            }
        }
    }

    package func entryLosses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double] {
        x.entries(ofRow: row).map {
            Link.entryLoss(Double(x.values[$0]), logit: decoder.output(of: Int(x.columnIndices[$0]), code))
        }
    }

    private func clear(_ rows: Range<Int>, _ results: LikelihoodResults) {
        for target in [results.gradient, results.curvature] {
            (target.elements + rows.lowerBound * width).update(repeating: 0, count: rows.count * width)
        }
    }

    private func subtractFromObserved(_ row: Int, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults) {
        let gradient = results.gradient.elements + row * width
        let positive = evidence.projection.elements + row * width
        for unit in 0..<width { gradient[unit] = positive[unit] - gradient[unit] }
    }

    private func logits(ofRow row: Int, _ results: LikelihoodResults) -> UnsafeMutablePointer<Float> {
        results.logits.elements + row * blocks.blockWidth
    }

    package func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, evidence: LikelihoodEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DecoderGradient, execution: Execution
    ) {
        let rows = batch.rowCount
        gradient.linear.reset(rows: decoder.featureCount, columns: width, biases: decoder.featureCount)
        for block in blocks.ranges {
            blocks.forEachRows(of: rows, execution) { range in
                if !results.holdsSlopes {
                    blocks.computeLogits(z, rows: range, features: block, decoder, into: results.logits)
                }
                for row in range {
                    let means = logits(ofRow: row, results)
                    if !results.holdsSlopes { _ = Link.partitionSum(count: block.count, logits: means) }
                    kernels.scale(count: block.count, alpha: -weight, x: means)
                }
            }
            blocks.multiplyResiduals(
                results.logits, z, rows: rows, features: block, into: &gradient.linear, execution: execution)
        }
        blocks.addObserved(
            z, batch: batch, weight: weight, results: results, into: &gradient.linear, execution: execution)
    }
}

/// What tells one exponential family from another.
package protocol LikelihoodLink: Sendable {
    /// ln h(x) of an entry; zero has to give zero, since entries that are not stored are not asked for.
    static func logBaseMeasure(_ x: Float) -> Double

    /// Σ A(a); the logits are overwritten with the means A'(a).
    static func partitionSum(count: Int, logits: UnsafeMutablePointer<Float>) -> Double

    /// Whether `variances` writes something else than the means.
    static var varianceReplacesMean: Bool { get }

    /// The means A'(a) are overwritten with the variances A''(a).
    static func variances(count: Int, means: UnsafeMutablePointer<Float>)

    /// −log p of an entry of the value x.
    static func entryLoss(_ x: Double, logit: Double) -> Double
}
