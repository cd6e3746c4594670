import RealModule
import SparseMatrices
import VectorKernelInterface

/// The state of a variational training run and its step.
///
/// Training is semi-amortized (Kim et al., "Semi-Amortized Variational Autoencoders", ICML 2018): from the encoder's
/// posterior, a few refinement steps lead to one that fits the document better, and the decoder learns from that. The
/// encoder's loss is half its own bound and half KL(q‖refined), which has the same optimum as long as the refined
/// posterior is good, but no noise. Its documents have the weight 1/√N: the gradient of the bound of a document of N
/// tokens is about N times as large, so long documents would otherwise dominate the short ones.
struct VariationalTrainer {
    private(set) var model: VariationalAutoencoder
    private var optimizer: VariationalOptimizer
    /// Trains the decoder in place of the optimizer; nil without a sampled softmax.
    private(set) var sampledSoftmax: SampledSoftmaxTraining?
    private(set) var encoderGradient = SparseEncoderGradient()
    private(set) var latentGradient = GaussianLatentGradient()
    private(set) var decoderGradient = DecoderGradient()
    private(set) var batch: SparseBatch
    let inference = InferenceWorkspace()
    private let meanDelta = ScratchMatrix()
    private let logVarianceDelta = ScratchMatrix()
    private let headScratch = ScratchMatrix()
    /// The clips of the gradients of steps and, separately, of those on dreamed documents.
    private var clips: (steps: GradientClip, dreams: GradientClip)
    /// Whether documents like the targets can be generated.
    private let canDream: Bool
    private let preparation: BatchPreparation
    private var source: BatchPreparation.Source
    private let seed: UInt64
    private let execution: Execution

    /// - Parameters:
    ///   - gradientClip: how many times their running average gradients may be long; nil for any length.
    ///   - optimizer: nil is chosen by the number of weights.
    ///   - sampledSoftmax: S of a sampled softmax; nil for the likelihood itself. See `SampledSoftmaxLikelihood`.
    init(
        model: VariationalAutoencoder, targets: WeightedRows, seed: UInt64,
        gradientClip: Float? = nil, sampledSoftmax: Int? = nil, optimizer: Optimizer? = nil, execution: Execution
    ) {
        precondition(
            sampledSoftmax == nil || model.likelihood.family.hasSampledSoftmax,
            "the likelihood \(model.likelihood.rawValue) has no sampled softmax")
        self.model = model
        source = Self.source(targets, model)
        preparation = BatchPreparation(columnCount: targets.columnCount)
        self.seed = seed
        self.execution = execution
        clips = (GradientClip(ratio: gradientClip), GradientClip(ratio: gradientClip))
        canDream = sampledSoftmax == nil && DreamedDocuments.resemble(targets, model.likelihood)
        self.sampledSoftmax = sampledSoftmax.map {
            SampledSoftmaxTraining(model.decoder, negatives: $0, seed: seed)
        }
        self.optimizer = VariationalOptimizer(
            for: model, optimizer ?? .chosen(for: model.featureCount, width: model.encoder.input.width),
            includesDecoder: sampledSoftmax == nil)
        batch = SparseBatch(columnCount: targets.columnCount)
    }

    private static func source(_ targets: WeightedRows, _ model: VariationalAutoencoder) -> BatchPreparation.Source {
        BatchPreparation.Source(
            targets: model.likelihood.observations(from: targets), inputs: model.encoderInputs(from: targets), scale: 1)
    }

    /// Goes on to other rows.
    mutating func take(_ targets: WeightedRows) { source = Self.source(targets, model) }

    /// Performs one step on the given rows.
    ///
    /// - Parameters:
    ///   - next: the rows of the next step, which are loaded meanwhile.
    ///   - step: the number of the step, counted over all epochs; the noise of a document depends on it and on the
    ///     document's row.
    ///   - dreams: whether the encoder is then also trained on dreamed documents, if they can be generated; see
    ///     `DreamedDocuments`.
    /// - Returns: −ELBO of the batch, in nats per document; nil, without learning anything, if it or the gradient is
    ///   not finite.
    mutating func step(
        _ rows: ArraySlice<Int>, next: ArraySlice<Int> = [], step: Int, corruption: Corruption?, beta: Float,
        refinement: PosteriorRefinement, rates: VariationalRates, dreams: Bool = false,
        statistics: inout BoundStatistics
    ) -> Double? {
        preparation.load(
            rows, next: execution.parallelism.usableThreads > 1 ? next : [], corruption: corruption, from: source,
            into: &batch)
        sampledSoftmax?.prepare(for: batch, step: step, &model.decoder, execution)
        let noise = NoiseSource(seed: seed, step: UInt64(step))
        guard let own = computeGradients(noise, beta: beta, refinement: refinement), clipGradients() else {
            return nil
        }
        statistics.add(own.bound)
        optimizer.step(
            &model, encoderGradient, latentGradient, decoderGradient, batch: batch,
            inputDelta: inference.encoding.inputDelta, rates: rates, execution: execution)
        sampledSoftmax?.step(&model.decoder, decoderGradient.linear, rate: rates.decoder, execution)
        if dreams && canDream { dream(step: step, beta: beta, rates: rates) }
        return own.loss / Double(rows.count)
    }

    /// The bound with the encoder's posterior.
    private struct OwnBound {
        /// The bound over the rows that are included in the means.
        let bound: BoundStatistics
        /// −ELBO of all rows, whose gradient is computed.
        let loss: Double
    }

