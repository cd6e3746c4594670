import SparseMatrices

@testable import Autoencoders

extension VariationalAutoencoder {
    /// A model with random weights; all hidden layers are tanh.
    static func random(
        features: Int, hiddenWidths: [Int], latentWidth: Int, decoderScale: Float = 0.8,
        likelihood: LikelihoodKind = .multinomial, seed: UInt64 = 31
    ) -> VariationalAutoencoder {
        var inputs = features
        let layers = hiddenWidths.enumerated().map { i, width in
            defer { inputs = width }
            let scale: Float = i == 0 ? 1.5 : 1.5 / Float(inputs).squareRoot()
            return LinearLayer(
                weights: Numbers.matrix(inputs, width, scale: scale, seed: seed + UInt64(i)),
                bias: Numbers.normal(width, scale: 0.3, seed: seed + 10 + UInt64(i)))
        }
        func head(_ offset: UInt64) -> LinearLayer {
            LinearLayer(
                weights: Numbers.matrix(inputs, latentWidth, scale: 0.7, seed: seed + 20 + offset),
                bias: Numbers.normal(latentWidth, scale: 0.5, seed: seed + 30 + offset))
        }
        func decoder(_ offset: UInt64) -> LinearDecoder {
            LinearDecoder(
                weights: Numbers.matrix(features, latentWidth, scale: decoderScale, seed: seed + offset),
                bias: Numbers.normal(features, seed: seed + offset + 1))
        }
        return VariationalAutoencoder(
            encoder: SparseEncoder(
                input: LinearLayer(weights: layers[0].weights, bias: layers[0].bias),
                layers: Array(layers.dropFirst()), hiddenActivation: .tanh, activation: .tanh),
            latent: GaussianLatent(mean: head(0), logVariance: head(1)),
            decoder: decoder(40), likelihood: likelihood,
            dispersion: .random(likelihood, features: features, latentWidth: latentWidth, seed: seed + 50))
    }

    /// The bits of all weights.
    var bits: [UInt32] {
        var parts = [encoder.input.weights.elements, encoder.input.bias]
        for layer in encoder.layers + [latent.mean, latent.logVariance] {
            parts += [layer.weights.elements, layer.bias]
        }
        for decoder in [decoder] + (dispersion.map { [$0.linear] } ?? []) {
            parts += [decoder.weights.elements, decoder.bias]
        }
        return parts.joined().map(\.bitPattern)
    }

    var isFinite: Bool { bits.allSatisfy { Float(bitPattern: $0).isFinite } }
}

extension DispersionDecoder {
    /// Random dispersions of a likelihood; nil if it has none.
    ///
    /// - Parameter latentWidth: 0 for dispersions that do not follow z.
    static func random(
        _ kind: LikelihoodKind, features: Int, latentWidth: Int, seed: UInt64
    ) -> DispersionDecoder? {
        kind.family.dispersion.map { dispersion in
            let count = dispersion.count(features: features)
            // Around 20, where a concentration tells words that come twice from others.
            let middle: Float = dispersion == .concentration ? 3 : 0
            return DispersionDecoder(
                linear: LinearDecoder(
                    weights: Numbers.matrix(count, latentWidth, scale: 0.5, seed: seed),
                    bias: Numbers.normal(count, scale: 0.8, seed: seed + 1).map { middle + $0 }),
                center: Numbers.normal(count, seed: seed + 2).map { middle + $0 })
        }
    }
}

/// A parameter array of a variational autoencoder, flat.
enum VariationalParameters: CustomStringConvertible {
    case inputWeights, inputBias, layerWeights(Int), layerBias(Int), meanWeights, meanBias, logVarianceWeights,
        logVarianceBias, decoderWeights, decoderBias, dispersionWeights, dispersionBias

    static func all(of model: VariationalAutoencoder) -> [VariationalParameters] {
        [.inputWeights, .inputBias] + model.encoder.layers.indices.flatMap { [.layerWeights($0), .layerBias($0)] }
            + [.meanWeights, .meanBias, .logVarianceWeights, .logVarianceBias, .decoderWeights, .decoderBias]
            + (model.dispersion != nil ? [.dispersionWeights, .dispersionBias] : [])
    }

