import SparseMatrices

/// A model that a training goes on from.
package struct EarlierModel<Model: Sendable>: Sendable {
    package let model: Model
    /// The number of documents that the model has learned from.
    package let documents: Int
    /// The codes of some of these documents, one per row; nil if they are not known.
    package let codes: DenseMatrix?

    /// - Parameter model: its features are the first ones of the documents that it goes on with.
    package init(_ model: Model, documents: Int, codes: DenseMatrix? = nil) {
        (self.model, self.documents, self.codes) = (model, documents, codes)
    }

    /// The factor of all step sizes: the share that new documents have of all documents. With it, as with step sizes of
    /// 1/t, each document counts about as much as any other, and a model that knows many documents is not changed much
    /// by a few.
    func rateFactor(newDocuments: Int) -> Float {
        Float(Double(newDocuments) / Double(max(1, newDocuments + documents)))
    }
}

// MARK: Taking over the weights of an earlier model, whose features are the first ones of a new model.

extension DenseMatrix {
    /// Replaces the first rows.
    mutating func adoptRows(of other: DenseMatrix) {
        precondition(
            other.columnCount == columnCount && other.rowCount <= rowCount,
            "\(other.rowCount) × \(other.columnCount) cannot be in \(rowCount) × \(columnCount)")
        withUnsafeMutableElements { target in
            other.withUnsafeElements { target.update(from: $0, count: other.elementCount) }
        }
    }
}

extension LinearDecoder {
    /// Takes over a decoder of fewer features; the other features keep their own weights.
    mutating func adopt(_ other: LinearDecoder) {
        weights.adoptRows(of: other.weights)
        bias.replaceSubrange(0..<other.bias.count, with: other.bias)
    }
}

extension DispersionDecoder {
    /// The dispersions of an earlier model, with these ones for new features.
    func adopting(_ other: DispersionDecoder) -> DispersionDecoder {
        var linear = linear
        linear.adopt(other.linear)
        return DispersionDecoder(
            linear: linear, center: other.center + center.dropFirst(other.count), bound: other.bound)
    }
}

extension SparseEncoder {
    /// Takes over an encoder of fewer features. The weights of the other features are zero: at first, documents have the
    /// codes that they had without them.
    mutating func adopt(_ other: SparseEncoder) {
        input.weights.clear()
        input.weights.adoptRows(of: other.input.weights)
        input.bias = other.input.bias
        (layers, thresholds) = (other.layers, other.thresholds)
    }
}

extension VariationalAutoencoder {
    /// Takes over a model of fewer features; new features have the decoder's weights of a new model.
    mutating func adopt(_ other: VariationalAutoencoder) {
        encoder.adopt(other.encoder)
        latent = other.latent
        decoder.adopt(other.decoder)
        if let dispersion, let earlier = other.dispersion { self.dispersion = dispersion.adopting(earlier) }
    }
}
