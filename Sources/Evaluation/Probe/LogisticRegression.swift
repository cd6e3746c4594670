import RealModule
import SparseMatrices

/// A fitted logistic regression on a design whose last column is 1.
struct LogisticRegression {
    /// classes × columns.
    let weights: [Float]
    let isMultilabel: Bool
    let isConverged: Bool
    let iterations: Int
    /// For starting the next fit nearby.
    fileprivate let parameters: [Double]

    var classCount: Int { columns == 0 ? 0 : weights.count / columns }
    private let columns: Int

    /// Minimises `LogisticObjective` with λ = 1/(C·n), which is scikit-learn's C.
    ///
    /// L-BFGS, preconditioned by the Cholesky factor of a·XᵀX/n + λI, the Hessian but for the rows' own p(1 − p), in
    /// whose place stands a constant a; with it some ten or twenty steps do.
    fileprivate init(
        _ objective: LogisticObjective, _ preconditioner: GramMatrix, strength: Double, start: LogisticRegression?
    ) {
        let penalty = 1 / (strength * Double(max(1, objective.design.rowCount)))
        let inverse = preconditioner.factored(penalty: penalty)
        let outcome = LBFGS().minimize(
            from: start?.parameters ?? [Double](repeating: 0, count: objective.parameterCount),
            precondition: { vector in
                vector.withUnsafeMutableBufferPointer { vector in
                    guard let start = vector.baseAddress else { return }
                    inverse?.solveRows(start, count: objective.labels.classCount)
                }
            },
            { objective.evaluate($0, penalty: penalty, gradient: &$1) })
        parameters = outcome.point
        weights = outcome.point.map { Float($0) }
        isMultilabel = objective.isMultilabel
        isConverged = outcome.isConverged
        iterations = outcome.iterations
        columns = objective.columns
    }

    /// Fits one regression for each strength, rising, each from where the last one ended.
    static func path(_ objective: LogisticObjective, strengths: [Double]) -> [LogisticRegression] {
        let gram = GramMatrix(objective)
        var models: [LogisticRegression] = []
        for strength in strengths {
            models.append(LogisticRegression(objective, gram, strength: strength, start: models.last))
        }
        return models
    }

    /// The classes of every row: the most likely one, or all that are likelier than not.
    func predict(_ design: DenseMatrix, parallelism: Parallelism) -> [[Int]] {
        let classes = classCount
        var predictions = [[Int]](repeating: [], count: design.rowCount)
        predictions.withUnsafeMutableBufferPointer { predictions in
            // Each block of rows writes to places of its own.
            nonisolated(unsafe) let predictions = predictions
            parallelism.forEachRange(of: design.rowCount, blockSize: 256) { rows in
                var logits = [Float](repeating: 0, count: rows.count * classes)
                logits.withUnsafeMutableBufferPointer { logits in
                    guard let start = logits.baseAddress else { return }
                    design.multiplyRows(rows, byTransposed: weights, into: start)
                    for (i, row) in rows.enumerated() {
                        predictions[row] = decide(UnsafePointer(start + i * classes))
                    }
                }
            }
        }
        return predictions
    }

    private func decide(_ logits: UnsafePointer<Float>) -> [Int] {
        if isMultilabel { return (0..<classCount).filter { logits[$0] > 0 } }
        var best = 0
        for label in 1..<classCount where logits[label] > logits[best] { best = label }
        return [best]
    }
}

/// a·XᵀX/n of a design, a standing for the mean of p(1 − p).
private struct GramMatrix {
    private let elements: [Double]
    private let order: Int

    init(_ objective: LogisticObjective) {
        let x = objective.design
        order = x.columnCount
        var gram = [Float](repeating: 0, count: order * order)
        gram.withUnsafeMutableBufferPointer { gram in
            x.withUnsafeElements { x in
                guard let gram = gram.baseAddress else { return }
                DenseProducts.multiply(
                    x, x, transposeA: true, m: objective.columns, n: objective.columns, k: objective.design.rowCount,
                    into: gram, parallelism: objective.parallelism)
            }
        }
        let classes = Double(objective.labels.classCount)
        let scale = (1 / classes) * (1 - 1 / classes) / Double(max(1, x.rowCount))
        elements = gram.map { Double($0) * scale }
    }

    /// nil if rounding has left a matrix that is not positive definite; steps are then plain ones.
    func factored(penalty: Double) -> Cholesky? {
        var matrix = elements
        for i in 0..<order { matrix[i * order + i] += i == order - 1 ? 1e-12 : penalty }
        return try? Cholesky(matrix, order: order)
    }
}

/// What logistic regression minimises over n rows x, the weights W (classes × columns) having the intercepts for their
/// last column, b:
///
///     F(W) = (1/n)·Σ_i ℓ(x_i·Wᵀ, y_i) + ½λ·‖W without b‖²
///
/// with one class a row ℓ(a, y) = ln Σ_k exp(a_k) − a_y (multinomial), with several
/// ℓ(a, y) = Σ_k ln(1 + exp(a_k)) − Σ_{k∈y} a_k (each class against the rest).
struct LogisticObjective {
    /// rows × columns, the last one being 1.
    let design: DenseMatrix
    let labels: ClassLabels
    let isMultilabel: Bool
    let parallelism: Parallelism

