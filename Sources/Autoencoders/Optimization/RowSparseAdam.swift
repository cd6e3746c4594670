import SparseMatrices
import VectorKernelInterface

/// Adam's state for a matrix of which a step touches only some rows: rows that the batch does not touch keep their
/// weights and moments, so a step costs nothing for them.
package struct RowSparseAdamState: Sendable {
    private var firstMoment: DenseMatrix
    private var secondMoment: DenseMatrix

    package init(rowCount: Int, columnCount: Int) {
        firstMoment = DenseMatrix(rowCount: rowCount, columnCount: columnCount)
        secondMoment = DenseMatrix(rowCount: rowCount, columnCount: columnCount)
    }

    /// Forgets the gradients of some columns.
    ///
    /// - Complexity: O(rows·columns.count).
    mutating func restart(columns: [Int]) {
        firstMoment.clear(columns: columns)
        secondMoment.clear(columns: columns)
    }

    /// One step on the given rows.
    ///
    /// - Parameters:
    ///   - rows: which rows of `weights`, each once.
    ///   - gradient: rows.count × columns, in the order of `rows`.
    /// - Complexity: O(rows·columns), and the gradient's.
    package mutating func update(
        _ weights: inout DenseMatrix, rows: [UInt32], gradient: RowGradient, _ settings: AdamCoefficients,
        execution: Execution
    ) {
        precondition(weights.rowCount == firstMoment.rowCount, "the state belongs to another matrix")
        weights.withUnsafeMutableElements {
            update($0, rows: rows, gradient: gradient, settings, execution: execution)
        }
    }

    /// One step on the given rows; see the overload above.
    ///
    /// - Parameter weights: all rows × columns.
    mutating func update(
        _ weights: UnsafeMutablePointer<Float>, rows: [UInt32], gradient: RowGradient, _ settings: AdamCoefficients,
        execution: Execution
    ) {
        let width = firstMoment.columnCount
        withMoments { first, second in
            rows.withUnsafeBufferPointer { places in
                guard let places = places.baseAddress else { return }
                gradient.forEachBlock(of: rows.count, width: width, execution: execution) { range, gradient in
                    kernels.adamRows(
                        count: range.count, places: places + range.lowerBound, width: width, gradient: gradient,
                        weights: weights, firstMoment: first, secondMoment: second, settings: settings)
                }
            }
        }
    }

    /// The moments, each rows × columns.
    mutating func withMoments(_ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void) {
        firstMoment.withUnsafeMutableElements { first in
            secondMoment.withUnsafeMutableElements { second in body(first, second) }
        }
    }
}

extension DenseMatrix {
    /// Sets columns to zero.
    mutating func clear(columns: [Int]) {
        let (rowCount, width) = (rowCount, columnCount)
        withUnsafeMutableElements { elements in
            for row in 0..<rowCount { for column in columns { elements[row * width + column] = 0 } }
        }
    }
}
