import SparseMatrices
import VectorKernelInterface

/// Adam on a matrix of which a step's gradient has only some rows and the others are zero: it does what `AdamState`
/// would, but what happens to a row in the steps that leave it out, where its moments fade and carry it on, is made up
/// for only when the row is needed again.
///
/// Over n steps without a gradient the moments become β₁ⁿm and β₂ⁿv, and the weight moves by
///
///     −rate·m/(√v + ε)·(r + r² + … + rⁿ),   r = β₁/√β₂
///
/// with the rate of the last step for all of them, which changes little while a moment lasts.
/// `RowSparseAdamState`, which leaves other rows as they are, moves a row that gradients seldom reach about a tenth as
/// far: it has no steps in which a first moment could act.
package struct DeferredAdamState: Sendable {
    private var moments: RowSparseAdamState
    private let columnCount: Int
    /// For each row the last step that it has seen.
    private var seenSteps: [Int]
    private var step = 0
    private var settings = AdamCoefficients(rate: 0)

    package init(rowCount: Int, columnCount: Int) {
        moments = RowSparseAdamState(rowCount: rowCount, columnCount: columnCount)
        self.columnCount = columnCount
        seenSteps = Array(repeating: 0, count: rowCount)
    }

    /// Makes rows what they are after the steps so far.
    ///
    /// - Parameters:
    ///   - weights: all rows × columns.
    ///   - rows: each once.
    /// - Complexity: O(rows·columns).
    package mutating func catchUp(_ weights: UnsafeMutablePointer<Float>, rows: [UInt32], parallelism: Parallelism) {
        let (step, settings, width) = (step, settings, columnCount)
        seenSteps.withUnsafeMutableBufferPointer { seen in
            // Each row is in one block.
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

    /// One step, for all rows but these without a gradient.
    ///
    /// - Parameters:
    ///   - weights: all rows × columns.
    ///   - rows: each once, and caught up.
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

/// What Adam does in a number of steps without a gradient.
private struct IdleSteps {
    let firstDecay: Float
    let secondDecay: Float
    let travel: Float
    let epsilon: Float

    init(count: Int, _ settings: AdamCoefficients) {
        let ratio = Double(settings.beta1) / Double(settings.beta2).squareRoot()
        let n = Double(count)
        firstDecay = Float(exponential(n * logarithm(Double(settings.beta1))))
        secondDecay = Float(exponential(n * logarithm(Double(settings.beta2))))
        travel = settings.rate * Float(ratio * (1 - exponential(n * logarithm(ratio))) / (1 - ratio))
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
