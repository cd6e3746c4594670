import Autoencoders
import SparseMatrices
import Testing

/// An encoder with random weights, a batch for it, and its parameters as flat arrays that can be moved one by one.
struct EncoderUnderTest {
    let encoder: SparseEncoder
    let batch: SparseBatch

    /// - Parameter widths: of all layers, the last one's being H.
    init(
        matrix: CSRMatrix, widths: [Int], hidden: Activation = .relu, activation: Activation,
        thresholds: [Float]? = nil, corruption: Corruption? = nil, seed: UInt64 = 11
    ) {
        let scale = 1 / Float(widths[0]).squareRoot()
        let input = LinearLayer(
            weights: Numbers.matrix(matrix.columnCount, widths[0], scale: 0.7, seed: seed),
            bias: Numbers.normal(widths[0], scale: 0.3, seed: seed + 1))
        let layers = zip(widths, widths.dropFirst()).enumerated().map { i, shape in
            LinearLayer(
                weights: Numbers.matrix(shape.0, shape.1, scale: 2 * scale, seed: seed + 10 + UInt64(i)),
                bias: Numbers.normal(shape.1, scale: 0.3, seed: seed + 20 + UInt64(i)))
        }
        encoder = SparseEncoder(
            input: input, layers: layers, hiddenActivation: hidden, activation: activation, thresholds: thresholds)
        batch = matrix.batch(matrix.allRows, corruption: corruption)
    }

    /// A parameter array of an encoder.
    enum Parameters: CustomStringConvertible {
        case inputWeights, inputBias, layerWeights(Int), layerBias(Int)

        var description: String {
            switch self {
            case .inputWeights: "input weights"
            case .inputBias: "input bias"
            case .layerWeights(let i): "weights of layer \(i + 1)"
            case .layerBias(let i): "bias of layer \(i + 1)"
            }
        }
    }

    var parameters: [Parameters] {
        [.inputWeights, .inputBias] + encoder.layers.indices.flatMap { [.layerWeights($0), .layerBias($0)] }
    }

    func values(_ parameters: Parameters) -> [Float] {
        switch parameters {
        case .inputWeights: encoder.input.weights.elements
        case .inputBias: encoder.input.bias
        case .layerWeights(let i): encoder.layers[i].weights.elements
        case .layerBias(let i): encoder.layers[i].bias
        }
    }

    func encoder(with values: [Float], as parameters: Parameters) -> SparseEncoder {
        var moved = encoder
        func matrix(like other: DenseMatrix) -> DenseMatrix {
            DenseMatrix(rowCount: other.rowCount, columnCount: other.columnCount, elements: values)
        }
        switch parameters {
        case .inputWeights: moved.input.weights = matrix(like: encoder.input.weights)
        case .inputBias: moved.input.bias = values
        case .layerWeights(let i): moved.layers[i].weights = matrix(like: encoder.layers[i].weights)
        case .layerBias(let i): moved.layers[i].bias = values
        }
        return moved
    }

    /// The gradient of one parameter array, that of the input weights spread over all rows.
    func values(_ parameters: Parameters, of gradient: SparseEncoderGradient) -> [Float] {
        switch parameters {
        case .inputWeights:
            let width = encoder.input.width
            var full = [Float](repeating: 0, count: encoder.featureCount * width)
            for (i, column) in batch.touchedColumns.enumerated() {
                for j in 0..<width {
                    full[Int(column) * width + j] = gradient.input.weights.elements[i * width + j]
                }
            }
            return full
        case .inputBias: return gradient.input.bias
        case .layerWeights(let i): return gradient.layers[i].weights.elements
        case .layerBias(let i): return gradient.layers[i].bias
        }
    }

    /// The codes as they are in training, and which units of which layer are active. What competing units took over from
    /// losers is that of this encoder whatever the argument is, as the gradient has it.
    func forward(_ encoder: SparseEncoder, _ workspace: EncoderWorkspace) -> (codes: [Float], activeSet: [Bool]) {
        batch.withInputs { encoder.forward($0, isTraining: true, workspace: workspace, execution: .serial) }
        let activeSet = workspace.outputs.flatMap { output in output.array.flatMap { [$0 > 0, $0 < 0] } }
        let codes = workspace.codes.array
        guard encoder.activation.function is KCompetitiveActivation else { return (codes, activeSet) }
        let gains = zip(forward(self.encoder, isTraining: true), forward(self.encoder, isTraining: false)).map(-)
        let moved = forward(encoder, isTraining: false)
        return (codes.indices.map { codes[$0] == 0 ? 0 : moved[$0] + gains[$0] }, activeSet)
    }

    private func forward(_ encoder: SparseEncoder, isTraining: Bool) -> [Float] {
        let workspace = EncoderWorkspace()
        batch.withInputs { encoder.forward($0, isTraining: isTraining, workspace: workspace, execution: .serial) }
        return workspace.codes.array
    }

    /// ∂loss/∂weights for a loss of the codes.
    func gradient(_ encoder: SparseEncoder, _ loss: ProbeLoss) -> SparseEncoderGradient {
        backward(encoder, loss).gradient
    }

    /// The same, and the workspace with what led to it.
    func backward(
        _ encoder: SparseEncoder, _ loss: ProbeLoss
    ) -> (gradient: SparseEncoderGradient, workspace: EncoderWorkspace) {
        let workspace = EncoderWorkspace()
        let codes = forward(encoder, workspace).codes
        workspace.codeDelta.fill(loss.gradient(codes))
        var gradient = SparseEncoderGradient()
        encoder.backward(batch, workspace: workspace, into: &gradient, execution: .serial)
        return (gradient, workspace)
    }
}

extension ScratchMatrix {
    var array: [Float] { Array(UnsafeBufferPointer(start: elements, count: elementCount)) }

    func fill(_ values: [Float]) {
        precondition(values.count == elementCount)
        elements.update(from: values, count: values.count)
    }
}