    /// Rows whose gradient is summed as one; at most 64 sums exist, whatever the number of rows.
    private let rowsPerPart: Int
    private static let rowsPerBlock = 256

    init(design: DenseMatrix, labels: ClassLabels, isMultilabel: Bool, parallelism: Parallelism) {
        precondition(design.rowCount == labels.count, "\(design.rowCount) rows for \(labels.count) labels")
        precondition(
            isMultilabel || labels.rows.allSatisfy { $0.count == 1 && $0[0] < labels.classCount },
            "each row needs exactly one class")
        self.design = design
        self.labels = labels
        self.isMultilabel = isMultilabel
        self.parallelism = parallelism
        rowsPerPart = max(512, (design.rowCount + 63) / 64)
    }

    var columns: Int { design.columnCount }
    var parameterCount: Int { labels.classCount * columns }

    /// F(W) and its gradient.
    ///
    /// - Complexity: O(rows·columns·classes). Parts of rows do not depend on the threads; they are added in order.
    func evaluate(_ parameters: [Double], penalty: Double, gradient: inout [Double]) -> Double {
        let weights = parameters.map { Float($0) }
        let parts = (design.rowCount + rowsPerPart - 1) / rowsPerPart
        var losses = [Double](repeating: 0, count: parts)
        var gradients = [Float](repeating: 0, count: parts * parameterCount)
        losses.withUnsafeMutableBufferPointer { losses in
            gradients.withUnsafeMutableBufferPointer { gradients in
                // Each part has a place of its own.
                nonisolated(unsafe) let (losses, gradients) = (losses, gradients)
                parallelism.forEach(block: parts) { part in
                    let rows = part * rowsPerPart..<min(design.rowCount, (part + 1) * rowsPerPart)
                    guard let start = gradients.baseAddress else { return }
                    losses[part] = accumulate(rows, weights, into: start + part * parameterCount)
                }
            }
        }
        let count = Double(max(1, design.rowCount))
        var value = losses.reduce(0, +) / count
        for i in 0..<parameterCount {
            var sum = 0.0
            for part in 0..<parts { sum += Double(gradients[part * parameterCount + i]) }
            gradient[i] = sum / count
            if i % columns != columns - 1 {
                value += 0.5 * penalty * parameters[i] * parameters[i]
                gradient[i] += penalty * parameters[i]
            }
        }
        return value
    }

    /// Σ ℓ over some rows; their gradient is added.
    private func accumulate(
        _ rows: Range<Int>, _ weights: [Float], into gradient: UnsafeMutablePointer<Float>
    ) -> Double {
        let classes = labels.classCount
        var residuals = [Float](repeating: 0, count: min(rows.count, Self.rowsPerBlock) * classes)
        var loss = 0.0
        residuals.withUnsafeMutableBufferPointer { residuals in
            guard let residuals = residuals.baseAddress else { return }
            for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.rowsPerBlock) {
                let block = start..<min(rows.upperBound, start + Self.rowsPerBlock)
                design.multiplyRows(block, byTransposed: weights, into: residuals)
                for (i, row) in block.enumerated() { loss += replaceByResidual(residuals + i * classes, row) }
                design.withUnsafeElements { x in
                    DenseProducts.multiplyBlock(
                        residuals, strideA: classes, transposeA: true, x + block.lowerBound * columns,
                        strideB: columns, transposeB: false, m: classes, n: columns, k: block.count, beta: 1,
                        into: gradient, strideC: columns)
                }
            }
        }
        return loss
    }

    /// Turns a row's logits a into ∂ℓ/∂a, and returns ℓ.
    private func replaceByResidual(_ a: UnsafeMutablePointer<Float>, _ row: Int) -> Double {
        let classes = labels.classCount
        let present = labels.rows[row]
        let observed = present.reduce(0.0) { $0 + ($1 < classes ? Double(a[$1]) : 0) }
        let loss: Double
        if isMultilabel {
            loss = kernels.logisticSum(count: classes, x: a) - observed
        } else {
            let shift = kernels.maximum(count: classes, x: a)
            let sum = kernels.expSum(count: classes, shift: shift, x: a)
            kernels.scale(count: classes, alpha: 1 / sum, x: a)
            loss = Double.log(Double(sum)) + Double(shift) - observed
        }
        for label in present where label < classes { a[label] -= 1 }
        return loss
    }
}

extension DenseMatrix {
    /// X·Wᵀ for some rows of X: rows × classes.
    func multiplyRows(
        _ rows: Range<Int>, byTransposed weights: [Float], into products: UnsafeMutablePointer<Float>
    ) {
        let classes = weights.count / columnCount
        withUnsafeElements { x in
            weights.withUnsafeBufferPointer { weights in
                guard let weights = weights.baseAddress else { return }
                DenseProducts.multiplyBlock(
                    x + rows.lowerBound * columnCount, strideA: columnCount, weights, strideB: columnCount,
                    transposeB: true, m: rows.count, n: classes, k: columnCount, beta: 0, into: products,
                    strideC: classes)
            }
        }
    }
}
