import SparseMatrices
import VectorKernelInterface

/// Sums over documents of the terms of the evidence lower bound, in nats.
package struct BoundStatistics {
    /// Σ log p(x|z).
    package var logLikelihood = 0.0
    /// Σ KL(q‖p).
    package var klDivergence = 0.0
    package var tokens = 0.0
    package var rows = 0
    /// Σ over non-empty documents of the negative bound per token.
    package var boundPerTokenSum = 0.0
    package var nonEmptyRows = 0

    package init() {}

    package mutating func add(logLikelihood: Double, klDivergence: Double, tokens: Double) {
        self.logLikelihood += logLikelihood
        self.klDivergence += klDivergence
        self.tokens += tokens
        rows += 1
        if tokens > 0 {
            boundPerTokenSum += (klDivergence - logLikelihood) / tokens
            nonEmptyRows += 1
        }
    }

    package var perplexityPerCorpus: Double { exponential((klDivergence - logLikelihood) / max(tokens, 1)) }
    package var perplexityPerDocument: Double { exponential(boundPerTokenSum / Double(max(nonEmptyRows, 1))) }
}

/// The state of a variational training run and its one step.
///
/// Training is semi-amortized (Kim et al., "Semi-Amortized Variational Autoencoders", ICML 2018): the encoder learns
/// from its own bound; from its posterior, a few refinement steps lead to one that fits the document better, and the
/// decoder learns from that.
package struct VariationalTrainer {
    package var model: VariationalAutoencoder
    private var encoderOptimizer: EncoderOptimizer
    private var headStates: [AdamState]
    private var decoderWeights: AdamState
    private var decoderBias: AdamState
    private var encoderGradient = SparseEncoderGradient()
    private var latentGradient = GaussianLatentGradient()
    private var decoderGradient = DenseLinearGradient()
    private var batch: SparseBatch
    private let workspace = EncoderWorkspace()
    private let posterior = GaussianPosterior()
    private let refined = GaussianPosterior()
    private let evidence = CountEvidence()
    private let results = LikelihoodResults()
    private let noise = ScratchMatrix()
    private let sample = ScratchMatrix()
    private let meanDelta = ScratchMatrix()
    private let logVarianceDelta = ScratchMatrix()
    private let scratch = ScratchMatrix()
    private let counts: CSRMatrix
    private let inputs: CSRMatrix
    private let seed: UInt64
    private let execution: Execution

    package init(
        model: VariationalAutoencoder, counts: CSRMatrix, inputs: CSRMatrix, seed: UInt64, execution: Execution
    ) {
        self.model = model
        self.counts = counts
        self.inputs = inputs
        self.seed = seed
        self.execution = execution
        encoderOptimizer = EncoderOptimizer(for: model.encoder)
        headStates = [model.latent.mean, model.latent.logVariance].flatMap {
            [AdamState(count: $0.weights.elementCount), AdamState(count: $0.width)]
        }
        decoderWeights = AdamState(count: model.decoder.weights.elementCount)
        decoderBias = AdamState(count: model.decoder.bias.count)
        batch = SparseBatch(columnCount: counts.columnCount)
    }

    package struct Rates {
        package var input: Float
        package var layers: Float
        package var decoder: Float
        package init(input: Float, layers: Float, decoder: Float) {
            self.input = input
            self.layers = layers
            self.decoder = decoder
        }
    }

    package mutating func step(
        _ rows: ArraySlice<Int>, step: Int, corruption: Corruption?, beta: Float, refinement: PosteriorRefinement,
        rates: Rates, weightDecay: Float, statistics: inout BoundStatistics
    ) {
        batch.load(rows, of: counts, inputs: inputs, corruption: corruption)
        let parallelism = execution.parallelism
        let count = batch.rowCount
        batch.withInputs { model.encoder.forward($0, workspace: workspace, execution: execution) }
        model.latent.forward(workspace.codes.elements, rows: count, into: posterior, parallelism: parallelism)
        let likelihood = MultinomialLikelihood(model.decoder)
        batch.withTargets { likelihood.observe($0, into: evidence, execution: execution) }
        drawSample(of: posterior, index: step * 100)
        likelihood.evaluate(
            sample.elements, evidence: evidence, wantsCurvature: refinement.steps > 0, into: results,
            execution: execution)
        for row in 0..<count {
            statistics.add(
                logLikelihood: results.logLikelihoods[row], klDivergence: posterior.klDivergence(row: row),
                tokens: evidence.tokens[row])
        }
        let weight = 1 / Float(count)
        fillPosteriorDeltas(beta: beta, weight: weight)
        model.latent.backward(
            workspace.codes.elements, posterior: posterior, meanDelta: meanDelta, logVarianceDelta: logVarianceDelta,
            scratch: scratch, into: &latentGradient, hiddenDelta: workspace.codeDelta.elements,
            parallelism: parallelism)
        model.encoder.backward(batch, workspace: workspace, into: &encoderGradient, execution: execution)

        if refinement.steps > 0 {
            refined.copy(from: posterior)
            for i in 0..<refinement.steps {
                refinement.update(refined, results, step: i, beta: beta, parallelism: parallelism)
                drawSample(of: refined, index: step * 100 + i + 1)
                likelihood.evaluate(
                    sample.elements, evidence: evidence, wantsCurvature: i + 1 < refinement.steps, into: results,
                    execution: execution)
            }
        }
        likelihood.decoderGradient(
            sample.elements, batch: batch, evidence: evidence, weight: -weight, results: results,
            into: &decoderGradient, execution: execution)
        update(rates, weightDecay: weightDecay)
    }

    private func drawSample(of posterior: GaussianPosterior, index: Int) {
        noise.fillNormal(
            rows: batch.rows, width: posterior.width, seed: seed, stream: 0x7661_6500, step: UInt64(index),
            parallelism: execution.parallelism)
        posterior.reparameterize(noise, into: sample, parallelism: execution.parallelism)
    }

    /// ∂(−log p(x|z) + β·KL)/∂(mean, log σ²), through z = mean + σ·ε.
    private func fillPosteriorDeltas(beta: Float, weight: Float) {
        meanDelta.resize(rows: posterior.rowCount, width: posterior.width)
        logVarianceDelta.resize(rows: posterior.rowCount, width: posterior.width)
        for i in 0..<meanDelta.elementCount {
            let mean = posterior.mean.elements[i]
            let variance = exponential(posterior.logVariance.elements[i])
            let slope = -results.gradient.elements[i]
            let spread = sample.elements[i] - mean
            meanDelta.elements[i] = weight * (slope + beta * mean)
            logVarianceDelta.elements[i] = weight * 0.5 * (slope * spread + beta * (variance - 1))
        }
    }

    private mutating func update(_ rates: Rates, weightDecay: Float) {
        encoderOptimizer.step(
            &model.encoder, gradient: encoderGradient, touchedColumns: batch.touchedColumns, inputRate: rates.input,
            layerRate: rates.layers, parallelism: execution.parallelism)
        let head = AdamCoefficients(rate: rates.layers, beta1: 0.9, beta2: 0.99, epsilon: 1e-8)
        latentGradient.mean.weights.withUnsafeElements {
            headStates[0].update(&model.latent.mean.weights, gradient: $0, head)
        }
        headStates[1].update(&model.latent.mean.bias, gradient: latentGradient.mean.bias, head)
        latentGradient.logVariance.weights.withUnsafeElements {
            headStates[2].update(&model.latent.logVariance.weights, gradient: $0, head)
        }
        headStates[3].update(&model.latent.logVariance.bias, gradient: latentGradient.logVariance.bias, head)
        let decoder = AdamCoefficients(rate: rates.decoder, beta1: 0.9, beta2: 0.99, epsilon: 1e-8)
        if weightDecay > 0 {
            let count = model.decoder.weights.elementCount
            model.decoder.weights.withUnsafeMutableElements {
                kernels.scale(count: count, alpha: 1 - rates.decoder * weightDecay, x: $0)
            }
        }
        decoderGradient.weights.withUnsafeElements {
            decoderWeights.update(&model.decoder.weights, gradient: $0, decoder)
        }
        decoderBias.update(&model.decoder.bias, gradient: decoderGradient.bias, decoder)
    }

    /// The bound on rows, first with the encoder's posterior and then with the refined one.
    package mutating func evaluate(
        _ rows: [Int], samples: Int, refinement: PosteriorRefinement
    ) -> (own: BoundStatistics, refined: BoundStatistics) {
        var own = BoundStatistics(), better = BoundStatistics()
        let likelihood = MultinomialLikelihood(model.decoder)
        for start in stride(from: 0, to: rows.count, by: 512) {
            batch.load(rows[start...].prefix(512), of: counts, inputs: inputs)
            batch.withInputs { model.encoder.forward($0, workspace: workspace, execution: execution) }
            model.latent.forward(
                workspace.codes.elements, rows: batch.rowCount, into: posterior, parallelism: execution.parallelism)
            batch.withTargets { likelihood.observe($0, into: evidence, execution: execution) }
            addBound(of: posterior, likelihood, samples: samples, to: &own)
            refined.copy(from: posterior)
            for i in 0..<refinement.steps {
                drawSample(of: refined, index: 1 << 40 + i)
                likelihood.evaluate(
                    sample.elements, evidence: evidence, wantsCurvature: true, into: results, execution: execution)
                refinement.update(refined, results, step: i, beta: 1, parallelism: execution.parallelism)
            }
            addBound(of: refined, likelihood, samples: samples, to: &better)
        }
        return (own, better)
    }

    private func addBound(
        of posterior: GaussianPosterior, _ likelihood: MultinomialLikelihood, samples: Int,
        to statistics: inout BoundStatistics
    ) {
        var sums = [Double](repeating: 0, count: batch.rowCount)
        for i in 0..<samples {
            drawSample(of: posterior, index: 1 << 41 + i)
            likelihood.evaluate(
                sample.elements, evidence: evidence, wantsCurvature: false, into: results, execution: execution)
            for row in sums.indices { sums[row] += results.logLikelihoods[row] / Double(samples) }
        }
        for row in sums.indices {
            statistics.add(
                logLikelihood: sums[row], klDivergence: posterior.klDivergence(row: row),
                tokens: evidence.tokens[row])
        }
    }
}
