import RealModule
import SparseMatrices

/// log p(x|z) = −½ Σ_v [ln 2π + s_v + (x_v − m_v)²·e^(−s_v)] with the means m = z·Dᵀ + c and the log-variances s of a
/// `DispersionDecoder`: every feature is a normal number whose mean and variance both follow z. For data of few
/// features or dense ones; values that are not stored are zeros like any other.
///
/// With the residual d = x − m and the slope s' of a log-variance in z·Eᵀ + e:
///
///     ∂/∂z      = (d·e^(−s))ᵀD − ½((1 − d²e^(−s))·s')ᵀE
///     curvature = (e^(−s))ᵀ(D∘D) + ½(s'²)ᵀ(E∘E)   (the Fisher information's diagonal)
///
/// - Complexity: O(rows·V·K), twice that of a likelihood without variances.
package struct GaussianLikelihood: ExactLikelihood {
    package let decoder: LinearDecoder
    package let logVariance: DispersionDecoder
    private let squaredWeights: DenseMatrix
    private let squaredVarianceWeights: DenseMatrix
    private let blocks: FeatureBlocks

    /// - Parameter blockWidth: how many features' means may exist at the same time.
    package init(_ decoder: LinearDecoder, logVariance: DispersionDecoder, blockWidth: Int = 1024) {
        self.decoder = decoder
        self.logVariance = logVariance
        blocks = FeatureBlocks(decoder, blockWidth: blockWidth)
        squaredWeights = decoder.squaredWeights
        squaredVarianceWeights = logVariance.linear.squaredWeights
    }

    private var width: Int { decoder.latentWidth }
    private static let logarithmOfTwoPi = Double.log(2 * .pi)

    package func observe(_ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution) {
        evidence.keepDocuments(x)
        evidence.forgetRows()
        evidence.tokens.append(contentsOf: repeatElement(Double(decoder.featureCount), count: x.rowCount))
    }

    package func evaluate(
        _ z: UnsafePointer<Float>, evidence: LikelihoodEvidence, wantsCurvature: Bool, into results: LikelihoodResults,
        execution: Execution
    ) {
        let rows = evidence.rowCount
        results.resize(rows: rows, width: width)
        resize(results, rows: rows, blocks)
        results.gradient.reset(rows: rows, width: width)
        if wantsCurvature { results.curvature.reset(rows: rows, width: width) }
        results.holdsSlopes = blocks.ranges.count == 1
        results.logLikelihoods.withUnsafeMutableBufferPointer { likelihoods in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let likelihoods = likelihoods
            blocks.forEachRows(of: rows, execution) { range in
                for row in range {
                    likelihoods[row] = -0.5 * Self.logarithmOfTwoPi * Double(decoder.featureCount)
                }
                for block in blocks.ranges {
                    computeSlopes(z, evidence, rows: range, features: block, of: blocks, results) {
                        likelihoods[$0] += $1
                    }
                    accumulate(rows: range, features: block, wantsCurvature: wantsCurvature, results)
                }
            }
        }
    }

    private func resize(_ results: LikelihoodResults, rows: Int, _ blocks: FeatureBlocks) {
        for scratch in [results.logits, results.logVariances, results.precisions, results.squaredSlopes] {
            scratch.resize(rows: rows, width: blocks.blockWidth)
        }
    }

    /// ∂log p/∂m into `logits`, ∂log p/∂(z·Eᵀ + e) into `logVariances`, e^(−s) and ½s'² beside them.
    ///
    /// - Parameter add: gets every row's part of log p.
    private func computeSlopes(
        _ z: UnsafePointer<Float>, _ evidence: LikelihoodEvidence, rows: Range<Int>, features: Range<Int>,
        of blocks: FeatureBlocks, _ results: LikelihoodResults, _ add: (Int, Double) -> Void
    ) {
        blocks.computeLogits(z, rows: rows, features: features, decoder, into: results.logits)
        blocks.computeLogits(z, rows: rows, features: features, logVariance.linear, into: results.logVariances)
        for row in rows {
            let start = row * blocks.blockWidth
            let residuals = results.logits.elements + start
            let slopes = results.logVariances.elements + start
            let precisions = results.precisions.elements + start
            let squaredSlopes = results.squaredSlopes.elements + start
            kernels.scale(count: features.count, alpha: -1, x: residuals)
            evidence.withDocuments { addEntries(of: row, $0, features, to: residuals) }
            logVariance.bound(slopes, features: features, slopes: squaredSlopes)
            var sum = 0.0
            for i in 0..<features.count {
                sum -= Double(slopes[i])
                precisions[i] = -slopes[i]
            }
            kernels.exp(count: features.count, x: precisions)
            for i in 0..<features.count {
                let scaled = residuals[i] * precisions[i]
                let square = residuals[i] * scaled
                sum -= Double(square)
                residuals[i] = scaled
                slopes[i] = 0.5 * (square - 1) * squaredSlopes[i]
                squaredSlopes[i] *= 0.5 * squaredSlopes[i]
            }
            add(row, 0.5 * sum)
        }
    }

    /// residuals += x over a block of features.
    private func addEntries(
        of row: Int, _ x: CSRView, _ features: Range<Int>, to residuals: UnsafeMutablePointer<Float>
    ) {
        for entry in x.entries(ofRow: row) {
            let feature = Int(x.columnIndices[entry])
            if features.contains(feature) { residuals[feature - features.lowerBound] += x.values[entry] }
        }
    }

    private func accumulate(
        rows: Range<Int>, features: Range<Int>, wantsCurvature: Bool, _ results: LikelihoodResults
    ) {
        func add(_ factors: ScratchMatrix, _ weights: DenseMatrix, to target: ScratchMatrix) {
            blocks.multiply(factors, weights, rows: rows, features: features, isFirst: false, into: target)
        }
        add(results.logits, decoder.weights, to: results.gradient)
        add(results.logVariances, logVariance.linear.weights, to: results.gradient)
        guard wantsCurvature else { return }
        add(results.precisions, squaredWeights, to: results.curvature)
        add(results.squaredSlopes, squaredVarianceWeights, to: results.curvature)
    }

    /// ½[ln 2π + s_v + (x_v − m_v)²·exp(−s_v)]
    package func entryLosses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double] {
        x.entries(ofRow: row).map { entry in
            let feature = Int(x.columnIndices[entry])
            var logarithm = Float(logVariance.linear.output(of: feature, code))
            var slope: Float = 0
            logVariance.bound(&logarithm, features: feature..<feature + 1, slopes: &slope)
            let residual = Double(x.values[entry]) - decoder.output(of: feature, code)
            return 0.5
                * (Self.logarithmOfTwoPi + Double(logarithm) + residual * residual * Double.exp(-Double(logarithm)))
        }
    }

    package func curvatureMatrices(
        _ z: UnsafePointer<Float>, draws: Int, evidence: LikelihoodEvidence, results: LikelihoodResults,
        into matrices: ScratchMatrix, execution: Execution
    ) {
        let sums = OuterProductSums(decoder)
        sums.reset(matrices, rows: evidence.rowCount, draws: draws)
        results.holdsSlopes = false
        resize(results, rows: evidence.rowCount, sums.blocks)
        for (weights, factors) in [
            (decoder.weights, results.precisions), (logVariance.linear.weights, results.squaredSlopes),
        ] {
            sums.add(weights, weighedBy: factors, draws: draws, results, into: matrices, execution) {
                rows, features in
                computeSlopes(z, evidence, rows: rows, features: features, of: sums.blocks, results) { _, _ in }
            }
        }
    }

    package func decoderGradient(
        _ z: UnsafePointer<Float>, batch: SparseBatch, evidence: LikelihoodEvidence, weight: Float,
        results: LikelihoodResults, into gradient: inout DecoderGradient, execution: Execution
    ) {
        let (rows, features) = (batch.rowCount, decoder.featureCount)
        gradient.linear.reset(rows: features, columns: width, biases: features)
        gradient.dispersion.reset(rows: features, columns: width, biases: features)
        for block in blocks.ranges {
            blocks.forEachRows(of: rows, execution) { range in
                if !results.holdsSlopes {
                    computeSlopes(z, evidence, rows: range, features: block, of: blocks, results) { _, _ in }
                }
                for row in range {
                    for slopes in [results.logits, results.logVariances] {
                        kernels.scale(
                            count: block.count, alpha: weight, x: slopes.elements + row * blocks.blockWidth)
                    }
                }
            }
            blocks.multiplyResiduals(
                results.logits, z, rows: rows, features: block, into: &gradient.linear, execution: execution)
            blocks.multiplyResiduals(
                results.logVariances, z, rows: rows, features: block, into: &gradient.dispersion,
                execution: execution)
        }
    }
}

