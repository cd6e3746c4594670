import RealModule
import SparseMatrices
import VectorKernelInterface

/// Adam on all weights of a `SparseEncoder`.
///
/// Biases take a tenth of the step: otherwise the bias of a ReLU unit collapses before its weights have converged.
package struct EncoderOptimizer: Sendable {
    private var inputWeights: RowOptimizer
    private var inputBias: AdamState
    private var layers: [LinearAdamState]
    /// The state of thresholds that are learned by gradients.
    private var thresholds: AdamState

    package init(for encoder: SparseEncoder, _ optimizer: Optimizer = .adam) {
        inputWeights = RowOptimizer(optimizer, rowCount: encoder.featureCount, columnCount: encoder.input.width)
        inputBias = AdamState(count: encoder.input.width)
        layers = encoder.layers.map { LinearAdamState(for: $0) }
        thresholds = AdamState(count: encoder.activation.learnsThresholds ? encoder.thresholds.count : 0)
    }

    /// Performs one step.
    ///
    /// - Parameters:
    ///   - batch: the batch whose inputs are X.
    ///   - inputDelta: Δ = ∂L/∂Z of the input layer.
    ///   - includesInputWeights: whether `gradient` contains the gradient Xᵀ·Δ of the input layer's weights. Otherwise
    ///     it is computed during the step, some rows at a time, and never stored as a whole.
    ///   - inputRate: the step size of the input layer, which depends on the scale of the data.
    ///   - inputDecay: the relative weight decay of the touched input weights; only weights of features that documents
    ///     keep supporting grow.
    ///   - layerRate: the step size of the dense layers.
    package mutating func step(
        _ encoder: inout SparseEncoder, batch: SparseBatch, inputDelta: ScratchMatrix,
        gradient: SparseEncoderGradient, includesInputWeights: Bool, inputRate: Float, inputDecay: Float = 0,
        layerRate: Float, execution: Execution
    ) {
        let memory = gradient.input.weights
        batch.withTransposedInputs { transposed in
            let rowGradient: RowGradient =
                includesInputWeights
                ? .stored(memory.elements)
                : .product(transposed: transposed, delta: inputDelta.elements, scratch: memory)
            inputWeights.update(
                &encoder.input.weights, rows: batch.touchedColumns, gradient: rowGradient, delta: inputDelta,
                AdamCoefficients(rate: inputRate, decay: inputDecay), execution: execution)
        }
        inputBias.update(
            &encoder.input.bias, gradient: gradient.input.bias, AdamCoefficients(rate: Self.biasShare * inputRate))
        for i in layers.indices {
            layers[i].update(
                &encoder.layers[i], gradient.layers[i], rate: layerRate, biasRate: Self.biasShare * layerRate,
                parallelism: execution.parallelism)
        }
    }

    /// Performs a step on the logarithms of the thresholds, which keeps them positive, as in the JumpReLU paper.
    ///
    /// - Parameters:
    ///   - gradient: ∂L/∂θ.
    ///   - rate: the maximum change of log θ.
    package mutating func stepThresholds(_ encoder: inout SparseEncoder, gradient: [Float], rate: Float) {
        var logarithms = encoder.thresholds.map { Float.log($0) }
        thresholds.update(
            &logarithms, gradient: zip(gradient, encoder.thresholds).map { $0 * $1 }, AdamCoefficients(rate: rate))
        encoder.thresholds = logarithms.map { Float.exp($0) }
    }

    /// Frees the moments of the input weights; no step can follow.
    mutating func finish() { inputWeights = .finished }

    /// Resets the moments of units of the latent layer.
    package mutating func restart(units: [Int]) {
        if layers.isEmpty {
            inputWeights.restart(columns: units)
            inputBias.restart(units)
        } else {
            layers[layers.count - 1].restart(units: units, withBias: true)
        }
        thresholds.restart(units)
    }

    private static let biasShare: Float = 0.1
}

/// The step sizes of one step.
struct VariationalRates {
    var input: Float
    /// The relative weight decay of the input weights of a batch's features; see `EncoderOptimizer.step`.
    var inputDecay: Float = 0
    var layers: Float
    var decoder: Float
}

/// Adam on all weights of a variational autoencoder.
struct VariationalOptimizer {
    private var encoder: EncoderOptimizer
    private var mean: LinearAdamState
    private var logVariance: LinearAdamState
    /// nil if the decoder is not updated.
    private var decoder: LinearAdamState?
    private var dispersion: LinearAdamState?

    init(for model: VariationalAutoencoder, _ optimizer: Optimizer, includesDecoder: Bool) {
        encoder = EncoderOptimizer(for: model.encoder, optimizer)
        mean = LinearAdamState(for: model.latent.mean)
        logVariance = LinearAdamState(for: model.latent.logVariance)
        // The means of a Gaussian likelihood have the units of the data, so their steps scale with them.
        if includesDecoder {
            let variances = model.likelihood.family.dispersion == .variance ? model.dispersion : nil
            decoder = LinearAdamState(for: model.decoder, rowScales: variances?.center.map { Float.exp(0.5 * $0) })
        }
        dispersion = model.dispersion.map { LinearAdamState(for: $0.linear) }
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
        if var moved = model.dispersion {
            model.dispersion = nil
            dispersion?.update(&moved.linear, decoderGradient.dispersion, rate: rates.decoder, parallelism: parallelism)
            model.dispersion = moved
        }
    }

    /// Performs one step of the encoder and its heads.
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

extension EncoderOptimizer: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("input_weights", &inputWeights)
        walk.part("input_bias", &inputBias)
        walk.part("layers", &layers)
        walk.part("thresholds", &thresholds)
    }
}

extension VariationalOptimizer: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("encoder", &encoder)
        walk.part("mean", &mean)
        walk.part("log_variance", &logVariance)
        walk.part("decoder", &decoder)
        walk.part("dispersion", &dispersion)
    }
}
