import SparseMatrices
import VectorKernelInterface

/// The optimizer of the weights.
package enum Optimizer: String, Sendable, Codable, CaseIterable {
    /// Adam, with two numbers per weight; see `RowSparseAdamState`.
    case adam
    /// Adam with half a number for each weight of the input layer; see `FactoredAdamState`. Other weights, which are
    /// few, use plain Adam.
    case factoredAdam = "factored-adam"

    /// The number of Floats per weight of the input layer, including the weight.
    var floatsPerWeight: Double {
        switch self {
        case .adam: 3
        case .factoredAdam: 1.5
        }
    }

    /// `adam`, unless its state would take more than 4 GiB in addition to the same number of bytes of weights and
    /// statistics.
    package static func chosen(for features: Int, width: Int) -> Optimizer {
        8 * features * width > 4 << 30 ? .factoredAdam : .adam
    }
}

/// The state of an optimizer for a matrix of which each step touches only some rows.
enum RowOptimizer: Sendable {
    case adam(RowSparseAdamState)
    case factoredAdam(FactoredAdamState)
    /// The memory has been freed; no step can follow.
    case finished

    init(_ optimizer: Optimizer, rowCount: Int, columnCount: Int) {
        switch optimizer {
        case .adam: self = .adam(RowSparseAdamState(rowCount: rowCount, columnCount: columnCount))
        case .factoredAdam: self = .factoredAdam(FactoredAdamState(rowCount: rowCount, columnCount: columnCount))
        }
    }

    /// Performs one step on the given rows.
    ///
    /// - Parameters:
    ///   - rows: the touched rows of `weights`, each once.
    ///   - gradient: rows.count × columns, in the order of `rows`.
    ///   - delta: Δ, where the gradient is Xᵀ·Δ.
    /// - Complexity: O(rows·columns), plus the cost of the gradient.
    mutating func update(
        _ weights: inout DenseMatrix, rows: [UInt32], gradient: RowGradient, delta: ScratchMatrix,
        _ settings: AdamCoefficients, execution: Execution
    ) {
        withState(
            adam: { $0.update(&weights, rows: rows, gradient: gradient, settings, execution: execution) },
            factored: {
                $0.update(&weights, rows: rows, gradient: gradient, delta: delta, settings, execution: execution)
            })
    }

    /// Resets the moments of some columns.
    ///
    /// - Complexity: O(rows·columns.count).
    mutating func restart(columns: [Int]) {
        withState(adam: { $0.restart(columns: columns) }, factored: { $0.restart(columns: columns) })
    }

    /// Calls `body` with the state, which is moved out meanwhile so that it is changed in place.
    private mutating func withState(
        adam: (inout RowSparseAdamState) -> Void, factored: (inout FactoredAdamState) -> Void
    ) {
        let state = self
        self = .finished
        switch consume state {
        case .adam(var state):
            adam(&state)
            self = .adam(state)
        case .factoredAdam(var state):
            factored(&state)
            self = .factoredAdam(state)
        case .finished: break
        }
    }
}

/// The gradient of the rows of a matrix that a step touches: rows × width, in the order of the touched rows.
package enum RowGradient {
    /// A gradient in memory.
    case stored(UnsafePointer<Float>)
    /// The product Xᵀ·Δ, computed some rows at a time and used while they are in the cache. Xᵀ has one row for each
    /// touched row, Δ one row for each row of X.
    case product(transposed: CSRView, delta: UnsafePointer<Float>, scratch: ScratchMatrix)

    /// Calls `body` for blocks of rows, on several threads, with the gradient of the block.
    func forEachBlock(
        of count: Int, width: Int, execution: Execution, _ body: (Range<Int>, UnsafePointer<Float>) -> Void
    ) {
        switch self {
        case .stored(let gradient):
            execution.parallelism.forEachRange(of: count, blockSize: 128) { range in
                body(range, gradient + range.lowerBound * width)
            }
        case .product(let transposed, let delta, let scratch):
            let isNested = !execution.backendHasOwnThreads
            let (outer, inner) = isNested ? (execution.parallelism, .serial) : (.serial, execution.parallelism)
            let product = execution.on(inner)
            let blockSize = isNested ? 32 : max(1, count)
            scratch.resize(rows: outer.threads * blockSize, width: width)
            outer.forEachRange(of: count, blockSize: blockSize) { range, worker in
                let gradient = scratch.elements + worker * blockSize * width
                gradient.update(repeating: 0, count: range.count * width)
                product.spmm(transposed.rows(range), delta, width: width, into: gradient)
                body(range, gradient)
            }
        }
    }
}

/// The same as `RowSparseAdamState` with a quarter of its memory: the second moment is stored as one number per row and
/// one per column, and the first in bfloat16. With G the gradient Xᵀ·Δ of the rows that a step touches,
///
///     c ← β₂·c + (1 − β₂)·Σ_d Δ_d²,  ĉ = c/mean(c)
///     r_i ← β₂·r_i + (1 − β₂)·mean_j(G_ij²/ĉ_j)
///     M_i ← β₁·M_i + (1 − β₁)·G_i,  W_i ← (1 − decay)·W_i − rate·M_ij/(√(r_i·ĉ_j) + ε)
///
/// Shazeer & Stern, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost", ICML 2018, estimate such a
/// factorisation from G alone; since G is a product, the column factors can be computed from Δ.
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

    /// Resets the moments of some columns.
    ///
    /// - Complexity: O(rows·columns.count).
    mutating func restart(columns: [Int]) {
        firstMoment.clear(columns: columns)
        for column in columns { columnMoment[column] = 0 }
    }

    /// Performs one step on the given rows.
    ///
    /// - Parameters:
    ///   - rows: the touched rows of `weights`, each once.
    ///   - gradient: rows.count × columns, in the order of `rows`.
    ///   - delta: Δ.
    /// - Complexity: O(rows·columns), plus the cost of the gradient.
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
        // Otherwise units without a gradient for a long time would make too large a step at their first one.
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

extension RowOptimizer: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        withState(adam: { walk.part("adam", &$0) }, factored: { walk.part("factored_adam", &$0) })
    }
}

extension FactoredAdamState: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("first_moment", &firstMoment)
        walk.part("row_moment", &rowMoment)
        walk.part("column_moment", &columnMoment)
        walk.part("inverse_roots", &inverseRoots)
    }
}
