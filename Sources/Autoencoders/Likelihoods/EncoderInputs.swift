import SparseMatrices

/// How long a document of length ‖x‖ is as a variational encoder sees it.
package enum InputLength: String, Sendable, Codable, CaseIterable {
    /// 1: all documents are alike, and the encoder cannot tell how much evidence it has.
    case unit
    /// √‖x‖: long documents still do not drown short ones, but the posterior can be narrower for them.
    case squareRoot = "square-root"

    /// What a row is multiplied by.
    fileprivate func factor(squaredNorm: Double) -> Float {
        switch self {
        case .unit: Float(1 / squaredNorm.squareRoot())
        case .squareRoot: Float(1 / squaredNorm.squareRoot().squareRoot())
        }
    }

    /// ln(1 + x) of a row of counts, which is then scaled, so that long documents and frequent words do not drown the
    /// rest; values below zero, which counts do not have, leave the row as it is.
    var logarithmicCounts: WeightedRows.ValueMap {
        { values in
            if !values.contains(where: { $0 < 0 }) { bring(values, through: logarithmOfOnePlus) }
        }
    }

    /// f of every value of a row, which is then brought to its length.
    func bring(_ values: UnsafeMutableBufferPointer<Float>, through f: (Float) -> Float) {
        var square = 0.0
        for i in values.indices {
            values[i] = f(values[i])
            square += Double(values[i]) * Double(values[i])
        }
        if square == 0 { return }
        let factor = factor(squaredNorm: square)
        for i in values.indices { values[i] *= factor }
    }
}

extension VariationalAutoencoder {
    /// What this model's encoder sees of documents; see `LikelihoodFamily.encoderInput`.
    package func encoderInputs(from documents: WeightedRows) -> WeightedRows {
        likelihood.encoderInputs(from: documents, length: inputLength)
    }

    /// The same, copied.
    package func encoderInputs(from matrix: CSRMatrix) -> CSRMatrix {
        encoderInputs(from: WeightedRows(matrix)).weighted()
    }
}
