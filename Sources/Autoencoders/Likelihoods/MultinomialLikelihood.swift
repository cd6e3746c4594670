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
package struct MultinomialLikelihood {
    package let decoder: LinearDecoder
    /// D∘D, for the curvature.
    private let squaredWeights: DenseMatrix
    /// Features whose logits exist at the same time.
    private let blockWidth: Int
    /// All features, a block at a time.
    package let featureBlocks: [Range<Int>]

    /// Rows that one thread works on at a time: their logits stay in its cache.
    private static let rowsPerBlock = 32

    /// - Parameter blockWidth: how many features' logits may exist at the same time.
    package init(_ decoder: LinearDecoder, blockWidth: Int = 4096) {
        self.decoder = decoder
        let (count, blockWidth) = (decoder.featureCount, max(1, min(decoder.featureCount, blockWidth)))
        self.blockWidth = blockWidth
        featureBlocks = stride(from: 0, to: count, by: blockWidth).map { $0..<min($0 + blockWidth, count) }
        var squares = decoder.weights
        let elementCount = squares.elementCount
        squares.withUnsafeMutableElements { d in for i in 0..<elementCount { d[i] *= d[i] } }
        squaredWeights = squares
    }

    private var featureCount: Int { decoder.featureCount }
    private var width: Int { decoder.latentWidth }

    /// What a batch's counts contribute, whatever z is: xᵀD, x·c and N of every row.
    package func observe(_ x: CSRView, into evidence: CountEvidence, execution: Execution) {
        evidence.projection.reset(rows: x.rowCount, width: width)
        decoder.weights.withUnsafeElements { execution.spmm(x, $0, width: width, into: evidence.projection.elements) }
        evidence.tokens.removeAll(keepingCapacity: true)
        evidence.biasSums.removeAll(keepingCapacity: true)
        for row in 0..<x.rowCount {
            var tokens = 0.0, biasSum = 0.0
            for entry in x.entries(ofRow: row) {
                tokens += Double(x.values[entry])
                biasSum += Double(x.values[entry]) * Double(decoder.bias[Int(x.columnIndices[entry])])
            }
            evidence.tokens.append(tokens)
            evidence.biasSums.append(biasSum)
        }
    }

    /// log p(x|z) of every row and, where asked for, its gradient and the diagonal of its negative Hessian in z.
    ///
    /// - Parameters:
    ///   - z: rows × K.
    ///   - results: `logLikelihoods` and `gradient` are always filled, `curvature` if `wantsCurvature`.
    package func evaluate(
        _ z: UnsafePointer<Float>, evidence: CountEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution
    ) {
        let rows = evidence.tokens.count
        results.resize(rows: rows, width: width, blockWidth: blockWidth)
        results.logLikelihoods.withUnsafeMutableBufferPointer { likelihoods in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let likelihoods = likelihoods
            execution.parallelism.forEachRange(of: rows, blockSize: Self.rowsPerBlock) { range in
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
            computeLogits(z, rows: rows, features: block, results: results)
            for row in rows {
                let logits = results.logits.elements + row * blockWidth
                let maximum = max(results.maxima.elements[row], kernels.maximum(count: block.count, x: logits))
                let carried = results.sums.elements[row] * exponential(results.maxima.elements[row] - maximum)
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
            decoder.weights.withUnsafeElements { d in
                multiplyBlock(d, rows: rows, features: block, isFirst: i == 0, into: results.gradient, results)
            }
            if wantsCurvature {
                squaredWeights.withUnsafeElements { d in
                    multiplyBlock(d, rows: rows, features: block, isFirst: i == 0, into: results.curvature, results)
                }
            }
        }
    }

    private func finish(
        _ row: Int, _ z: UnsafePointer<Float>, _ evidence: CountEvidence, wantsCurvature: Bool,
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
        let logSum = Double(results.maxima.elements[row]) + logarithm(Double(results.sums.elements[row]))
        return Double(kernels.dot(count: width, x: z + row * width, y: positive)) + evidence.biasSums[row]
            - evidence.tokens[row] * logSum
    }

    // MARK: Blocks

    private func computeLogits(
        _ z: UnsafePointer<Float>, rows: Range<Int>, features: Range<Int>, results: LikelihoodResults
    ) {
        decoder.bias.withUnsafeBufferPointer { bias in
            guard let start = bias.baseAddress else { return }
            for row in rows {
                (results.logits.elements + row * blockWidth).update(
                    from: start + features.lowerBound, count: features.count)
            }
        }
        decoder.weights.withUnsafeElements { d in
            DenseProducts.multiplyBlock(
                z + rows.lowerBound * width, strideA: width, d + features.lowerBound * width, strideB: width,
                transposeB: true, m: rows.count, n: features.count, k: width, beta: 1,
                into: results.logits.elements + rows.lowerBound * blockWidth, strideC: blockWidth)
        }
    }

    /// exp(logit − max) of a block, with the maximum over all blocks.
    private func recomputeExponentials(
        _ z: UnsafePointer<Float>, rows: Range<Int>, features: Range<Int>, results: LikelihoodResults
    ) {
        computeLogits(z, rows: rows, features: features, results: results)
        for row in rows {
            _ = kernels.expSum(
                count: features.count, shift: results.maxima.elements[row],
                x: results.logits.elements + row * blockWidth)
        }
    }

    private func multiplyBlock(
        _ d: UnsafePointer<Float>, rows: Range<Int>, features: Range<Int>, isFirst: Bool, into target: ScratchMatrix,
        _ results: LikelihoodResults
    ) {
        DenseProducts.multiplyBlock(
            results.logits.elements + rows.lowerBound * blockWidth, strideA: blockWidth,
            d + features.lowerBound * width, strideB: width, transposeB: false, m: rows.count, n: width,
            k: features.count, beta: isFirst ? 0 : 1, into: target.elements + rows.lowerBound * width, strideC: width)
    }
}

extension MultinomialLikelihood {
    /// ∂ Σ_rows w·log p(x|z)/∂(D, c), after `evaluate` at the same z.
    ///
    /// - Parameters:
    ///   - weight: w.
    ///   - gradient: overwritten.
    package func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, evidence: CountEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DenseLinearGradient, execution: Execution
    ) {
        let rows = batch.rowCount
        gradient.resetTransposed(features: featureCount, width: width)
        for block in featureBlocks {
            execution.parallelism.forEachRange(of: rows, blockSize: Self.rowsPerBlock) { range in
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
            gradient.weights.withUnsafeMutableElements { g in
                execution.parallelism.forEachRange(of: block.count, blockSize: 128) { features in
                    DenseProducts.multiplyBlock(
                        results.logits.elements + features.lowerBound, strideA: blockWidth, transposeA: true,
                        z, strideB: width, transposeB: false, m: features.count, n: width, k: rows, beta: 0,
                        into: g + (block.lowerBound + features.lowerBound) * width, strideC: width)
                }
            }
            gradient.bias.withUnsafeMutableBufferPointer { bias in
                guard let start = bias.baseAddress else { return }
                (start + block.lowerBound).update(repeating: 0, count: block.count)
                for row in 0..<rows {
                    kernels.axpy(
                        count: block.count, alpha: 1, x: results.logits.elements + row * blockWidth,
                        y: start + block.lowerBound)
                }
            }
        }
        addObserved(z, batch: batch, weight: weight, results: results, into: &gradient, execution: execution)
    }

    /// The part of the counts themselves: w·Xᵀz and w·Σ x, over the touched features.
    private func addObserved(
        _ z: UnsafePointer<Float>, batch: SparseBatch, weight: Float, results: LikelihoodResults,
        into gradient: inout DenseLinearGradient, execution: Execution
    ) {
        let touched = batch.touchedColumns
        results.touched.reset(rows: touched.count, width: width)
        batch.withTransposedTargets { x in
            execution.spmm(x, z, width: width, into: results.touched.elements)
            gradient.weights.withUnsafeMutableElements { g in
                for (i, feature) in touched.enumerated() {
                    kernels.axpy(
                        count: width, alpha: weight, x: results.touched.elements + i * width,
                        y: g + Int(feature) * width)
                    var sum: Float = 0
                    for entry in x.entries(ofRow: i) { sum += x.values[entry] }
                    gradient.bias[Int(feature)] += weight * sum
                }
            }
        }
    }
}

/// What the counts of a batch contribute to the likelihood, whatever z is.
package final class CountEvidence {
    /// xᵀD: rows × K.
    let projection = ScratchMatrix()
    /// N, the tokens of each row.
    package fileprivate(set) var tokens: [Double] = []
    /// x·c of each row.
    fileprivate var biasSums: [Double] = []

    package init() {}
}

/// Results and scratch of a likelihood.
package final class LikelihoodResults {
    package fileprivate(set) var logLikelihoods: [Double] = []
    /// rows × K.
    package let gradient = ScratchMatrix()
    /// rows × K.
    package let curvature = ScratchMatrix()
    fileprivate let logits = ScratchMatrix()
    fileprivate let maxima = ScratchMatrix()
    fileprivate let sums = ScratchMatrix()
    fileprivate let touched = ScratchMatrix()

    package init() {}

    fileprivate func resize(rows: Int, width: Int, blockWidth: Int) {
        if logLikelihoods.count != rows { logLikelihoods = Array(repeating: 0, count: rows) }
        gradient.resize(rows: rows, width: width)
        curvature.resize(rows: rows, width: width)
        logits.resize(rows: rows, width: blockWidth)
        maxima.resize(rows: rows, width: 1)
        sums.resize(rows: rows, width: 1)
    }
}
