import SparseMatrices
import VectorKernelInterface

/// What `RowSparseAdamState` does, in a quarter of its memory: the second moment is a number a row and one a column, and
/// the first is kept in bfloat16. With G the gradient Xᵀ·Δ of the rows that a step touches,
///
///     c ← β₂·c + (1 − β₂)·Σ_d Δ_d²,  ĉ = c/mean(c)
///     r_i ← β₂·r_i + (1 − β₂)·mean_j(G_ij²/ĉ_j)
///     M_i ← β₁·M_i + (1 − β₁)·G_i,  W_i ← (1 − decay)·W_i − rate·M_ij/(√(r_i·ĉ_j) + ε)
///
/// Shazeer & Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", ICML 2018, estimate such a product
/// from G alone; since G is a product, Δ says what its columns are like.
package struct FactoredAdamState: Sendable {
    private var firstMoment: BFloatMatrix
    /// r.
    private var rowMoment: [Float]
    /// c.
    private var columnMoment: [Float]
    /// 1/√ĉ.
    private var inverseRoots: [Float]

    package init(rowCount: Int, columnCount: Int) {
        firstMoment = BFloatMatrix(rowCount: rowCount, columnCount: columnCount)
        rowMoment = Array(repeating: 0, count: rowCount)
        columnMoment = Array(repeating: 0, count: columnCount)
        inverseRoots = Array(repeating: 1, count: columnCount)
    }

    /// Forgets the gradients of some columns.
    ///
    /// - Complexity: O(rows·columns.count).
    mutating func restart(columns: [Int]) {
        firstMoment.clear(columns: columns)
        for column in columns { columnMoment[column] = 0 }
    }

    /// One step on the given rows.
    ///
    /// - Parameters:
    ///   - rows: which rows of `weights`, each once.
    ///   - gradient: rows.count × columns, in the order of `rows`.
    ///   - delta: Δ.
    /// - Complexity: O(rows·columns), and the gradient's.
    package mutating func update(
        _ weights: inout DenseMatrix, rows: [UInt32], gradient: RowGradient, delta: ScratchMatrix,
        _ settings: AdamCoefficients, execution: Execution
    ) {
        precondition(weights.rowCount == firstMoment.rowCount, "the state belongs to another matrix")
        learnColumns(delta, beta: settings.beta2)
        let width = firstMoment.columnCount
        weights.withUnsafeMutableElements { weights in
            withState { first, rowMoment, inverseRoots in
                rows.withUnsafeBufferPointer { places in
                    guard let places = places.baseAddress else { return }
                    gradient.forEachBlock(of: rows.count, width: width, execution: execution) { range, gradient in
                        kernels.factoredAdamRows(
                            count: range.count, places: places + range.lowerBound, width: width, gradient: gradient,
                            weights: weights, firstMoment: first, rowMoment: rowMoment, inverseRoots: inverseRoots,
                            settings: settings)
                    }
                }
            }
        }
    }

    private mutating func learnColumns(_ delta: ScratchMatrix, beta: Float) {
        let width = delta.width
        for j in 0..<width { columnMoment[j] *= beta }
        for row in 0..<delta.rowCount {
            let delta = delta.elements + row * width
            for j in 0..<width { columnMoment[j] += (1 - beta) * delta[j] * delta[j] }
        }
        let mean = columnMoment.reduce(0, +) / Float(max(1, width))
        // Units without a gradient for long would otherwise leap at their first.
        for j in 0..<width { inverseRoots[j] = mean > 0 ? 1 / max(1e-4, columnMoment[j] / mean).squareRoot() : 1 }
    }

    private mutating func withState(
        _ body: (UnsafeMutablePointer<UInt16>, UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void
    ) {
        firstMoment.withUnsafeMutableElements { first in
            rowMoment.withUnsafeMutableBufferPointer { rows in
                inverseRoots.withUnsafeBufferPointer { columns in
                    if let rows = rows.baseAddress, let columns = columns.baseAddress { body(first, rows, columns) }
                }
            }
        }
    }
}
