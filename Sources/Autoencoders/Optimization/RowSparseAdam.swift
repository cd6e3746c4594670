import RealModule
import SparseMatrices
import VectorKernelInterface

/// Adam's state for a matrix of which each step touches only some rows: the other rows keep their weights and moments,
/// so a step costs nothing for them.
package struct RowSparseAdamState: Sendable {
    private var firstMoment: DenseMatrix
    private var secondMoment: DenseMatrix

    package init(rowCount: Int, columnCount: Int) {
        firstMoment = DenseMatrix(rowCount: rowCount, columnCount: columnCount)
        secondMoment = DenseMatrix(rowCount: rowCount, columnCount: columnCount)
    }

    /// Resets the moments of some columns.
    ///
    /// - Complexity: O(rows·columns.count).
    mutating func restart(columns: [Int]) {
        firstMoment.clear(columns: columns)
        secondMoment.clear(columns: columns)
    }

    /// Performs one step on the given rows.
    ///
    /// - Parameters:
    ///   - rows: the touched rows of `weights`, each once.
    ///   - gradient: rows.count × columns, in the order of `rows`.
    /// - Complexity: O(rows·columns), plus the cost of the gradient.
    package mutating func update(
        _ weights: inout DenseMatrix, rows: [UInt32], gradient: RowGradient, _ settings: AdamCoefficients,
        execution: Execution
    ) {
        precondition(weights.rowCount == firstMoment.rowCount, "the state belongs to another matrix")
        weights.withUnsafeMutableElements {
            update($0, rows: rows, gradient: gradient, settings, execution: execution)
        }
    }

    /// Performs one step on the given rows; see the overload above.
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

/// Adam on a matrix of which a step's gradient is nonzero in some rows only. The result is that of `AdamState`, but the
/// update of a row in steps without a gradient, in which its moments decay and continue to move it, is computed only
/// when the row is needed again.
///
/// Over n steps without a gradient the moments become β₁ⁿm and β₂ⁿv, and the weight moves by
///
///     −rate·m/(√v + ε)·(r + r² + … + rⁿ),   r = β₁/√β₂
///
/// with the rate of the last step for all of them, since it changes little while a moment decays.
/// `RowSparseAdamState`, which does not change other rows, moves a row with rare gradients about a tenth as far: its
/// first moment has no effect between its gradients.
package struct DeferredAdamState: Sendable {
    private var moments: RowSparseAdamState
    private let columnCount: Int
    /// For each row the number of the last step that has been applied to it.
    private var seenSteps: [Int]
    private var step = 0
    private var settings = AdamCoefficients(rate: 0)

    package init(rowCount: Int, columnCount: Int) {
        moments = RowSparseAdamState(rowCount: rowCount, columnCount: columnCount)
        self.columnCount = columnCount
        seenSteps = Array(repeating: 0, count: rowCount)
    }

    /// Updates rows to the current step.
    ///
    /// - Parameters:
    ///   - weights: all rows × columns.
    ///   - rows: the rows to update, each once.
    /// - Complexity: O(rows·columns).
    package mutating func catchUp(_ weights: UnsafeMutablePointer<Float>, rows: [UInt32], parallelism: Parallelism) {
        let (step, settings, width) = (step, settings, columnCount)
        seenSteps.withUnsafeMutableBufferPointer { seen in
            // Each row belongs to one block.
            nonisolated(unsafe) let seen = seen
            moments.withMoments { first, second in
                parallelism.forEachRange(of: rows.count, blockSize: 256) { range in
                    for row in rows[range].lazy.map(Int.init) where seen[row] < step {
                        let idle = IdleSteps(count: step - seen[row], settings)
                        seen[row] = step
                        idle.apply(
                            count: width, weights: weights + row * width, firstMoment: first + row * width,
                            secondMoment: second + row * width)
                    }
                }
            }
        }
    }

    /// Performs one step in which only the given rows have a gradient.
    ///
    /// - Parameters:
    ///   - weights: all rows × columns.
    ///   - rows: the rows with a gradient, each once, already updated by `catchUp`.
    ///   - gradient: rows.count × columns, in the order of `rows`.
    /// - Complexity: O(rows·columns).
    package mutating func update(
        _ weights: UnsafeMutablePointer<Float>, rows: [UInt32], gradient: UnsafePointer<Float>, rate: Float,
        parallelism: Parallelism
    ) {
        step += 1
        settings.rate = rate
        for row in rows {
            precondition(seenSteps[Int(row)] == step - 1, "row \(row) is not up to date")
            seenSteps[Int(row)] = step
        }
        moments.update(
            weights, rows: rows, gradient: .stored(gradient), settings, execution: Execution(parallelism: parallelism))
    }
}

/// The effect of Adam in a number of steps without a gradient.
private struct IdleSteps {
    let firstDecay: Float
    let secondDecay: Float
    let travel: Float
    let epsilon: Float

    init(count: Int, _ settings: AdamCoefficients) {
        let ratio = Double(settings.beta1) / Double(settings.beta2).squareRoot()
        let n = Double(count)
        firstDecay = Float(Double.exp(n * Double.log(Double(settings.beta1))))
        secondDecay = Float(Double.exp(n * Double.log(Double(settings.beta2))))
        travel = settings.rate * Float(ratio * (1 - Double.exp(n * Double.log(ratio))) / (1 - ratio))
        epsilon = settings.epsilon
    }

    func apply(
        count: Int, weights: UnsafeMutablePointer<Float>, firstMoment: UnsafeMutablePointer<Float>,
        secondMoment: UnsafeMutablePointer<Float>
    ) {
        for i in 0..<count {
            weights[i] -= travel * firstMoment[i] / (secondMoment[i].squareRoot() + epsilon)
            firstMoment[i] *= firstDecay
            secondMoment[i] *= secondDecay
        }
    }
}

extension RowSparseAdamState: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("first_moment", &firstMoment)
        walk.part("second_moment", &secondMoment)
    }
}

extension DeferredAdamState: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("moments", &moments)
        walk.part("seen_steps", &seenSteps)
        walk.part("step", &step)
        walk.part("rate", &settings.rate)
        walk.requireCount(step, "step")
        walk.require(seenSteps.allSatisfy { (0...max(0, step)).contains($0) }, "seen_steps", is: "0 to \(step)")
    }
}
