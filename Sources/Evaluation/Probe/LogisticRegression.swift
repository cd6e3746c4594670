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