    /// Performs one step of the encoder alone on its bound, on documents dreamed up near the samples of the current
    /// batch; nothing is learned if the gradient is not finite.
    ///
    /// - Precondition: the likelihood is one of words.
    mutating func dream(step: Int, beta: Float, rates: VariationalRates) {
        // Numbers above those of all steps.
        let noise = NoiseSource(seed: seed, step: UInt64(step) | 1 << 63)
        let documents = WeightedRows(
            DreamedDocuments(model).documents(
                near: inference.sample, lengths: inference.evidence.tokens, noise: noise,
                parallelism: execution.parallelism))
        batch.load(
            Array(0..<documents.rowCount)[...], of: documents, inputs: model.encoderInputs(from: documents))
        guard evaluateOwnBound(model.makeLikelihood(), noise, beta: beta, wantsCurvature: false) != nil else { return }
        backpropagate()
        let squaredNorm =
            encoderGradient.squaredNorm(parallelism: execution.parallelism)
            + latentGradient.squaredNorm(parallelism: execution.parallelism)
        guard let factor = clips.dreams.factor(squaredNorm: squaredNorm) else { return }
        if factor < 1 {
            encoderGradient.scale(by: factor)
            latentGradient.scale(by: factor)
        }
        optimizer.stepEncoder(
            &model, encoderGradient, latentGradient, batch: batch, inputDelta: inference.encoding.inputDelta,
            rates: rates, execution: execution)
    }

    /// Updates all weights to the current step, for uses other than the next step.
    mutating func finishSteps() { sampledSoftmax?.finish(&model.decoder, execution) }

    /// Computes all gradients of the loaded batch. The likelihood, which shares the decoder's weights, is released
    /// here, so that the optimizer can change them in place.
    ///
    /// - Returns: the bound with the encoder's posterior; nil, without computing gradients, if it is not finite.
    private mutating func computeGradients(
        _ noise: NoiseSource, beta: Float, refinement: PosteriorRefinement
    ) -> OwnBound? {
        let likelihood = sampledSoftmax?.likelihood(of: model) ?? model.makeLikelihood()
        guard let bound = evaluateOwnBound(likelihood, noise, beta: beta, wantsCurvature: refinement.steps > 0) else {
            return nil
        }
        inference.refine(likelihood, batch, refinement, beta: beta, noise, execution)
        if refinement.steps > 0 { mixInPullTowardsRefined() }
        backpropagate()
        likelihood.decoderGradient(
            inference.sample.elements, batch: batch, evidence: inference.evidence, weight: -1 / Float(batch.rowCount),
            results: inference.results, into: &decoderGradient, execution: execution)
        return bound
    }

    /// Computes the bound with the encoder's posterior and its derivatives with respect to that posterior.
    ///
    /// - Returns: nil if it is not finite.
    private func evaluateOwnBound(
        _ likelihood: any Likelihood, _ noise: NoiseSource, beta: Float, wantsCurvature: Bool
    ) -> OwnBound? {
        inference.encode(batch, by: model, execution: execution)
        batch.withTargets { likelihood.observe($0, into: inference.evidence, execution: execution) }
        inference.evaluateSample(
            of: inference.posterior, likelihood, batch, noise, draw: 0, wantsCurvature: wantsCurvature, execution)
        var bound = BoundStatistics(width: model.latentWidth)
        let loss = inference.addBound(
            inference.results.logLikelihoods, of: inference.posterior, skippingEmpty: model.likelihood.isPerToken,
            to: &bound)
        guard loss.isFinite else { return nil }
        fillBoundDeltas(beta: beta)
        return OwnBound(bound: bound, loss: loss)
    }

    /// Shortens gradients that are much longer than earlier ones.
    ///
    /// - Returns: whether they are finite.
    private mutating func clipGradients() -> Bool {
        let squaredNorm =
            encoderGradient.squaredNorm(parallelism: execution.parallelism)
            + latentGradient.squaredNorm(parallelism: execution.parallelism)
            + decoderGradient.squaredNorm(parallelism: execution.parallelism)
        guard let factor = clips.steps.factor(squaredNorm: squaredNorm) else { return false }
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
                let variance = Float.exp(posterior.logVariance.elements[i])
                let slope = -inference.results.gradient.elements[i]
                let spread = inference.sample.elements[i] - mean
                meanDelta.elements[i] = weight * (slope + beta * mean)
                logVarianceDelta.elements[i] = weight * 0.5 * (slope * spread + beta * (variance - 1))
            }
        }
    }

    /// Replaces the deltas by the mean of themselves and the weighted ∂KL(q‖refined)/∂(mean, log σ²).
    private func mixInPullTowardsRefined() {
        let posterior = inference.posterior, refined = inference.refined
        for row in 0..<posterior.rowCount {
            let weight = weight(ofRow: row)
            for i in row * posterior.width..<(row + 1) * posterior.width {
                let precision = Float.exp(-refined.logVariance.elements[i])
                let distance = posterior.mean.elements[i] - refined.mean.elements[i]
                let excess = Float.exp(posterior.logVariance.elements[i]) * precision - 1
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

extension VariationalTrainer: SavedState {
    mutating func visit(_ walk: StateWalk) {
        walk.part("model", &model)
        walk.part("optimizer", &optimizer)
        walk.part("sampled_softmax", &sampledSoftmax)
        walk.part("clips.steps", &clips.steps)
        walk.part("clips.dreams", &clips.dreams)
    }
}
