import SparseMatrices
import VectorKernelInterface

/// Squared error with a linear decoder x̂ = D·h + c that is trained by Adam like the encoder: the textbook way, and
/// the plain reference for `OptimalDecoder`.
///
/// Reconstructions exist for one block of features at a time, never for all.
///
/// - Complexity: of a batch, O(rows·V·H).
package struct TrainedDecoder: ReconstructionDecoder {
    package private(set) var linear: LinearDecoder
    package let penalties: CodePenalties
    private var weightState: AdamState
    private var biasState: AdamState

    package init(_ linear: LinearDecoder, penalties: CodePenalties = []) {
        self.linear = linear
        self.penalties = penalties
        weightState = AdamState(count: linear.weights.elementCount)
        biasState = AdamState(count: linear.bias.count)
    }

    private var width: Int { linear.latentWidth }

    /// How many features are reconstructed at a time.
    private static let blockSize = 1024

    package func evaluate(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, delta: UnsafeMutablePointer<Float>,
        workspace: DecoderWorkspace, execution: Execution
    ) -> BatchLoss {
        let rows = batch.rowCount
        let weight = 1 / Float(rows)
        delta.update(repeating: 0, count: rows * width)
        workspace.touchedRows.resize(rows: linear.featureCount, width: width)
        workspace.gramCodes.resize(rows: linear.featureCount, width: 1)
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
        DenseProducts.multiply(
            residual, codes, transposeA: true, m: features.count, n: width, k: rows,
            into: workspace.touchedRows.elements + features.lowerBound * width, parallelism: execution.parallelism)
        let biasGradient = workspace.gramCodes.elements + features.lowerBound
        biasGradient.update(repeating: 0, count: features.count)
        for row in 0..<rows {
            kernels.axpy(count: features.count, alpha: 1, x: residual + row * features.count, y: biasGradient)
        }
    }

    package mutating func learn(
        _ batch: SparseBatch, codes: UnsafePointer<Float>, workspace: DecoderWorkspace, rate: Float,
        execution: Execution
    ) {
        let settings = AdamCoefficients(rate: rate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8)
        weightState.update(
            &linear.weights, gradient: workspace.touchedRows.elements, settings, parallelism: execution.parallelism)
        let biasGradient = Array(UnsafeBufferPointer(start: workspace.gramCodes.elements, count: linear.bias.count))
        biasState.update(&linear.bias, gradient: biasGradient, settings)
    }

    package mutating func rescale(features factors: [Float]) { linear.rescale(features: factors) }

    package mutating func restart(units: [Int]) {
        linear.weights.clear(columns: units)
        weightState.restart(units, width: linear.latentWidth)
    }

    package mutating func takeLinearDecoder(execution: Execution) -> LinearDecoder { linear.take() }
}