extension GaussianLikelihood: LikelihoodFamily {
    package static var isPerToken: Bool { false }
    package static var needsCounts: Bool { false }
    package static var largestRefinementStep: Float { 1 }
    /// Variances have to travel far from where they start.
    package static var decoderRate: Float { 2e-2 }
    package static var dispersion: DispersionKind? { .variance }
    package static var measuresLift: Bool { false }

    /// The values as they are.
    package static func encoderInput(length: InputLength) -> WeightedRows.ValueMap? { nil }

    package static func of(_ decoder: LinearDecoder, dispersion: DispersionDecoder?) -> any ExactLikelihood {
        guard let dispersion else { preconditionFailure("a Gaussian likelihood needs a decoder of log-variances") }
        return GaussianLikelihood(decoder, logVariance: dispersion)
    }

    /// Each feature's mean.
    package static func startingBias(of observed: ObservedFeatures) -> [Float] {
        observed.sums.map { Float($0 / observed.documents) }
    }

    /// In units of each feature's standard deviation.
    package static func adaptStartingWeights(
        _ weights: inout DenseMatrix, to observed: ObservedFeatures, generator: inout RandomGenerator
    ) {
        weights.scale(rows: observed.variances.map { 5 * Float($0.squareRoot()) })
    }

    /// The log-variances of the features, at first hardly following z.
    package static func startingDispersion(
        of observed: ObservedFeatures, latentWidth: Int, generator: inout RandomGenerator
    ) -> DispersionDecoder? {
        let logarithms = observed.variances.map { Float(Double.log($0)) }
        let weights = DenseMatrix(
            rowCount: logarithms.count, columnCount: latentWidth,
            elements: (0..<logarithms.count * latentWidth).map { _ in 0.02 * generator.nextNormal() })
        return DispersionDecoder(
            linear: LinearDecoder(weights: weights, bias: logarithms), center: logarithms, bound: varianceBound)
    }

    /// A variance stays within a factor of e^±4, about 50, of the feature's over all documents. With wider bounds, an
    /// encoder that errs a little on a new document, where the decoder is all too sure, costs thousands of nats.
    private static let varianceBound: Float = 4

    package static func featureMeans(_ decoder: LinearDecoder, temperature: Float) -> FeatureMeans {
        FeatureMeans(decoder, .identity)
    }

    /// A normal number for each feature, of which as many are kept as some training document has.
    package static func draw(for data: some GenerationData) throws -> any EntryDraw { try data.largestEntries() }
}
