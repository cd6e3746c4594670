import RealModule
import SparseMatrices

/// A likelihood whose gradient holds counts of the words of documents against p = softmax(z·Dᵀ + c): with counts n_v,
/// which may depend on z, and their sum n,
///
///     ∂/∂(logit of v) = n_v − n·p_v
///     ∂/∂z            = Σ_v n_v D_v − n·pᵀD
///     curvature       = n·(Σ_v p_v D_v D_vᵀ − (pᵀD)(pᵀD)ᵀ)
///
/// The part with n_v costs nnz·K; the softmax is computed for a block of features at a time, streaming its logarithm
/// of sums, so no matrix of batch × vocabulary is ever whole.
///
/// - Complexity: O(rows·V·K).
package protocol SoftmaxLikelihood: ExactLikelihood {
    var softmax: BlockedSoftmax { get }

    /// Makes room for what `count` writes.
    func prepare(_ results: LikelihoodResults, for evidence: LikelihoodEvidence)

    /// Counts the words of a row, whose softmax has been summed.
    ///
    /// - Returns: log p(x|z); of no interest where the sum of the counts is zero.
    func count(
        row: Int, _ z: UnsafePointer<Float>, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults
    ) -> Double

    /// n of a row.
    func countSum(ofRow row: Int, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults) -> Float

    /// Σ_v n_v D_v and whatever else the gradient in z has besides −n·pᵀD: rows × K.
    func projection(_ evidence: LikelihoodEvidence, _ results: LikelihoodResults) -> ScratchMatrix

    /// n_v of each stored entry of the documents, in their order; nil if they are the documents' own.
    func counts(_ results: LikelihoodResults) -> ScratchMatrix?

    /// What the curvature of a row has besides that of the softmax.
    ///
    /// - Parameter add: adds w·vvᵀ for a vector v and a weight w from 0.
    func addCurvature(
        ofRow row: Int, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults,
        add: (_ vector: [Float], _ weight: Float) -> Void)

    /// The gradient of what is learned besides the decoder.
    func addDispersionGradient(
        _ z: UnsafePointer<Float>, rows: Int, weight: Float, results: LikelihoodResults,
        into gradient: inout DecoderGradient)
}

/// What holds for every softmax over words.
extension SoftmaxLikelihood where Self: ObjectiveFamily {
    package static var isPerToken: Bool { true }
    package static var needsCounts: Bool { true }
    package static var largestRefinementStep: Float { 1 }
    package static var decoderRate: Float { 8e-3 }
    package static var hasTemperature: Bool { true }
    package static var measuresLift: Bool { true }

    package static func encoderInput(length: InputLength) -> WeightedRows.ValueMap? { length.logarithmicCounts }

    package static func startingBias(of observed: ObservedFeatures) -> [Float] { observed.logShares }

    package static func normalizer(bias: [Double]) -> Double { .log(bias.reduce(0) { $0 + .exp($1) }) }

    package static func featureMeans(_ decoder: LinearDecoder, temperature: Float) -> FeatureMeans {
        FeatureMeans(decoder, .shares(temperature: temperature))
    }

    /// As many words as some training document has.
    package static func draw(for data: some GenerationData) throws -> any EntryDraw { try data.words() }
}

extension SoftmaxLikelihood {
    package func prepare(_ results: LikelihoodResults, for evidence: LikelihoodEvidence) {}

    package func counts(_ results: LikelihoodResults) -> ScratchMatrix? { nil }

    package func addCurvature(
        ofRow row: Int, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults,
        add: (_ vector: [Float], _ weight: Float) -> Void
    ) {}

    package func addDispersionGradient(
        _ z: UnsafePointer<Float>, rows: Int, weight: Float, results: LikelihoodResults,
        into gradient: inout DecoderGradient
    ) {}

    package var decoder: LinearDecoder { softmax.decoder }
    /// All features, a block at a time.
    package var featureBlocks: [Range<Int>] { softmax.blocks.ranges }
    var width: Int { decoder.latentWidth }

