import SparseMatrices

/// Y = X·W + b, for dense X or, as the first layer of an encoder, for sparse X.
package struct LinearLayer: Sendable {
    /// inputs × outputs, row-major, so that a stored entry of a sparse X reads one contiguous row.
    package var weights: DenseMatrix
    /// outputs.
    package var bias: [Float]

    package init(weights: DenseMatrix, bias: [Float]) {
        precondition(weights.columnCount == bias.count, "\(weights.columnCount) units have \(bias.count) biases")
        self.weights = weights
        self.bias = bias
    }

    /// Weights from N(0, 2/inputs), which keeps the scale of activations through ReLU layers (He et al., ICCV 2015).
    package init(inputs: Int, outputs: Int, generator: inout RandomGenerator) {
        let scale = (2 / Float(max(inputs, 1))).squareRoot()
        let elements = (0..<inputs * outputs).map { _ in scale * generator.nextNormal() }
        self.init(
            weights: DenseMatrix(rowCount: inputs, columnCount: outputs, elements: elements),
            bias: Array(repeating: 0, count: outputs))
    }

    package var inputCount: Int { weights.rowCount }
    package var width: Int { weights.columnCount }
}

/// Products with dense X.
extension LinearLayer {

    /// Y = X·W + b. A row of Y does not depend on the other rows of X.
    ///
    /// - Parameters:
    ///   - x: rows × inputs.
    ///   - y: rows × outputs, overwritten.
    /// - Complexity: O(rows·inputs·outputs).
    package func forward(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>, parallelism: Parallelism
    ) {
        fillRows(y, rows: rows, with: bias)
        weights.withUnsafeElements { w in
            DenseProducts.accumulateRows(
                x, w, rows: rows, inner: inputCount, width: width, into: y, parallelism: parallelism)
        }
    }

    /// ∂L/∂W = Xᵀ·Δ, ∂L/∂b = Σ Δ and, if requested, ∂L/∂X = Δ·Wᵀ.
    ///
    /// - Parameters:
    ///   - x: the layer's inputs, rows × inputs.
    ///   - delta: ∂L/∂Y, rows × outputs.
    ///   - inputDelta: rows × inputs, overwritten.
    package func backward(
        _ x: UnsafePointer<Float>, delta: UnsafePointer<Float>, rows: Int, into gradient: inout LinearGradient,
        inputDelta: UnsafeMutablePointer<Float>?, parallelism: Parallelism
    ) {
        gradient.reset(rows: inputCount, columns: width, biases: width)
        gradient.weights.withUnsafeMutableElements { g in
            DenseProducts.multiply(
                x, delta, transposeA: true, m: inputCount, n: width, k: rows, into: g, parallelism: parallelism)
        }
        sumRows(delta, rows: rows, width: width, into: &gradient.bias)
        guard let inputDelta else { return }
        weights.withUnsafeElements { w in
            DenseProducts.multiply(
                delta, w, transposeB: true, m: rows, n: inputCount, k: width, into: inputDelta,
                parallelism: parallelism)
        }
    }
}

/// Products with sparse X in CSR format.
extension LinearLayer {
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

    /// ∂L/∂W = Xᵀ·Δ for the rows of W that the batch touches, and ∂L/∂b = Σ Δ.
    ///
    /// - Parameters:
    ///   - batch: the batch whose inputs were X.
    ///   - delta: ∂L/∂Z, rows × width.
    ///   - includesWeights: whether ∂L/∂W is computed; otherwise the optimizer computes it.
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

/// The gradient of a `LinearLayer` or, with a bias for each row, of a `LinearDecoder`.
package struct LinearGradient {
    package var weights = DenseMatrix(rowCount: 0, columnCount: 0)
    package var bias: [Float] = []

    package init() {}

    /// Sets the shape of the weights and the number of biases; the elements are undefined.
    mutating func reset(rows: Int, columns: Int, biases: Int) {
        if weights.rowCount == rows, weights.columnCount == columns, bias.count == biases { return }
        weights = DenseMatrix(rowCount: rows, columnCount: columns)
        bias = Array(repeating: 0, count: biases)
    }
}

/// The gradient of a `LinearLayer`: one row for each column that the batch touches, in the batch's order.
package struct SparseLinearGradient {
    package let weights = ScratchMatrix()
    package var bias: [Float] = []

    package init() {}

    mutating func reset(rows: Int, width: Int) {
        weights.reset(rows: rows, width: width)
        if bias.count != width { bias = Array(repeating: 0, count: width) }
    }
}

/// Sets every row of a rows × row.count matrix.
func fillRows(_ matrix: UnsafeMutablePointer<Float>, rows: Int, with row: [Float]) {
    row.withUnsafeBufferPointer { source in
        guard let start = source.baseAddress else { return }
        for i in 0..<rows { (matrix + i * source.count).update(from: start, count: source.count) }
    }
}

/// sums = Σ rows of a rows × width matrix, in row order.
func sumRows(_ matrix: UnsafePointer<Float>, rows: Int, width: Int, into sums: inout [Float]) {
    sums.withUnsafeMutableBufferPointer { sums in
        guard let start = sums.baseAddress else { return }
        start.update(repeating: 0, count: width)
        for row in 0..<rows { kernels.axpy(count: width, alpha: 1, x: matrix + row * width, y: start) }
    }
}

/// Working memory for a row-major matrix whose number of rows changes from batch to batch; memory is allocated only to
/// grow.
package final class ScratchMatrix {
    package private(set) var rowCount = 0
    package private(set) var width = 0
    private var storage = AlignedBuffer<Float>(uninitialized: 0)

    package init() {}

    /// Sets the shape and sets all elements to zero.
    package func reset(rows: Int, width: Int) {
        resize(rows: rows, width: width)
        storage.baseAddress.update(repeating: 0, count: rows * width)
    }

    /// Sets the shape; the elements are undefined.
    package func resize(rows: Int, width: Int) {
        let count = rows * width
        if count > storage.count {
            storage = AlignedBuffer(uninitialized: count + count / 4)
            // Here, where the element's type is known; in a generic initialiser it would be an element at a time.
            storage.baseAddress.initialize(repeating: 0, count: storage.count)
        }
        rowCount = rows
        self.width = width
    }

    package var elementCount: Int { rowCount * width }

    /// rows × width, row-major; valid until the matrix grows.
    package var elements: UnsafeMutablePointer<Float> { storage.baseAddress }
}

extension LinearLayer: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("weight", &weights)
        walk.part("bias", &bias)
    }
}
