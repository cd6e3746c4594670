import SparseMatrices
import VectorKernelInterface

/// Adam on all weights of a `SparseEncoder`.
///
/// Biases take a tenth of the step: a ReLU's bias collapses before its weights have settled otherwise.
package struct EncoderOptimizer: Sendable {
    private var inputWeights: RowSparseAdamState
    private var inputBias: AdamState
    private var layers: [(weights: AdamState, bias: AdamState)]
    private var thresholds: AdamState

    package init(for encoder: SparseEncoder) {
        inputWeights = RowSparseAdamState(rowCount: encoder.featureCount, columnCount: encoder.input.width)
        inputBias = AdamState(count: encoder.input.width)
        layers = encoder.layers.map {
            (AdamState(count: $0.weights.elementCount), AdamState(count: $0.width))
        }
        thresholds = AdamState(count: encoder.thresholds.count)
    }

    /// One step.
    ///
    /// - Parameters:
    ///   - touchedColumns: which rows of the input weights the gradient has.
    ///   - inputRate: the step of the input layer, which depends on the scale of the data.
    ///   - inputDecay: the share of themselves that the touched input weights lose, so that no feature's weights grow
    ///     without the documents' continued support.
    ///   - layerRate: the step of the dense layers.
    package mutating func step(
        _ encoder: inout SparseEncoder, gradient: SparseEncoderGradient, touchedColumns: [UInt32],
        inputRate: Float, inputDecay: Float = 0, layerRate: Float, parallelism: Parallelism
    ) {
        inputWeights.update(
            &encoder.input.weights, rows: touchedColumns, gradient: gradient.input.weights.elements,
            coefficients(inputRate, decay: inputDecay), parallelism: parallelism)
        stepAllButInputWeights(
            &encoder, gradient: gradient, inputRate: inputRate, layerRate: layerRate, parallelism: parallelism)
    }

    /// One step where the gradient of the input layer's weights, Xᵀ·Δ, has been left out: it is computed on the way,
    /// some rows at a time, and never in memory as a whole.
    ///
    /// - Parameters:
    ///   - batch: whose inputs are X.
    ///   - inputDelta: Δ = ∂L/∂Z of the input layer.
    package mutating func step(
        _ encoder: inout SparseEncoder, batch: SparseBatch, inputDelta: ScratchMatrix,
        gradient: SparseEncoderGradient, inputRate: Float, layerRate: Float, execution: Execution
    ) {
        // The gradient's memory holds nothing now.
        let scratch = gradient.input.weights
        let settings = coefficients(inputRate)
        batch.withTransposedInputs { transposed in
            inputWeights.update(
                &encoder.input.weights, rows: batch.touchedColumns, transposed: transposed,
                delta: inputDelta.elements, scratch: scratch, settings, execution: execution)
        }
        stepAllButInputWeights(
            &encoder, gradient: gradient, inputRate: inputRate, layerRate: layerRate,
            parallelism: execution.parallelism)
    }

    private mutating func stepAllButInputWeights(
        _ encoder: inout SparseEncoder, gradient: SparseEncoderGradient, inputRate: Float, layerRate: Float,
        parallelism: Parallelism
    ) {
        inputBias.update(&encoder.input.bias, gradient: gradient.input.bias, coefficients(biasShare * inputRate))
        for i in layers.indices {
            gradient.layers[i].weights.withUnsafeElements { g in
                layers[i].weights.update(
                    &encoder.layers[i].weights, gradient: g, coefficients(layerRate), parallelism: parallelism)
            }
            layers[i].bias.update(
                &encoder.layers[i].bias, gradient: gradient.layers[i].bias, coefficients(biasShare * layerRate))
        }
    }

    /// A step on the logarithms of jumpReLU's thresholds, which keeps them above zero, as in their paper.
    ///
    /// - Parameters:
    ///   - gradient: ∂L/∂θ.
    ///   - rate: how far log θ moves at most.
    package mutating func stepThresholds(_ encoder: inout SparseEncoder, gradient: [Float], rate: Float) {
        var logarithms = encoder.thresholds.map { logarithm($0) }
        thresholds.update(
            &logarithms, gradient: zip(gradient, encoder.thresholds).map { $0 * $1 }, coefficients(rate))
        encoder.thresholds = logarithms.map { exponential($0) }
    }

    /// Frees the memory of the input weights' moments; no step can follow.
    mutating func finish() { inputWeights = RowSparseAdamState(rowCount: 0, columnCount: 0) }

    /// Forgets the gradients of units of the latent layer.
    package mutating func restart(units: [Int]) {
        if layers.isEmpty {
            inputWeights.restart(columns: units)
            inputBias.restart(units)
        } else {
            layers[layers.count - 1].weights.restart(units, width: layers[layers.count - 1].bias.count)
            layers[layers.count - 1].bias.restart(units)
        }
    }

    private func coefficients(_ rate: Float, decay: Float = 0) -> AdamCoefficients {
        AdamCoefficients(rate: rate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: decay)
    }

    private var biasShare: Float { 0.1 }
}