    package func evaluate(
        _ z: UnsafePointer<Float>, evidence: LikelihoodEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution
    ) {
        let rows = evidence.rowCount
        results.resize(rows: rows, width: width)
        softmax.resize(results, rows: rows)
        prepare(results, for: evidence)
        results.logLikelihoods.withUnsafeMutableBufferPointer { likelihoods in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let likelihoods = likelihoods
            softmax.blocks.forEachRows(of: rows, execution) { range in
                softmax.sum(z, rows: range, results)
                softmax.accumulateMoments(z, rows: range, wantsCurvature: wantsCurvature, results)
                for row in range {
                    likelihoods[row] = count(row: row, z, evidence, results)
                    // Also all there is to say where there are no features, whose softmax does not exist.
                    if countSum(ofRow: row, evidence, results) == 0 { likelihoods[row] = 0 }
                    finish(row, evidence, wantsCurvature: wantsCurvature, results)
                }
            }
        }
    }

    /// Makes a gradient and a diagonal of the curvature of a row's moments.
    private func finish(
        _ row: Int, _ evidence: LikelihoodEvidence, wantsCurvature: Bool, _ results: LikelihoodResults
    ) {
        let sum = countSum(ofRow: row, evidence, results)
        let projection = projection(evidence, results).elements + row * width
        let gradient = results.gradient.elements + row * width
        let curvature = results.curvature.elements + row * width
        if sum == 0 {
            gradient.update(repeating: 0, count: width)
            curvature.update(repeating: 0, count: width)
            return
        }
        let inverse = 1 / results.sums.elements[row]
        for unit in 0..<width {
            let mean = gradient[unit] * inverse
            if wantsCurvature { curvature[unit] = sum * max(0, curvature[unit] * inverse - mean * mean) }
            gradient[unit] = projection[unit] - sum * mean
        }
        if wantsCurvature {
            addCurvature(ofRow: row, evidence, results) { vector, weight in
                for unit in 0..<width { curvature[unit] += weight * vector[unit] * vector[unit] }
            }
        }
    }

    package func curvatureMatrices(
        _ z: UnsafePointer<Float>, draws: Int, evidence: LikelihoodEvidence, results: LikelihoodResults,
        into matrices: ScratchMatrix, execution: Execution
    ) {
        let sums = OuterProductSums(decoder, center: softmax.centroid)
        sums.reset(matrices, rows: evidence.rowCount, draws: draws)
        results.logits.resize(rows: evidence.rowCount, width: sums.blocks.blockWidth)
        sums.add(decoder.weights, weighedBy: results.logits, draws: draws, results, into: matrices, execution) {
            rows, features in
            sums.blocks.computeLogits(z, rows: rows, features: features, decoder, into: results.logits)
            for row in rows {
                let logits = results.logits.elements + row * sums.blocks.blockWidth
                _ = kernels.expSum(count: features.count, shift: results.maxima.elements[row], x: logits)
                let sum = countSum(ofRow: row, evidence, results)
                kernels.scale(count: features.count, alpha: sum / results.sums.elements[row], x: logits)
            }
        }
        sums.forEachDocument(of: matrices, execution) { document, matrix in
            for row in document * draws..<(document + 1) * draws where countSum(ofRow: row, evidence, results) > 0 {
                finish(row, evidence, results, center: sums.center, share: 1 / Float(draws), matrix)
            }
        }
    }

