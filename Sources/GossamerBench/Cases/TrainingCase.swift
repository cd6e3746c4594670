import Autoencoders
import SparseMatrices

/// Training steps on some documents, as performed by the engine and by `PlainAutoencoder`.
struct TrainingCase {
    /// The documents, without features that occur in none of them.
    private let documents: CSRMatrix
    private var encoder: SparseEncoder
    private let rate: Float = 1e-3
    private let ridge = 0.1

    init(_ documents: CSRMatrix, width: Int) {
        self.documents = WeightedRows(documents).keeping(OccupiedColumns(of: documents)).weighted()
        let features = self.documents.columnCount
        let uniform = randomMatrix(rows: features, columns: width, seed: 6)
        let weights = DenseMatrix(
            rowCount: features, columnCount: width, elements: uniform.elements.map { $0 - 0.4 })
        encoder = SparseEncoder(
            input: LinearLayer(weights: weights, bias: Array(repeating: 0.1, count: width)), activation: .relu)
    }

    /// Compares two steps on all documents.
    mutating func check() throws {
        let x = documents.plainRows
        var plain = PlainAutoencoder(
            weights: encoder.input.weights.plainRows, bias: encoder.input.bias.map(Double.init))
        var optimizer = EncoderOptimizer(for: encoder)
        for number in 1...2 {
            let loss = step(&optimizer)
            let expected = plain.step(
                x, decoder: plain.decoder(for: x, ridge: ridge), rate: Double(rate), biasRate: 0.1 * Double(rate))
            guard abs(loss - expected) <= 1e-4 * expected else {
                throw WrongResult(what: "a loss of \(loss), which should be \(expected), in step \(number)")
            }
        }
        try compare(with: plain)
    }

    /// Adam divides by the size of the gradient, so if that is close to zero only the length of the step is compared.
    private func compare(with plain: PlainAutoencoder) throws {
        let sizes = plain.weights.indices.map { feature in
            plain.bias.indices.map { plain.gradientSize(feature: feature, unit: $0) }
        }
        let largest = sizes.joined().max() ?? 0
        for (feature, row) in plain.weights.enumerated() {
            for (unit, weight) in row.enumerated() {
                let allowed: Double = sizes[feature][unit] > 1e-3 * largest ? 0.02 : 4
                guard abs(Double(encoder.input.weights[feature, unit]) - weight) <= allowed * Double(rate) else {
                    throw WrongResult(what: "the weight of feature \(feature + 1) and unit \(unit + 1)")
                }
            }
        }
    }

    /// Performs a step: encode, fit the decoder, evaluate, backpropagate, update the encoder.
    ///
    /// - Returns: the loss before the step.
    private mutating func step(_ optimizer: inout EncoderOptimizer) -> Double {
        let execution = Execution(parallelism: Parallelism(threads: 2))
        let workspace = EncoderWorkspace(), decoding = DecoderWorkspace()
        var batch = SparseBatch(columnCount: documents.columnCount)
        batch.load(Array(0..<documents.rowCount)[...], of: documents)
        batch.withInputs { encoder.forward($0, isTraining: true, workspace: workspace, execution: execution) }
        let codes = workspace.codes.elements
        var decoder = OptimalDecoder(
            featureCount: documents.columnCount, width: encoder.latentWidth, hasBias: true)
        decoder.collect(batch, codes: codes, workspace: decoding, execution: execution)
        decoder.solve(ridge: ridge, workspace: decoding, execution: execution)
        let loss = decoder.evaluate(
            batch, codes: codes, delta: workspace.codeDelta.elements, workspace: decoding, execution: execution)
        var gradient = SparseEncoderGradient()
        encoder.backward(
            batch, workspace: workspace, into: &gradient, includesInputWeights: false, execution: execution)
        optimizer.step(
            &encoder, batch: batch, inputDelta: workspace.inputDelta, gradient: gradient, includesInputWeights: false,
            inputRate: rate, layerRate: rate, execution: execution)
        return loss.reconstruction
    }
}
