import RealModule
import SparseMatrices

/// log p(x|z) = Σ_v x_v·log softmax(z·Dᵀ + c)_v for word counts x: the documents' words are draws from a softmax over
/// the whole vocabulary (Miao, Yu & Blunsom, "Neural Variational Inference for Text Processing", ICML 2016). The
/// multinomial coefficient, which no parameter changes, is left out.
///
/// With the token count N and p = softmax(z·Dᵀ + c):
///
///     ∂/∂z   = xᵀD − N·pᵀD
///     −∂²/∂z² = N·(Σ_v p_v D_v∘D_v − (pᵀD)∘(pᵀD))   (its diagonal)
///
/// The part with x costs nnz·K; the softmax is computed for a block of features at a time, streaming its logarithm
/// of sums, so no matrix of batch × vocabulary is ever whole.
///
/// - Complexity: O(rows·V·K).
package struct MultinomialLikelihood: ExactLikelihood {
    package let decoder: LinearDecoder
    private let squaredWeights: DenseMatrix
    private let blocks: FeatureBlocks

    /// - Parameter blockWidth: how many features' logits may exist at the same time.
    package init(_ decoder: LinearDecoder, blockWidth: Int = 4096) {
        self.decoder = decoder
        blocks = FeatureBlocks(decoder, blockWidth: blockWidth)
        squaredWeights = decoder.squaredWeights
    }

    /// All features, a block at a time.
    package var featureBlocks: [Range<Int>] { blocks.ranges }
    private var blockWidth: Int { blocks.blockWidth }
    private var width: Int { decoder.latentWidth }

    package func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution) {
        decoder.observe(x, into: evidence, execution: execution)
    }

    package func evaluate(
        _ z: UnsafePointer<Float>, evidence: LikelihoodEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution
    ) {
        let rows = evidence.rowCount
        results.resize(rows: rows, width: width)
        results.logits.resize(rows: rows, width: blockWidth)
        results.maxima.resize(rows: rows, width: 1)
        results.sums.resize(rows: rows, width: 1)
        results.logLikelihoods.withUnsafeMutableBufferPointer { likelihoods in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let likelihoods = likelihoods
            blocks.forEachRows(of: rows, execution) { range in
                sumSoftmax(z, rows: range, results: results)
                accumulateMoments(z, rows: range, wantsCurvature: wantsCurvature, results: results)
                for row in range {
                    likelihoods[row] = finish(row, z, evidence, wantsCurvature: wantsCurvature, results: results)
                }
            }
        }
    }

    /// max and Σ exp of the logits of every row, streamed over the blocks of features.
    private func sumSoftmax(_ z: UnsafePointer<Float>, rows: Range<Int>, results: LikelihoodResults) {
        for row in rows {
            results.maxima.elements[row] = -.infinity
            results.sums.elements[row] = 0
        }
        for block in featureBlocks {
            blocks.computeLogits(z, rows: rows, features: block, decoder, into: results.logits)
            for row in rows {
                let logits = results.logits.elements + row * blockWidth
                let maximum = max(results.maxima.elements[row], kernels.maximum(count: block.count, x: logits))
                let carried = results.sums.elements[row] * Float.exp(results.maxima.elements[row] - maximum)
                results.sums.elements[row] =
                    carried + kernels.expSum(count: block.count, shift: maximum, x: logits)
                results.maxima.elements[row] = maximum
            }
        }
    }

    /// pᵀD into `gradient` and pᵀ(D∘D) into `curvature`, both still without their factors.
    private func accumulateMoments(
        _ z: UnsafePointer<Float>, rows: Range<Int>, wantsCurvature: Bool, results: LikelihoodResults
    ) {
        for (i, block) in featureBlocks.enumerated() {
            if featureBlocks.count > 1 { recomputeExponentials(z, rows: rows, features: block, results: results) }
            blocks.multiply(
                results.logits, decoder.weights, rows: rows, features: block, isFirst: i == 0, into: results.gradient)
            if wantsCurvature {
                blocks.multiply(
                    results.logits, squaredWeights, rows: rows, features: block, isFirst: i == 0,
                    into: results.curvature)
            }
        }
    }

    package func curvatureMatrices(
        _ z: UnsafePointer<Float>, draws: Int, evidence: LikelihoodEvidence, results: LikelihoodResults,
        into matrices: ScratchMatrix, execution: Execution
    ) {
        let sums = OuterProductSums(decoder, center: centroid)
        sums.reset(matrices, rows: evidence.rowCount, draws: draws)
        results.logits.resize(rows: evidence.rowCount, width: sums.blocks.blockWidth)
        sums.add(decoder.weights, weighedBy: results.logits, draws: draws, results, into: matrices, execution) {
            rows, features in
            sums.blocks.computeLogits(z, rows: rows, features: features, decoder, into: results.logits)
            for row in rows {
                let logits = results.logits.elements + row * sums.blocks.blockWidth
                _ = kernels.expSum(count: features.count, shift: results.maxima.elements[row], x: logits)
                kernels.scale(
                    count: features.count, alpha: Float(evidence.tokens[row]) / results.sums.elements[row], x: logits)
            }
        }
        sums.forEachDocument(of: matrices, execution) { document, matrix in
            for row in document * draws..<(document + 1) * draws where evidence.tokens[row] > 0 {
                subtractMean(row, evidence, results, center: sums.center, share: 1 / Float(draws), from: matrix)
            }
        }
    }

    /// Subtracts N·(m − d)(m − d)ᵀ with m = pᵀD, which the gradient xᵀD − N·m tells.
    private func subtractMean(
        _ row: Int, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults, center: [Float], share: Float,
        from matrix: UnsafeMutablePointer<Float>
    ) {
        let tokens = Float(evidence.tokens[row])
        let positive = evidence.projection.elements + row * width, gradient = results.gradient.elements + row * width
        let mean = (0..<width).map { (positive[$0] - gradient[$0]) / tokens - center[$0] }
        PackedTriangles.addOuterProduct(mean, weight: -share * tokens, to: matrix)
    }

    /// The mean of all features' weights. The curvature does not change when D is moved, but the difference that it is
    /// loses the fewer digits, the closer D lies around zero.
    private var centroid: [Float] {
        var center = [Float](repeating: 0, count: width)
        decoder.weights.withUnsafeElements { sumRows($0, rows: decoder.featureCount, width: width, into: &center) }
        return center.map { $0 / Float(max(1, decoder.featureCount)) }
    }

    private func finish(
        _ row: Int, _ z: UnsafePointer<Float>, _ evidence: LikelihoodEvidence, wantsCurvature: Bool,
        results: LikelihoodResults
    ) -> Double {
        let tokens = Float(evidence.tokens[row])
        let positive = evidence.projection.elements + row * width
        let gradient = results.gradient.elements + row * width
        let curvature = results.curvature.elements + row * width
        if tokens == 0 {
            // Also all there is to say where there are no features, whose softmax does not exist.
            gradient.update(repeating: 0, count: width)
            curvature.update(repeating: 0, count: width)
            return 0
        }
        let inverse = 1 / results.sums.elements[row]
        for unit in 0..<width {
            let mean = gradient[unit] * inverse
            if wantsCurvature { curvature[unit] = tokens * max(0, curvature[unit] * inverse - mean * mean) }
            gradient[unit] = positive[unit] - tokens * mean
        }
        let logSum = Double(results.maxima.elements[row]) + Double.log(Double(results.sums.elements[row]))
        return Double(kernels.dot(count: width, x: z + row * width, y: positive)) + evidence.constants[row]
            - evidence.tokens[row] * logSum
    }

    /// −x_v·log softmax(a)_v; the normaliser of the softmax follows from log p(x|z).
    package func entryLosses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double] {
        let entries = x.entries(ofRow: row)
        let logits = entries.map { decoder.output(of: Int(x.columnIndices[$0]), code) }
        let tokens = entries.reduce(0) { $0 + Double(x.values[$1]) }
        let observed = zip(entries, logits).reduce(0) { $0 + Double(x.values[$1.0]) * $1.1 }
        let normalizer = (observed - logLikelihood) / tokens
        return zip(entries, logits).map { Double(x.values[$0]) * (normalizer - $1) }
    }

    /// exp(logit − max) of a block, with the maximum over all blocks.
    private func recomputeExponentials(
        _ z: UnsafePointer<Float>, rows: Range<Int>, features: Range<Int>, results: LikelihoodResults
    ) {
        blocks.computeLogits(z, rows: rows, features: features, decoder, into: results.logits)
        for row in rows {
            _ = kernels.expSum(
                count: features.count, shift: results.maxima.elements[row],
                x: results.logits.elements + row * blockWidth)
        }
    }

    package func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, evidence: LikelihoodEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DecoderGradient, execution: Execution
    ) {
        decoderGradient(
            z, batch: batch, observed: batch.touchedColumns, evidence: evidence, weight: weight, results: results,
            into: &gradient, execution: execution)
    }

    /// The same for a decoder that numbers its features in another way than the batch.
    ///
    /// - Parameter observed: which of the decoder's features the batch's touched columns are, in their order.
    func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, observed: [UInt32], evidence: LikelihoodEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DecoderGradient, execution: Execution
    ) {
        let rows = batch.rowCount
        gradient.linear.reset(rows: decoder.featureCount, columns: width, biases: decoder.featureCount)
        for block in featureBlocks {
            blocks.forEachRows(of: rows, execution) { range in
                if featureBlocks.count > 1 {
                    recomputeExponentials(z, rows: range, features: block, results: results)
                }
                for row in range {
                    kernels.scale(
                        count: block.count,
                        alpha: -weight * Float(evidence.tokens[row]) / results.sums.elements[row],
                        x: results.logits.elements + row * blockWidth)
                }
            }
            blocks.multiplyResiduals(
                results.logits, z, rows: rows, features: block, into: &gradient.linear, execution: execution)
        }
        blocks.addObserved(
            z, batch: batch, features: observed, weight: weight, results: results, into: &gradient.linear,
            execution: execution)
    }
}