    /// Subtracts n·(m − d)(m − d)ᵀ with m = pᵀD, which the gradient Σ n_v D_v − n·m tells, and adds the rest.
    private func finish(
        _ row: Int, _ evidence: LikelihoodEvidence, _ results: LikelihoodResults, center: [Float], share: Float,
        _ matrix: UnsafeMutablePointer<Float>
    ) {
        let sum = countSum(ofRow: row, evidence, results)
        let projection = projection(evidence, results).elements + row * width
        let gradient = results.gradient.elements + row * width
        let mean = (0..<width).map { (projection[$0] - gradient[$0]) / sum - center[$0] }
        PackedTriangles.addOuterProduct(mean, weight: -share * sum, to: matrix)
        addCurvature(ofRow: row, evidence, results) { vector, weight in
            PackedTriangles.addOuterProduct(vector, weight: share * weight, to: matrix)
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
        let (rows, blocks) = (batch.rowCount, softmax.blocks)
        gradient.linear.reset(rows: decoder.featureCount, columns: width, biases: decoder.featureCount)
        for block in featureBlocks {
            blocks.forEachRows(of: rows, execution) { range in
                if featureBlocks.count > 1 { softmax.recomputeExponentials(z, rows: range, features: block, results) }
                for row in range {
                    kernels.scale(
                        count: block.count,
                        alpha: -weight * countSum(ofRow: row, evidence, results) / results.sums.elements[row],
                        x: results.logits.elements + row * blocks.blockWidth)
                }
            }
            blocks.multiplyResiduals(
                results.logits, z, rows: rows, features: block, into: &gradient.linear, execution: execution)
        }
        blocks.addObserved(
            z, batch: batch, counts: counts(results), features: observed, weight: weight, results: results,
            into: &gradient.linear, execution: execution)
        addDispersionGradient(z, rows: rows, weight: weight, results: results, into: &gradient)
    }
}

/// softmax(z·Dᵀ + c) of the rows of a batch, a block of features at a time.
package struct BlockedSoftmax: Sendable {
    let decoder: LinearDecoder
    let blocks: FeatureBlocks
    private let squaredWeights: DenseMatrix

    init(_ decoder: LinearDecoder, blockWidth: Int) {
        self.decoder = decoder
        blocks = FeatureBlocks(decoder, blockWidth: blockWidth)
        squaredWeights = decoder.squaredWeights
    }

    func resize(_ results: LikelihoodResults, rows: Int) {
        results.logits.resize(rows: rows, width: blocks.blockWidth)
        results.maxima.resize(rows: rows, width: 1)
        results.sums.resize(rows: rows, width: 1)
    }

    /// max and Σ exp of the logits of every row, streamed over the blocks of features.
    func sum(_ z: UnsafePointer<Float>, rows: Range<Int>, _ results: LikelihoodResults) {
        for row in rows {
            results.maxima.elements[row] = -.infinity
            results.sums.elements[row] = 0
        }
        for block in blocks.ranges {
            blocks.computeLogits(z, rows: rows, features: block, decoder, into: results.logits)
            for row in rows {
                let logits = results.logits.elements + row * blocks.blockWidth
                let maximum = max(results.maxima.elements[row], kernels.maximum(count: block.count, x: logits))
                let carried = results.sums.elements[row] * Float.exp(results.maxima.elements[row] - maximum)
                results.sums.elements[row] =
                    carried + kernels.expSum(count: block.count, shift: maximum, x: logits)
                results.maxima.elements[row] = maximum
            }
        }
    }

    /// ln Σ exp of the logits of a row.
    func logSum(ofRow row: Int, _ results: LikelihoodResults) -> Double {
        Double(results.maxima.elements[row]) + Double.log(Double(results.sums.elements[row]))
    }

    /// pᵀD into `gradient` and pᵀ(D∘D) into `curvature`, both still without their factors.
    func accumulateMoments(
        _ z: UnsafePointer<Float>, rows: Range<Int>, wantsCurvature: Bool, _ results: LikelihoodResults
    ) {
        for (i, block) in blocks.ranges.enumerated() {
            if blocks.ranges.count > 1 { recomputeExponentials(z, rows: rows, features: block, results) }
            blocks.multiply(
                results.logits, decoder.weights, rows: rows, features: block, isFirst: i == 0, into: results.gradient)
            if wantsCurvature {
                blocks.multiply(
                    results.logits, squaredWeights, rows: rows, features: block, isFirst: i == 0,
                    into: results.curvature)
            }
        }
    }

    /// exp(logit − max) of a block, with the maximum over all blocks.
    func recomputeExponentials(
        _ z: UnsafePointer<Float>, rows: Range<Int>, features: Range<Int>, _ results: LikelihoodResults
    ) {
        blocks.computeLogits(z, rows: rows, features: features, decoder, into: results.logits)
        for row in rows {
            _ = kernels.expSum(
                count: features.count, shift: results.maxima.elements[row],
                x: results.logits.elements + row * blocks.blockWidth)
        }
    }

    /// The mean of all features' weights. The curvature does not change when D is moved, but the difference that it is
    /// loses the fewer digits, the closer D lies around zero.
    var centroid: [Float] {
        var center = [Float](repeating: 0, count: decoder.latentWidth)
        decoder.weights.withUnsafeElements {
            sumRows($0, rows: decoder.featureCount, width: decoder.latentWidth, into: &center)
        }
        return center.map { $0 / Float(max(1, decoder.featureCount)) }
    }
}
