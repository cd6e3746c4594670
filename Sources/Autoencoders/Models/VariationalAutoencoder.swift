import SparseMatrices

/// A variational autoencoder of sparse documents: x → sparse encoder → Gaussian latent z → decoder → a distribution
/// over documents (Kingma & Welling, ICLR 2014).
public struct VariationalAutoencoder: Sendable {
    /// The sparse input path, up to the last hidden layer.
    public package(set) var encoder: SparseEncoder
    public package(set) var latent: GaussianLatent
    /// D (features × K) and c: the natural parameters of a document are z·Dᵀ + c.
    public package(set) var decoder: LinearDecoder

    public init(encoder: SparseEncoder, latent: GaussianLatent, decoder: LinearDecoder) {
        precondition(
            encoder.latentWidth == latent.inputCount && latent.width == decoder.latentWidth
                && encoder.featureCount == decoder.featureCount, "the parts' widths do not fit together")
        self.encoder = encoder
        self.latent = latent
        self.decoder = decoder
    }

    public var featureCount: Int { encoder.featureCount }
    /// K.
    public var latentWidth: Int { latent.width }
}

extension VariationalAutoencoder {
    /// What the encoder sees of documents: ln(1 + x), brought to unit length, so that long documents and frequent
    /// words do not drown the rest. Values below zero, which counts do not have, leave the matrix as it is.
    ///
    /// - Complexity: O(entries).
    package static func encoderInputs(from targets: CSRMatrix) -> CSRMatrix {
        let values = AlignedBuffer<Float>(uninitialized: targets.entryCount)
        let isNonNegative = targets.withUnsafeView { view in
            for row in 0..<view.rowCount {
                var square = 0.0
                for entry in view.entries(ofRow: row) {
                    if view.values[entry] < 0 { return false }
                    let logarithm = logarithmOfOnePlus(view.values[entry])
                    values.baseAddress[entry] = logarithm
                    square += Double(logarithm) * Double(logarithm)
                }
                if square == 0 { continue }
                let scale = Float(1 / square.squareRoot())
                for entry in view.entries(ofRow: row) { values.baseAddress[entry] *= scale }
            }
            return true
        }
        return isNonNegative ? targets.replacingValues(with: values) : targets
    }
}
