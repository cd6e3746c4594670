import SparseMatrices
import VectorKernelInterface

/// Adam on all weights of a `SparseEncoder`.
///
/// Biases take a tenth of the step: a ReLU's bias collapses before its weights have settled otherwise.
package struct EncoderOptimizer: Sendable {
    /// Of the input weights, one or the other.
    private var inputAdam: RowSparseAdamState?
    private var inputFactoredAdam: FactoredAdamState?
    private var inputBias: AdamState
    private var layers: [(weights: AdamState, bias: AdamState)]
    /// Of thresholds that are learned by gradients.
    private var thresholds: AdamState

    package init(for encoder: SparseEncoder, _ optimizer: Optimizer = .adam) {
        let (rows, columns) = (encoder.featureCount, encoder.input.width)
        switch optimizer {
        case .adam: inputAdam = RowSparseAdamState(rowCount: rows, columnCount: columns)
        case .factoredAdam: inputFactoredAdam = FactoredAdamState(rowCount: rows, columnCount: columns)
        }
        inputBias = AdamState(count: encoder.input.width)
        layers = encoder.layers.map {
            (AdamState(count: $0.weights.elementCount), AdamState(count: $0.width))
        }
        thresholds = AdamState(count: encoder.activation.learnsThresholds ? encoder.thresholds.count : 0)
    }

    /// One step.
    ///
    /// - Parameters:
    ///   - batch: whose inputs are X.
    ///   - inputDelta: Δ = ∂L/∂Z of the input layer.
    ///   - includesInputWeights: whether `gradient` has the gradient Xᵀ·Δ of the input layer's weights. If it has not,
    ///     it is computed on the way, some rows at a time, and never in memory as a whole.
    ///   - inputRate: the step of the input layer, which depends on the scale of the data.
    ///   - inputDecay: the share of themselves that the touched input weights lose, so that no feature's weights grow
    ///     without the documents' continued support.
    ///   - layerRate: the step of the dense layers.
    package mutating func step(
        _ encoder: inout SparseEncoder, batch: SparseBatch, inputDelta: ScratchMatrix,
        gradient: SparseEncoderGradient, includesInputWeights: Bool, inputRate: Float, inputDecay: Float = 0,
        layerRate: Float, execution: Execution
    ) {
        let settings = coefficients(inputRate, decay: inputDecay)
        let memory = gradient.input.weights
        batch.withTransposedInputs { transposed in
            let rowGradient: RowGradient =
                includesInputWeights
                ? .stored(memory.elements)
                : .product(transposed: transposed, delta: inputDelta.elements, scratch: memory)
            inputAdam?.update(
                &encoder.input.weights, rows: batch.touchedColumns, gradient: rowGradient, settings,
                execution: execution)
            inputFactoredAdam?.update(
                &encoder.input.weights, rows: batch.touchedColumns, gradient: rowGradient, delta: inputDelta, settings,
                execution: execution)
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

    /// A step on the logarithms of thresholds, which keeps them above zero, as in the paper of jumpReLU.
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
    mutating func finish() {
        inputAdam = nil
        inputFactoredAdam = nil
    }

    /// Forgets the gradients of units of the latent layer.
    package mutating func restart(units: [Int]) {
        if layers.isEmpty {
            inputAdam?.restart(columns: units)
            inputFactoredAdam?.restart(columns: units)
            inputBias.restart(units)
        } else {
            layers[layers.count - 1].weights.restart(units, width: layers[layers.count - 1].bias.count)
            layers[layers.count - 1].bias.restart(units)
        }
        thresholds.restart(units)
    }

    private func coefficients(_ rate: Float, decay: Float = 0) -> AdamCoefficients {
        AdamCoefficients(rate: rate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: decay)
    }

    private var biasShare: Float { 0.1 }
}
