import SparseMatrices

/// The gradient of those rows of a matrix that a step touches: rows × width, in the order in which the rows are named.
package enum RowGradient {
    /// It is in memory.
    case stored(UnsafePointer<Float>)
    /// It is the product Xᵀ·Δ, of which some rows at a time are computed and used up while the cache has them. Xᵀ has
    /// a row for each that is touched, Δ as many rows as X.
    case product(transposed: CSRView, delta: UnsafePointer<Float>, scratch: ScratchMatrix)

    /// Calls `body` for blocks of rows, on several threads, with the block's gradient.
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
