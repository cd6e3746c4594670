import SparseMatrices

/// The sparse input path that all models share: sparse rows → LinearLayer → activation (→ dense layers) → codes.
///
/// With hidden layers h₁ = φ(X·W₁ + b₁), h₂ = φ(h₁·W₂ + b₂), …, φ the hidden activation; the last layer has its own.
package struct SparseEncoder: Sendable {
    package var input: LinearLayer
    /// The dense layers after the first; empty without hidden layers.
    package var layers: [LinearLayer]
    /// Of all layers but the last.
    package let hiddenActivation: Activation
    /// Of the last layer.
    package let activation: Activation
    /// θ of the last layer's activation, as many as it has; see `Activation.thresholdCount`.
    package var thresholds: [Float]

    /// - Parameter thresholds: nil starts them at zero.
    package init(
        input: LinearLayer, layers: [LinearLayer] = [], hiddenActivation: Activation = .relu, activation: Activation,
        thresholds: [Float]? = nil
    ) {
        var width = input.width
        for layer in layers {
            precondition(layer.inputCount == width, "a layer of \(layer.inputCount) inputs follows one of \(width)")
            width = layer.width
        }
        self.input = input
        self.layers = layers
        self.hiddenActivation = hiddenActivation
        self.activation = activation
        let count = activation.thresholdCount(width: width)
        self.thresholds = thresholds ?? Array(repeating: 0, count: count)
        precondition(self.thresholds.count == count, "\(self.thresholds.count) thresholds for \(activation)")
        precondition(!hiddenActivation.isLatentOnly, "\(hiddenActivation) is for the latent layer")
    }

    package var featureCount: Int { input.inputCount }
    /// H, the number of latent units.
    package var latentWidth: Int { layers.last?.width ?? input.width }

    /// The outputs of every layer; the last ones are the codes.
    ///
    /// - Parameter isTraining: whether latent units compete, for activations that do so in training only.
    /// - Complexity: O(nnz(X)·width₁) and the dense layers' products.
    package func forward(
        _ x: CSRView, isTraining: Bool = false, workspace: EncoderWorkspace, execution: Execution
    ) {
        let rows = x.rowCount
        workspace.resize(for: self, rows: rows)
        let first = workspace.outputs[0].elements
        input.forward(x, into: first, execution: execution)
        activate(0, first, rows: rows, width: input.width, isTraining, workspace, execution)
        for (i, layer) in layers.enumerated() {
            let output = workspace.outputs[i + 1].elements
            layer.forward(workspace.outputs[i].elements, rows: rows, into: output, parallelism: execution.parallelism)
            activate(i + 1, output, rows: rows, width: layer.width, isTraining, workspace, execution)
        }
    }

    private func activate(
        _ layer: Int, _ z: UnsafeMutablePointer<Float>, rows: Int, width: Int, _ isTraining: Bool,
        _ workspace: EncoderWorkspace, _ execution: Execution
    ) {
        if layer < layers.count {
            hiddenActivation.apply(z, rows: rows, width: width, parallelism: execution.parallelism)
        } else if isTraining, let training = workspace.training(of: activation) {
            training.apply(
                z, rows: rows, width: width, thresholds: thresholds, parallelism: execution.parallelism)
        } else {
            activation.apply(
                z, rows: rows, width: width, thresholds: thresholds, parallelism: execution.parallelism)
        }
    }

    /// The gradient of the loss with respect to every weight, after `forward` on the batch's inputs in training.
    ///
    /// - Parameters:
    ///   - workspace: its `codeDelta` holds ∂L/∂codes, and is overwritten; its `inputDelta` holds ∂L/∂Z of the input
    ///     layer afterwards.
    ///   - includesInputWeights: whether the gradient of the input layer's weights is wanted; see `EncoderOptimizer`.
    package func backward(
        _ batch: SparseBatch, workspace: EncoderWorkspace, into gradient: inout SparseEncoderGradient,
        includesInputWeights: Bool = true, execution: Execution
    ) {
        let rows = batch.rowCount
        if gradient.layers.count != layers.count { gradient.layers = layers.map { _ in LinearGradient() } }
        for i in stride(from: layers.count, through: 0, by: -1) {
            let delta = workspace.deltas[i].elements
            let width = i == 0 ? input.width : layers[i - 1].width
            let outputs = workspace.outputs[i].elements
            if i == layers.count, let training = workspace.training(of: activation) {
                training.backpropagate(
                    delta, outputs: outputs, rows: rows, width: width, thresholds: thresholds,
                    parallelism: execution.parallelism)
            } else {
                (i == layers.count ? activation : hiddenActivation).backpropagate(
                    delta, outputs: outputs, rows: rows, width: width, parallelism: execution.parallelism)
            }
            if i == 0 {
                input.backward(
                    batch, delta: delta, into: &gradient.input, includesWeights: includesInputWeights,
                    execution: execution)
            } else {
                layers[i - 1].backward(
                    workspace.outputs[i - 1].elements, delta: delta, rows: rows, into: &gradient.layers[i - 1],
                    inputDelta: workspace.deltas[i - 1].elements, parallelism: execution.parallelism)
            }
        }
    }
}

/// What a forward and a backward pass through a `SparseEncoder` need beside the weights.
package final class EncoderWorkspace {
    /// h of each layer, rows × width.
    package fileprivate(set) var outputs: [ScratchMatrix] = []
    /// ∂L/∂h of each layer, rows × width.
    fileprivate(set) var deltas: [ScratchMatrix] = []
    /// What the latent layer does in training only.
    private var training: (activation: Activation, function: (any LatentTraining)?)?
    private let activityPrice: Float

    /// - Parameter activityPrice: λ of a penalty λ·‖h‖₀ on a document, for activations that learn from it.
    package init(activityPrice: Float = 0) { self.activityPrice = activityPrice }

    /// What an activation of the latent layer does in training, with what it keeps from one pass to the next; nil if
    /// it does the same as afterwards.
    package func training(of activation: Activation) -> (any LatentTraining)? {
        if let training, training.activation == activation { return training.function }
        let function = activation.makeTraining(activityPrice: activityPrice)
        training = (activation, function)
        return function
    }

    /// rows × H.
    package var codes: ScratchMatrix { outputs[outputs.count - 1] }
    /// ∂L/∂codes, rows × H, for the objective to fill.
    package var codeDelta: ScratchMatrix { deltas[deltas.count - 1] }
    /// ∂L/∂Z of the input layer after `SparseEncoder.backward`, rows × width.
    package var inputDelta: ScratchMatrix { deltas[0] }

    fileprivate func resize(for encoder: SparseEncoder, rows: Int) {
        let widths = [encoder.input.width] + encoder.layers.map(\.width)
        while outputs.count < widths.count {
            outputs.append(ScratchMatrix())
            deltas.append(ScratchMatrix())
        }
        for (i, width) in widths.enumerated() {
            outputs[i].resize(rows: rows, width: width)
            deltas[i].resize(rows: rows, width: width)
        }
    }
}

/// The gradient of a `SparseEncoder`.
package struct SparseEncoderGradient {
    package var input = SparseLinearGradient()
    package var layers: [LinearGradient] = []

    package init() {}
}
