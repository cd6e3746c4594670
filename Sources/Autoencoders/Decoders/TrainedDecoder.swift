import SparseMatrices
import VectorKernelInterface

/// Squared error with a linear decoder x̂ = D·h + c that is trained by Adam like the encoder: the standard method, and
/// the plain reference for `OptimalDecoder`.
///
/// Reconstructions are computed for one block of features at a time.
///
/// - Complexity: O(rows·V·H) for a batch.
package struct TrainedDecoder: SteppedDecoder {
    package var linear: LinearDecoder
    package let penalties: CodePenalties
    var state: LinearAdamState

    package init(_ linear: LinearDecoder, penalties: CodePenalties = []) {
        self.linear = linear
        self.penalties = penalties
        state = LinearAdamState(for: linear)
    }

    private var width: Int { linear.latentWidth }

    /// The number of features that are reconstructed at a time.
    private static let blockSize = 1024

    package func evaluate(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, delta: UnsafeMutablePointer<Float>,
        workspace: DecoderWorkspace, execution: Execution
    ) -> BatchLoss {
        let rows = batch.rowCount
        let weight = 1 / Float(rows)
        delta.update(repeating: 0, count: rows * width)
        workspace.gradient.linear.reset(rows: linear.featureCount, columns: width, biases: linear.featureCount)
        var total = BatchLoss()
        workspace.rowLosses = Array(repeating: 0, count: rows)
        for start in stride(from: 0, to: linear.featureCount, by: Self.blockSize) {
            let features = start..<min(start + Self.blockSize, linear.featureCount)
            let residual = residuals(batch, codes: codes, features: features, workspace: workspace, execution)
            for i in 0..<rows * features.count {
                workspace.rowLosses[i / features.count] += 0.5 * Double(residual[i]) * Double(residual[i])
                residual[i] *= weight
            }
            backpropagate(
                residual, codes: codes, rows: rows, features: features, delta: delta, workspace: workspace, execution)
        }
        total.reconstruction = workspace.rowLosses.reduce(0, +)
        if !penalties.isEmpty {
            penalties.accumulate(
                codes: codes, rows: rows, norms: linear.columnNorms(), delta: delta, to: &total)
        }
        batch.withTargets { x in for row in 0..<rows { total.reference += 0.5 * squaredNorm(ofRow: row, x) } }
        return total
    }

    /// x̂ − x over a block of features: rows × block.
    private func residuals(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, features: Range<Int>, workspace: DecoderWorkspace,
        _ execution: Execution
    ) -> UnsafeMutablePointer<Float> {
        let rows = batch.rowCount
        workspace.projection.resize(rows: rows, width: features.count)
        let residual = workspace.projection.elements
        fillRows(residual, rows: rows, with: Array(linear.bias[features]))
        linear.weights.withUnsafeElements { d in
            DenseProducts.multiply(
                codes, d + features.lowerBound * width, transposeB: true, m: rows, n: features.count, k: width,
                beta: 1, into: residual, parallelism: execution.parallelism)
        }
        batch.withTargets { x in
            for row in 0..<rows {
                for entry in x.entries(ofRow: row) {
                    let column = Int(x.columnIndices[entry])
                    if features.contains(column) {
                        residual[row * features.count + column - features.lowerBound] -= x.values[entry]
                    }
                }
            }
        }
        return residual
    }

    /// delta += R·D and, kept in the workspace for `learn`, ∂L/∂D = Rᵀ·H and ∂L/∂c = Σ R over the block.
    private func backpropagate(
        _ residual: UnsafePointer<Float>, codes: UnsafePointer<Float>, rows: Int, features: Range<Int>,
        delta: UnsafeMutablePointer<Float>, workspace: DecoderWorkspace, _ execution: Execution
    ) {
        linear.weights.withUnsafeElements { d in
            DenseProducts.multiply(
                residual, d + features.lowerBound * width, m: rows, n: width, k: features.count, beta: 1, into: delta,
                parallelism: execution.parallelism)
        }
        workspace.gradient.linear.weights.withUnsafeMutableElements { gradient in
            DenseProducts.multiply(
                residual, codes, transposeA: true, m: features.count, n: width, k: rows,
                into: gradient + features.lowerBound * width, parallelism: execution.parallelism)
        }
        var sums = [Float](repeating: 0, count: features.count)
        sumRows(residual, rows: rows, width: features.count, into: &sums)
        workspace.gradient.linear.bias.replaceSubrange(features, with: sums)
    }

    package mutating func learn(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, rate: Float,
        execution: Execution
    ) {
        state.update(&linear, workspace.gradient.linear, rate: rate, parallelism: execution.parallelism)
    }
}

extension TrainedDecoder: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("linear", &linear)
        walk.part("optimizer", &state)
    }
}
