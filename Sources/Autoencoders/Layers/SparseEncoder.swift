import SparseMatrices

/// The sparse input path of all models: sparse rows → LinearLayer → activation (→ dense layers) → codes.
///
/// With hidden layers h₁ = φ(X·W₁ + b₁), h₂ = φ(h₁·W₂ + b₂), …, φ the hidden activation; the last layer has a separate
/// activation.
package struct SparseEncoder: Sendable {
    package var input: LinearLayer
    /// The dense layers after the first; empty without hidden layers.
    package var layers: [LinearLayer]
    /// The activation of all layers but the last.
    package let hiddenActivation: Activation
    /// The activation of the last layer.
    package let activation: Activation
    /// θ, the thresholds of the last layer's activation; see `Activation.thresholdCount`.
    package var thresholds: [Float]

    /// - Parameter thresholds: nil for zeros.
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

    /// Computes the outputs of every layer; the last ones are the codes.
    ///
    /// - Parameter isTraining: whether to use the training form of activations in which units compete in training only.
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

    /// Computes the gradient of the loss with respect to every weight, after `forward` on the batch's inputs in
    /// training.
    ///
    /// - Parameters:
    ///   - workspace: its `codeDelta` contains ∂L/∂codes, and is overwritten; afterwards its `inputDelta` contains
    ///     ∂L/∂Z of the input layer.
    ///   - includesInputWeights: whether the gradient of the input layer's weights is computed; see `EncoderOptimizer`.
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

/// The working memory of forward and backward passes through a `SparseEncoder`.
package final class EncoderWorkspace {
    /// The outputs h of each layer, rows × width.
    package fileprivate(set) var outputs: [ScratchMatrix] = []
    /// ∂L/∂h of each layer, rows × width.
    fileprivate(set) var deltas: [ScratchMatrix] = []
    /// The training form of the latent layer's activation.
    private var training: (activation: Activation, function: (any LatentTraining)?)?
    private let activityPrice: Float

    /// - Parameter activityPrice: λ of a penalty λ·‖h‖₀ on a document, for activations whose thresholds are trained by
    ///   it.
    package init(activityPrice: Float = 0) { self.activityPrice = activityPrice }

    /// The training form of the latent layer's activation, with its state between passes; nil if the activation is the
    /// same in training.
    package func training(of activation: Activation) -> (any LatentTraining)? {
        if let training, training.activation == activation { return training.function }
        let function = activation.makeTraining(activityPrice: activityPrice)
        training = (activation, function)
        return function
    }

    /// The codes, rows × H.
    package var codes: ScratchMatrix { outputs[outputs.count - 1] }
    /// ∂L/∂codes, rows × H, set by the objective.
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

extension SparseEncoder: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("input", &input)
        walk.part("layers", &layers)
        walk.part("thresholds", &thresholds)
    }
}
