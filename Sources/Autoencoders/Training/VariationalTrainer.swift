import SparseMatrices
import VectorKernelInterface

/// The state of a variational training run and its one step.
///
/// Training is semi-amortized (Kim et al., "Semi-Amortized Variational Autoencoders", ICML 2018): from the encoder's
/// posterior, a few refinement steps lead to one that fits the document better, and the decoder learns from that.
/// The encoder learns half from its own bound and half from KL(q‖refined), which has the same optimum as long as the
/// refined posterior is good, but no noise. Its documents weigh 1/√N: the bound of a document of N tokens is N times
/// as steep, and long documents would leave nothing for the short ones.
struct VariationalTrainer {
    private(set) var model: VariationalAutoencoder
    private var optimizer: VariationalOptimizer
    /// Moves the decoder in the optimizer's place.
    private(set) var sampledSoftmax: SampledSoftmaxTraining?
    private(set) var encoderGradient = SparseEncoderGradient()
    private(set) var latentGradient = GaussianLatentGradient()
    private(set) var decoderGradient = DecoderGradient()
    private(set) var batch: SparseBatch
    let inference = InferenceWorkspace()
    private let meanDelta = ScratchMatrix()
    private let logVarianceDelta = ScratchMatrix()
    private let headScratch = ScratchMatrix()
    private var clip: GradientClip
    private let targets: CSRMatrix
    private let inputs: CSRMatrix
    private let seed: UInt64
    private let execution: Execution

    /// - Parameters:
    ///   - gradientClip: how many times their running average gradients may be long; nil for any length.
    ///   - sampledSoftmax: S of a sampled softmax; nil for the likelihood itself. See `SampledMultinomialLikelihood`.
    init(
        model: VariationalAutoencoder, targets: CSRMatrix, seed: UInt64, gradientClip: Float? = nil,
        sampledSoftmax: Int? = nil, execution: Execution
    ) {
        precondition(
            sampledSoftmax == nil || model.likelihood == .multinomial, "only a multinomial likelihood has a softmax")
        self.model = model
        self.targets = model.likelihood.observations(from: targets)
        inputs = model.likelihood.encoderInputs(from: targets)
        self.seed = seed
        self.execution = execution
        clip = GradientClip(ratio: gradientClip)
        self.sampledSoftmax = sampledSoftmax.map {
            SampledSoftmaxTraining(model.decoder, negatives: $0, seed: seed)
        }
        optimizer = VariationalOptimizer(for: model, includesDecoder: sampledSoftmax == nil)
        batch = SparseBatch(columnCount: targets.columnCount)
    }

    /// One step on the given rows.
    ///
    /// - Parameter step: counted over all epochs; the noise of a document depends on it and on the document's row.
    /// - Returns: −ELBO of the batch, in nats per document; nil, with nothing learned, if it or the gradient is not
    ///   finite.
    mutating func step(
        _ rows: ArraySlice<Int>, step: Int, corruption: Corruption?, beta: Float, refinement: PosteriorRefinement,
        rates: VariationalRates, statistics: inout BoundStatistics
    ) -> Double? {
        batch.load(rows, of: targets, inputs: inputs, corruption: corruption)
        sampledSoftmax?.prepare(for: batch, step: step, &model.decoder, execution)
        let noise = NoiseSource(seed: seed, step: UInt64(step))
        guard let bound = computeGradients(noise, beta: beta, refinement: refinement), clipGradients() else {
            return nil
        }
        statistics.add(bound)
        optimizer.step(
            &model, encoderGradient, latentGradient, decoderGradient, touchedColumns: batch.touchedColumns,
            rates: rates, parallelism: execution.parallelism)
        sampledSoftmax?.step(&model.decoder, decoderGradient.linear, rate: rates.decoder, execution)
        return bound.loss / Double(rows.count)
    }

    /// Makes the model what it is after the steps so far, for other uses than the next step.
    mutating func finishSteps() { sampledSoftmax?.finish(&model.decoder, execution) }

