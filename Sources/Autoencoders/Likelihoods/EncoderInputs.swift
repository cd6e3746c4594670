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

extension VariationalAutoencoder {
    /// What this model's encoder sees of documents; see `LikelihoodFamily.encoderInputs`.
    package func encoderInputs(from matrix: CSRMatrix) -> CSRMatrix {
        likelihood.encoderInputs(from: matrix, length: inputLength)
    }
}

extension CSRMatrix {
    /// ln(1 + x) of counts, rows then scaled, so that long documents and frequent words do not drown the rest; values
    /// below zero, which counts do not have, leave the matrix as it is.
    ///
    /// - Complexity: O(entries).
    func logarithmicCounts(length: InputLength) -> CSRMatrix {
        let isNonNegative = withUnsafeView { view in !view.values.contains { $0 < 0 } }
        return isNonNegative ? scaledRows(to: length, logarithmOfOnePlus) : self
    }

    /// f of every value, each row then brought to a length.
    func scaledRows(to length: InputLength, _ f: (Float) -> Float) -> CSRMatrix {
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
