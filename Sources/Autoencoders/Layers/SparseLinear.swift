import SparseMatrices

/// Z = X·W + b for sparse X: the only layer that takes CSR.
public struct SparseLinear: Sendable {
    /// features × width, row-major, so that a stored entry of X reads one contiguous row.
    public package(set) var weights: DenseMatrix
    /// width.
    public package(set) var bias: [Float]

    public init(weights: DenseMatrix, bias: [Float]) {
        precondition(weights.columnCount == bias.count, "\(weights.columnCount) units have \(bias.count) biases")
        self.weights = weights
        self.bias = bias
    }

    public var featureCount: Int { weights.rowCount }
    public var width: Int { weights.columnCount }

    /// Z = X·W + b.
    ///
    /// - Parameter z: rows × width, overwritten.
    /// - Complexity: O(nnz(X)·width).
    package func forward(
        _ x: CSRView, into z: UnsafeMutablePointer<Float>, execution: Execution
    ) {
        fillRows(z, rows: x.rowCount, with: bias)
        weights.withUnsafeElements { w in
            execution.spmm(x, w, width: width, into: z)
        }
    }

    /// ∂L/∂W = Xᵀ·Δ over the rows of W that the batch touches, and ∂L/∂b = Σ Δ.
    ///
    /// - Parameters:
    ///   - batch: whose inputs were X.
    ///   - delta: ∂L/∂Z, rows × width.
    ///   - includesWeights: whether ∂L/∂W is wanted; the optimizer can compute it on its way.
    /// - Complexity: O(nnz(X)·width).
    package func backward(
        _ batch: SparseBatch, delta: UnsafePointer<Float>, into gradient: inout SparseLinearGradient,
        includesWeights: Bool = true, execution: Execution
    ) {
        gradient.reset(rows: includesWeights ? batch.touchedColumns.count : 0, width: width)
        if includesWeights {
            batch.withTransposedInputs { transposed in
                execution.spmm(transposed, delta, width: width, into: gradient.weights.elements)
            }
        }
        sumRows(delta, rows: batch.rowCount, width: width, into: &gradient.bias)
    }
}

/// The gradient of a `SparseLinear`: a row for each column that the batch touches, in the batch's order.
package struct SparseLinearGradient {
    package let weights = ScratchMatrix()
    package var bias: [Float] = []

    package init() {}

    mutating func reset(rows: Int, width: Int) {
        weights.reset(rows: rows, width: width)
        if bias.count != width { bias = Array(repeating: 0, count: width) }
    }
}
