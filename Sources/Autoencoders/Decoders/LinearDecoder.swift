import SparseMatrices

/// A finished linear decoder: x̂ = D·h + c.
public struct LinearDecoder: Sendable {
    /// D: features × H; column j is what unit j adds to a document.
    public package(set) var weights: DenseMatrix
    /// c: features.
    public package(set) var bias: [Float]

    public init(weights: DenseMatrix, bias: [Float]) {
        precondition(weights.rowCount == bias.count, "\(weights.rowCount) features have \(bias.count) biases")
        self.weights = weights
        self.bias = bias
    }

    public var featureCount: Int { weights.rowCount }
    public var latentWidth: Int { weights.columnCount }
}

extension LinearDecoder {
    /// ‖D_j‖ for every unit j.
    ///
    /// - Complexity: O(features·H).
    public func columnNorms() -> [Float] { weights.columnNorms() }
}

extension DenseMatrix {
    /// The length of every column.
    func columnNorms() -> [Float] {
        var squares = [Double](repeating: 0, count: columnCount)
        withUnsafeElements { elements in
            for row in 0..<rowCount {
                for column in 0..<columnCount {
                    let value = Double(elements[row * columnCount + column])
                    squares[column] += value * value
                }
            }
        }
        return squares.map { Float($0.squareRoot()) }
    }
}