    var belongToDecoder: Bool {
        switch self {
        case .decoderWeights, .decoderBias, .dispersionWeights, .dispersionBias: true
        default: false
        }
    }

    var description: String {
        switch self {
        case .inputWeights: "input weights"
        case .inputBias: "input bias"
        case .layerWeights(let i): "weights of layer \(i + 1)"
        case .layerBias(let i): "bias of layer \(i + 1)"
        case .meanWeights: "weights of the mean"
        case .meanBias: "bias of the mean"
        case .logVarianceWeights: "weights of the log-variance"
        case .logVarianceBias: "bias of the log-variance"
        case .decoderWeights: "decoder weights"
        case .decoderBias: "decoder bias"
        case .dispersionWeights: "weights of the dispersions"
        case .dispersionBias: "bias of the dispersions"
        }
    }

    /// Where the array is in a model: a matrix or a bias.
    private var place:
        (
            matrix: WritableKeyPath<VariationalAutoencoder, DenseMatrix>?,
            bias: WritableKeyPath<VariationalAutoencoder, [Float]>?
        )
    {
        switch self {
        case .inputWeights: (\.encoder.input.weights, nil)
        case .inputBias: (nil, \.encoder.input.bias)
        case .layerWeights(let i): (\.encoder.layers[i].weights, nil)
        case .layerBias(let i): (nil, \.encoder.layers[i].bias)
        case .meanWeights: (\.latent.mean.weights, nil)
        case .meanBias: (nil, \.latent.mean.bias)
        case .logVarianceWeights: (\.latent.logVariance.weights, nil)
        case .logVarianceBias: (nil, \.latent.logVariance.bias)
        case .decoderWeights: (\.decoder.weights, nil)
        case .decoderBias: (nil, \.decoder.bias)
        case .dispersionWeights: (\.dispersion!.linear.weights, nil)
        case .dispersionBias: (nil, \.dispersion!.linear.bias)
        }
    }

    func values(of model: VariationalAutoencoder) -> [Float] {
        if let matrix = place.matrix { return model[keyPath: matrix].elements }
        return place.bias.map { model[keyPath: $0] } ?? []
    }

    func setting(_ values: [Float], in model: VariationalAutoencoder) -> VariationalAutoencoder {
        var moved = model
        if let path = place.matrix {
            let old = model[keyPath: path]
            moved[keyPath: path] = DenseMatrix(rowCount: old.rowCount, columnCount: old.columnCount, elements: values)
        }
        if let path = place.bias { moved[keyPath: path] = values }
        return moved
    }

    /// The gradient that a trainer's last step computed; that of the input weights spread over all rows.
    func gradient(of trainer: VariationalTrainer) -> [Float] {
        switch self {
        case .inputWeights:
            let width = trainer.model.encoder.input.width
            var full = [Float](repeating: 0, count: trainer.model.featureCount * width)
            for (i, column) in trainer.batch.touchedColumns.enumerated() {
                for j in 0..<width {
                    full[Int(column) * width + j] = trainer.encoderGradient.input.weights.elements[i * width + j]
                }
            }
            return full
        case .inputBias: return trainer.encoderGradient.input.bias
        case .layerWeights(let i): return trainer.encoderGradient.layers[i].weights.elements
        case .layerBias(let i): return trainer.encoderGradient.layers[i].bias
        case .meanWeights: return trainer.latentGradient.mean.weights.elements
        case .meanBias: return trainer.latentGradient.mean.bias
        case .logVarianceWeights: return trainer.latentGradient.logVariance.weights.elements
        case .logVarianceBias: return trainer.latentGradient.logVariance.bias
        case .decoderWeights: return trainer.decoderGradient.linear.weights.elements
        case .decoderBias: return trainer.decoderGradient.linear.bias
        case .dispersionWeights: return trainer.decoderGradient.dispersion.weights.elements
        case .dispersionBias: return trainer.decoderGradient.dispersion.bias
        }
    }
}
