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
    private var mean: LinearState
    private var logVariance: LinearState
    /// nil if the decoder is left alone.
    private var decoder: LinearState?
    private var decoderLogVariance: LinearState?

    init(for model: VariationalAutoencoder, _ optimizer: Optimizer, includesDecoder: Bool) {
        encoder = EncoderOptimizer(for: model.encoder, optimizer)
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
        _ latentGradient: GaussianLatentGradient, _ decoderGradient: DecoderGradient, batch: SparseBatch,
        inputDelta: ScratchMatrix, rates: VariationalRates, execution: Execution
    ) {
        let parallelism = execution.parallelism
        stepEncoder(
            &model, encoderGradient, latentGradient, batch: batch, inputDelta: inputDelta, rates: rates,
            execution: execution)
        decoder?.update(
            &model.decoder.weights, &model.decoder.bias, decoderGradient.linear, rate: rates.decoder,
            parallelism: parallelism)
        if var variance = model.logVarianceDecoder {
            model.logVarianceDecoder = nil
            decoderLogVariance?.update(
                &variance.linear.weights, &variance.linear.bias, decoderGradient.logVariance, rate: rates.decoder,
                parallelism: parallelism)
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
        mean.update(&model.latent.mean.weights, &model.latent.mean.bias, latentGradient.mean, rate: rates.layers,
            parallelism: parallelism)
        logVariance.update(
            &model.latent.logVariance.weights, &model.latent.logVariance.bias, latentGradient.logVariance,
            rate: rates.layers, parallelism: parallelism)
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
            _ weights: inout DenseMatrix, _ bias: inout [Float], _ gradient: DenseLinearGradient, rate: Float,
            parallelism: Parallelism
        ) {
            let settings = AdamCoefficients(rate: rate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8)
            gradient.weights.withUnsafeElements {
                self.weights.update(&weights, gradient: $0, settings, rowScales: rowScales, parallelism: parallelism)
            }
            if let rowScales {
                var column = DenseMatrix(rowCount: bias.count, columnCount: 1, elements: bias)
                self.bias.update(
                    &column, gradient: gradient.bias, settings, rowScales: rowScales, parallelism: parallelism)
                bias = column.elements
            } else {
                self.bias.update(&bias, gradient: gradient.bias, settings)
            }
        }
    }
}
