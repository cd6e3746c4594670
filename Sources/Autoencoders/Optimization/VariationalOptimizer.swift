import SparseMatrices
import VectorKernelInterface

/// The step sizes of one step.
struct VariationalRates {
    var input: Float
    /// The share of themselves that the input weights of a batch's features lose; see `EncoderOptimizer.step`.
    var inputDecay: Float = 0
    var layers: Float
    var decoder: Float
}

/// Adam on all weights of a variational autoencoder.
struct VariationalOptimizer {
    private var encoder: EncoderOptimizer
    private var mean: LinearAdamState
    private var logVariance: LinearAdamState
    /// nil if the decoder is left alone.
    private var decoder: LinearAdamState?
    private var decoderLogVariance: LinearAdamState?

    init(for model: VariationalAutoencoder, _ optimizer: Optimizer, includesDecoder: Bool) {
        encoder = EncoderOptimizer(for: model.encoder, optimizer)
        mean = LinearAdamState(for: model.latent.mean)
        logVariance = LinearAdamState(for: model.latent.logVariance)
        // The means of a Gaussian likelihood have the units of the data, and so have their steps.
        if includesDecoder {
            decoder = LinearAdamState(
                for: model.decoder, rowScales: model.logVarianceDecoder?.center.map { exponential(0.5 * $0) })
        }
        decoderLogVariance = model.logVarianceDecoder.map { LinearAdamState(for: $0.linear) }
    }

    mutating func step(
        _ model: inout VariationalAutoencoder, _ encoderGradient: SparseEncoderGradient,
        _ latentGradient: GaussianLatentGradient, _ decoderGradient: DecoderGradient, batch: SparseBatch,
        inputDelta: ScratchMatrix, rates: VariationalRates, execution: Execution
    ) {
        let parallelism = execution.parallelism
        stepEncoder(
            &model, encoderGradient, latentGradient, batch: batch, inputDelta: inputDelta, rates: rates,
            execution: execution)
        decoder?.update(&model.decoder, decoderGradient.linear, rate: rates.decoder, parallelism: parallelism)
        if var variance = model.logVarianceDecoder {
            model.logVarianceDecoder = nil
            decoderLogVariance?.update(
                &variance.linear, decoderGradient.logVariance, rate: rates.decoder, parallelism: parallelism)
            model.logVarianceDecoder = variance
        }
    }

    /// One step of the encoder and its heads.
    mutating func stepEncoder(
        _ model: inout VariationalAutoencoder, _ encoderGradient: SparseEncoderGradient,
        _ latentGradient: GaussianLatentGradient, batch: SparseBatch, inputDelta: ScratchMatrix,
        rates: VariationalRates, execution: Execution
    ) {
        let parallelism = execution.parallelism
        encoder.step(
            &model.encoder, batch: batch, inputDelta: inputDelta, gradient: encoderGradient, includesInputWeights: true,
            inputRate: rates.input, inputDecay: rates.inputDecay, layerRate: rates.layers, execution: execution)
        mean.update(
            &model.latent.mean, latentGradient.mean, rate: rates.layers, biasRate: rates.layers,
            parallelism: parallelism)
        logVariance.update(
            &model.latent.logVariance, latentGradient.logVariance, rate: rates.layers, biasRate: rates.layers,
            parallelism: parallelism)
    }
}