    /// All gradients of the loaded batch. The likelihood shares the decoder's weights and ends here, so that the
    /// optimizer can change them in place.
    ///
    /// - Returns: the bound with the encoder's posterior; nil, with nothing computed, if it is not finite.
    private mutating func computeGradients(
        _ noise: NoiseSource, beta: Float, refinement: PosteriorRefinement
    ) -> BoundStatistics? {
        let likelihood = sampledSoftmax?.likelihood(of: model.decoder) ?? model.makeLikelihood()
        inference.encode(batch, by: model, execution: execution)
        batch.withTargets { likelihood.observe($0, into: inference.evidence, execution: execution) }
        inference.evaluateSample(
            of: inference.posterior, likelihood, batch, noise, draw: 0, wantsCurvature: refinement.steps > 0, execution)
        var bound = BoundStatistics(width: model.latentWidth)
        inference.addBound(inference.results.logLikelihoods, of: inference.posterior, to: &bound)
        guard bound.loss.isFinite else { return nil }
        fillBoundDeltas(beta: beta)
        inference.refine(likelihood, batch, refinement, beta: beta, noise, execution)
        if refinement.steps > 0 { mixInPullTowardsRefined() }
        backpropagate()
        likelihood.decoderGradient(
            inference.sample.elements, batch: batch, evidence: inference.evidence, weight: -1 / Float(batch.rowCount),
            results: inference.results, into: &decoderGradient, execution: execution)
        return bound
    }

    /// Shortens gradients that are out of proportion.
    ///
    /// - Returns: whether they are finite.
    private mutating func clipGradients() -> Bool {
        let squaredNorm =
            encoderGradient.squaredNorm() + latentGradient.squaredNorm() + decoderGradient.squaredNorm()
        guard let factor = clip.factor(squaredNorm: squaredNorm) else { return false }
        if factor < 1 {
            encoderGradient.scale(by: factor)
            latentGradient.scale(by: factor)
            decoderGradient.scale(by: factor)
        }
        return true
    }

    /// The weight of a document's loss in the encoder's gradient.
    private func weight(ofRow row: Int) -> Float {
        1 / (Float(max(1, inference.evidence.tokens[row])).squareRoot() * Float(inference.posterior.rowCount))
    }

    /// ∂(−log p(x|z) + β·KL(q‖p))/∂(mean, log σ²), weighted, through z = mean + σ·ε.
    private func fillBoundDeltas(beta: Float) {
        let posterior = inference.posterior
        meanDelta.resize(rows: posterior.rowCount, width: posterior.width)
        logVarianceDelta.resize(rows: posterior.rowCount, width: posterior.width)
        for row in 0..<posterior.rowCount {
            let weight = weight(ofRow: row)
            for i in row * posterior.width..<(row + 1) * posterior.width {
                let mean = posterior.mean.elements[i]
                let variance = exponential(posterior.logVariance.elements[i])
                let slope = -inference.results.gradient.elements[i]
                let spread = inference.sample.elements[i] - mean
                meanDelta.elements[i] = weight * (slope + beta * mean)
                logVarianceDelta.elements[i] = weight * 0.5 * (slope * spread + beta * (variance - 1))
            }
        }
    }

    /// The mean of the deltas so far and of ∂KL(q‖refined)/∂(mean, log σ²), weighted.
    private func mixInPullTowardsRefined() {
        let posterior = inference.posterior, refined = inference.refined
        for row in 0..<posterior.rowCount {
            let weight = weight(ofRow: row)
            for i in row * posterior.width..<(row + 1) * posterior.width {
                let precision = exponential(-refined.logVariance.elements[i])
                let distance = posterior.mean.elements[i] - refined.mean.elements[i]
                let excess = exponential(posterior.logVariance.elements[i]) * precision - 1
                meanDelta.elements[i] = 0.5 * (meanDelta.elements[i] + weight * distance * precision)
                logVarianceDelta.elements[i] = 0.5 * (logVarianceDelta.elements[i] + weight * 0.5 * excess)
            }
        }
    }

