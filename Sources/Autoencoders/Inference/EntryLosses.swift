import SparseMatrices

/// What each stored entry of a document adds to what a model fails to say of it, given the document's code: (x_v − x̂_v)²
/// of the squared error, x̂ = D·z + c, or the entry's part of −log p(x|z) in nats; see `ExactLikelihood.entryLosses`.
package enum EntryLosses {
    case squaredError(LinearDecoder)
    case likelihood(any ExactLikelihood)

    package init(_ model: SparseAutoencoder) {
        self = model.objective.likelihood.map { .likelihood($0.of(model.decoder)) } ?? .squaredError(model.decoder)
    }

    package init(_ model: VariationalAutoencoder) { self = .likelihood(model.makeLikelihood()) }

    /// One number for each stored entry of a row of `x`.
    ///
    /// - Parameters:
    ///   - x: the documents as the model sees them.
    ///   - code: of this row.
    ///   - logLikelihood: log p(x|z) at this code; the multinomial's normaliser follows from it.
    /// - Complexity: O(entries·K).
    package func losses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double] {
        switch self {
        case .squaredError(let decoder):
            return x.entries(ofRow: row).map {
                let error = Double(x.values[$0]) - decoder.output(of: Int(x.columnIndices[$0]), code)
                return error * error
            }
        case .likelihood(let likelihood):
            return likelihood.entryLosses(ofRow: row, of: x, code: code, logLikelihood: logLikelihood)
        }
    }
}

extension LinearDecoder {
    /// D_v·z + c_v of one feature.
    func output(of feature: Int, _ code: UnsafePointer<Float>) -> Double {
        weights.withUnsafeElements {
            Double(kernels.dot(count: latentWidth, x: $0 + feature * latentWidth, y: code) + bias[feature])
        }
    }
}
