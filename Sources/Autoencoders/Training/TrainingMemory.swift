import SparseMatrices

/// The minimum memory of training, in bytes, in addition to the documents.
///
/// An encoder's weights are stored with the moments of their gradient; other numbers are those of the decoder and its
/// optimizer.
struct TrainingMemory {
    let bytes: Double

    /// - Parameters:
    ///   - widths: the widths of the encoder's layers.
    ///   - others: the number of other numbers, of four bytes each.
    init(features: Int, widths: [Int], _ optimizer: Optimizer?, others: Double) {
        let width = widths.first ?? 0
        let numbers = (optimizer ?? .chosen(for: features, width: width)).floatsPerWeight
        let dense = zip(widths, widths.dropFirst()).reduce(0) { $0 + 3 * Double($1.0) * Double($1.1) }
        bytes = 4 * (numbers * Double(features) * Double(width) + dense + others)
    }
}

extension AutoencoderSettings {
    /// The minimum memory of training, in bytes: in addition to the encoder, the decoder, a few numbers per feature and
    /// statistics of the codes; for a likelihood, the decoder with its square, gradient and moments.
    ///
    /// If most features do not occur, training needs memory for the others only, and the size of the model is decisive.
    ///
    /// - Parameters:
    ///   - earlier: the number of features of a model that training goes on from, all of which are trained, whether they
    ///     occur or not. That model and a copy of it with the new features stay in memory. nil for a new model.
    ///   - available: the available memory; the features that occur are determined only if all features together would
    ///     exceed it.
    package func trainingBytes(
        on matrix: CSRMatrix, optimizer: Optimizer?, continuing earlier: Int? = nil, available: Double
    ) -> Double {
        let latent = Double(latentWidth)
        let isSquaredError = objective == .squaredError
        let widths = hiddenWidths + [latentWidth]
        func bytes(training features: Int) -> Double {
            TrainingMemory(
                features: features, widths: widths, optimizer,
                others: isSquaredError
                    ? (latent + 4) * Double(features) + 3 * latent * latent : 5 * (latent + 1) * Double(features)
            ).bytes
        }
        let whole = bytes(training: matrix.columnCount)
        if let earlier {
            // What an optimal decoder knew is brought back as a product of V × H numbers by H × H.
            let recalled = isSquaredError && decoder == .optimal ? 2 * (latent + 1) * Double(matrix.columnCount) : 0
            let models = (latent + Double(widths[0])) * Double(earlier + matrix.columnCount)
            return whole + 4 * (models + recalled)
        }
        guard isSquaredError, whole > available else { return whole }
        let model = 4 * (latent + Double(widths[0])) * Double(matrix.columnCount)
        // Finding the features that occur takes memory for all features.
        let occupied = model > available ? nil : OccupiedColumns(of: matrix)
        guard let occupied, occupied.areFew else { return max(model, whole) }
        return max(model, bytes(training: occupied.count))
    }
}

extension VariationalSettings {
    /// The minimum memory of training, in bytes: in addition to the encoder, the two heads, and the decoder with its
    /// square, gradient and moments.
    ///
    /// - Parameter earlier: the number of features of a model that training goes on from, which stays in memory.
    package func trainingBytes(
        on matrix: CSRMatrix, optimizer: Optimizer?, continuing earlier: Int? = nil, available: Double
    ) -> Double {
        let latent = Double(latentWidth)
        let decoders: Double = likelihood.family.dispersion == .variance ? 2 : 1
        let heads = 6 * latent * Double(hiddenWidths.last ?? 0)
        return TrainingMemory(
            features: matrix.columnCount, widths: hiddenWidths, optimizer,
            others: decoders * 5 * (latent + 1) * Double(matrix.columnCount) + heads
                + (decoders * latent + Double(hiddenWidths.first ?? 0)) * Double(earlier ?? 0)
        ).bytes
    }
}