extension MultinomialLikelihood: ObjectiveFamily {
    package static var isPerToken: Bool { true }
    package static var needsCounts: Bool { true }
    package static var largestRefinementStep: Float { 1 }
    package static var decoderRate: Float { 8e-3 }
    package static var hasSampledSoftmax: Bool { true }
    package static var hasTemperature: Bool { true }
    package static var measuresLift: Bool { true }

    package static func encoderInput(length: InputLength) -> WeightedRows.ValueMap? { length.logarithmicCounts }

    package static func of(_ decoder: LinearDecoder, logVariance: LogVarianceDecoder?) -> any ExactLikelihood {
        MultinomialLikelihood(decoder)
    }

    package static func startingBias(of observed: ObservedFeatures) -> [Float] { observed.logShares }

    package static func normalizer(bias: [Double]) -> Double {
        .log(bias.reduce(0) { $0 + .exp($1) })
    }

    package static func featureMeans(_ decoder: LinearDecoder, temperature: Float) -> FeatureMeans {
        FeatureMeans(decoder, .shares(temperature: temperature))
    }

    /// As many words as some training document has.
    package static func draw(for data: some GenerationData) throws -> any EntryDraw { try data.words() }
}

extension FeatureMeans.Link {
    /// softmax(a/T) over all features.
    package static func shares(temperature: Float) -> Self {
        Self { row, featureCount in
            if temperature != 1 { kernels.scale(count: featureCount, alpha: 1 / temperature, x: row) }
            softmax(count: featureCount, x: row)
        }
    }
}

/// x = softmax(x), in place.
package func softmax(count: Int, x: UnsafeMutablePointer<Float>) {
    let sum = kernels.expSum(count: count, shift: kernels.maximum(count: count, x: x), x: x)
    kernels.scale(count: count, alpha: 1 / sum, x: x)
}