    private mutating func backpropagate() {
        let encoding = inference.encoding
        model.latent.backward(
            encoding.codes.elements, posterior: inference.posterior, meanDelta: meanDelta,
            logVarianceDelta: logVarianceDelta, scratch: headScratch, into: &latentGradient,
            hiddenDelta: encoding.codeDelta.elements, parallelism: execution.parallelism)
        model.encoder.backward(batch, workspace: encoding, into: &encoderGradient, execution: execution)
    }
}

/// The step sizes of one step.
struct VariationalRates {
    var input: Float
    var layers: Float
    var decoder: Float
}

/// Adam on all weights of a variational autoencoder.
struct VariationalOptimizer {
    private var encoder: EncoderOptimizer
    private var mean: LinearState
    private var logVariance: LinearState
    /// nil if the decoder is left alone.
    private var decoder: LinearState?
    private var decoderLogVariance: LinearState?

    init(for model: VariationalAutoencoder, includesDecoder: Bool) {
        encoder = EncoderOptimizer(for: model.encoder)
        mean = LinearState(weights: model.latent.mean.weights, bias: model.latent.mean.bias)
        logVariance = LinearState(weights: model.latent.logVariance.weights, bias: model.latent.logVariance.bias)
        // The means of a Gaussian likelihood have the units of the data, and so have their steps.
        if includesDecoder {
            decoder = LinearState(
                weights: model.decoder.weights, bias: model.decoder.bias,
                rowScales: model.logVarianceDecoder?.center.map { exponential(0.5 * $0) })
        }
        decoderLogVariance = model.logVarianceDecoder.map {
            LinearState(weights: $0.linear.weights, bias: $0.linear.bias)
        }
    }

    mutating func step(
        _ model: inout VariationalAutoencoder, _ encoderGradient: SparseEncoderGradient,
        _ latentGradient: GaussianLatentGradient, _ decoderGradient: DecoderGradient, touchedColumns: [UInt32],
        rates: VariationalRates, parallelism: Parallelism
    ) {
        encoder.step(
            &model.encoder, gradient: encoderGradient, touchedColumns: touchedColumns, inputRate: rates.input,
            layerRate: rates.layers, parallelism: parallelism)
        mean.update(&model.latent.mean.weights, &model.latent.mean.bias, latentGradient.mean, rate: rates.layers)
        logVariance.update(
            &model.latent.logVariance.weights, &model.latent.logVariance.bias, latentGradient.logVariance,
            rate: rates.layers)
        decoder?.update(&model.decoder.weights, &model.decoder.bias, decoderGradient.linear, rate: rates.decoder)
        if var variance = model.logVarianceDecoder {
            model.logVarianceDecoder = nil
            decoderLogVariance?.update(
                &variance.linear.weights, &variance.linear.bias, decoderGradient.logVariance, rate: rates.decoder)
            model.logVarianceDecoder = variance
        }
    }

    private struct LinearState {
        private var weights: AdamState
        private var bias: AdamState
        /// What the steps of each row of the weights and its bias are multiplied by; nil for the same step everywhere.
        private let rowScales: [Float]?

        init(weights: DenseMatrix, bias: [Float], rowScales: [Float]? = nil) {
            self.rowScales = rowScales
            self.weights = AdamState(count: weights.elementCount)
            self.bias = AdamState(count: bias.count)
        }

        mutating func update(
            _ weights: inout DenseMatrix, _ bias: inout [Float], _ gradient: DenseLinearGradient, rate: Float
        ) {
            let settings = AdamCoefficients(rate: rate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8)
            gradient.weights.withUnsafeElements {
                self.weights.update(&weights, gradient: $0, settings, rowScales: rowScales)
            }
            if let rowScales {
                var column = DenseMatrix(rowCount: bias.count, columnCount: 1, elements: bias)
                self.bias.update(&column, gradient: gradient.bias, settings, rowScales: rowScales)
                bias = column.elements
            } else {
                self.bias.update(&bias, gradient: gradient.bias, settings)
            }
        }
    }
}
