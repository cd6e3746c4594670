import SparseMatrices

/// How long a document of length ‖x‖ is as a variational encoder sees it.
public enum InputLength: String, Sendable, Codable, CaseIterable {
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
}

extension LikelihoodKind {
    /// What the encoder sees of documents. Of counts: ln(1 + x), rows then scaled, so that long documents and frequent
    /// words do not drown the rest; values below zero, which counts do not have, leave the matrix as it is. For
    /// `bernoulli` presence, rows scaled too, for `gaussian` the values as they are.
    ///
    /// - Complexity: O(entries).
    package func encoderInputs(from matrix: CSRMatrix, length: InputLength) -> CSRMatrix {
        switch self {
        case .multinomial, .topicMixture, .poisson:
            let isNonNegative = matrix.withUnsafeView { view in !view.values.contains { $0 < 0 } }
            return isNonNegative ? matrix.scaledRows(to: length, logarithmOfOnePlus) : matrix
        case .bernoulli: return matrix.scaledRows(to: length) { $0 == 0 ? 0 : 1 }
        case .gaussian: return matrix
        }
    }
}

extension VariationalAutoencoder {
    /// What this model's encoder sees of documents; see `LikelihoodKind.encoderInputs`.
    package func encoderInputs(from matrix: CSRMatrix) -> CSRMatrix {
        likelihood.encoderInputs(from: matrix, length: inputLength)
    }
}

extension CSRMatrix {
    /// f of every value, each row then brought to a length.
    fileprivate func scaledRows(to length: InputLength, _ f: (Float) -> Float) -> CSRMatrix {
        let values = AlignedBuffer<Float>(uninitialized: entryCount)
        withUnsafeView { view in
            for row in 0..<view.rowCount {
                var square = 0.0
                for entry in view.entries(ofRow: row) {
                    let value = f(view.values[entry])
                    values.baseAddress[entry] = value
                    square += Double(value) * Double(value)
                }
                if square == 0 { continue }
                let factor = length.factor(squaredNorm: square)
                for entry in view.entries(ofRow: row) { values.baseAddress[entry] *= factor }
            }
        }
        return replacingValues(with: values)
    }
}
