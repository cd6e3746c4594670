import SparseMatrices
import VectorKernelInterface

/// A trained linear decoder: x̂ = D·h + c.
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
    /// Returns the decoder without copying it and leaves an empty one behind.
    mutating func take() -> LinearDecoder {
        var taken = LinearDecoder(weights: DenseMatrix(rowCount: 0, columnCount: latentWidth), bias: [])
        swap(&taken, &self)
        return taken
    }

    /// ‖D_j‖ for every unit j.
    ///
    /// - Complexity: O(features·H).
    public func columnNorms() -> [Float] { weights.columnNorms() }

    /// Multiplies the reconstruction of each feature by a factor.
    mutating func rescale(features factors: [Float]) {
        weights.scale(rows: factors)
        for (feature, factor) in factors.enumerated() { bias[feature] *= factor }
    }
}

extension DenseMatrix {
    /// Multiplies each row by a factor.
    mutating func scale(rows factors: [Float]) {
        let width = columnCount
        withUnsafeMutableElements { elements in
            for (row, factor) in factors.enumerated() {
                kernels.scale(count: width, alpha: factor, x: elements + row * width)
            }
        }
    }

    /// The Euclidean norm of each column.
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

extension LinearDecoder: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("weight", &weights)
        walk.part("bias", &bias)
    }
}
