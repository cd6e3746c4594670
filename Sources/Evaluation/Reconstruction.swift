import Autoencoders
import SparseMatrices

/// How well a sparse autoencoder reconstructs documents.
public struct ReconstructionReport: Sendable, Equatable {
    public let documents: Int
    /// Σ‖x − x̂‖²/Σ‖x − m‖², m the mean of these documents: the fraction of variance unexplained; nil if there is no
    /// variance.
    public let unexplainedVariance: Double?
    /// Σ‖x − x̂‖²/Σ‖x‖²; nil if all documents are empty.
    public let normalizedError: Double?
    /// −log p(x|h) in nats a document, where that is the objective; the squared error says nothing then.
    public var lossPerDocument: Double?
    /// Units active in a document, on average.
    public let activeUnits: Double
    /// On how many documents the units are active.
    public let unitFrequencies: UnitFrequencies
}

extension SparseAutoencoder {
    /// Reconstructs the rows of `inputs` and measures the error, without a documents × features matrix.
    ///
    /// With x̂ = D·h + c and G = DᵀD, every term is over stored entries or units only:
    ///
    ///     ‖x − x̂‖² = ‖x‖² − 2·Σ_{x_v ≠ 0} x_v·(D_v·h + c_v) + hᵀGh + 2·hᵀDᵀc + ‖c‖²
    ///     Σ‖x − m‖² = Σ‖x‖² − n‖m‖²
    ///
    /// Sums are in Double, since what is left of them is small.
    ///
    /// - Complexity: O(nnz·H + rows·H² + V·H²).
    package func reconstruction(
        of inputs: CSRMatrix, execution: Execution = Execution()
    ) throws(SparseBackendFailure) -> ReconstructionReport {
        let report =
            objective.likelihood.map { self.report(on: inputs, $0, execution: execution) }
            ?? squaredErrorReport(on: inputs, execution: execution)
        try execution.checkBackend()
        return report
    }

    private func squaredErrorReport(on inputs: CSRMatrix, execution: Execution) -> ReconstructionReport {
        let measure = ReconstructionMeasure(decoder, parallelism: execution.parallelism)
        var error = 0.0
        var activity = UnitActivity(width: latentWidth)
        encoder.encodeBlocks(of: inputs, execution: execution) { codes, rows in
            error += measure.squaredErrors(of: inputs, rows: rows, codes: codes, parallelism: execution.parallelism)
                .reduce(0, +)
            activity.add(codes, count: rows.count)
        }
        let squares = SquareSums(of: inputs)
        return ReconstructionReport(
            documents: inputs.rowCount,
            unexplainedVariance: squares.aroundMean > 0 ? error / squares.aroundMean : nil,
            normalizedError: squares.total > 0 ? error / squares.total : nil,
            activeUnits: activity.mean, unitFrequencies: activity.frequencies)
    }

    private func report(
        on inputs: CSRMatrix, _ kind: LikelihoodKind, execution: Execution
    ) -> ReconstructionReport {
        let likelihood = kind.of(decoder, dispersion: dispersion)
        let observations = kind.observations(from: inputs)
        let evidence = LikelihoodEvidence(), results = LikelihoodResults()
        var loss = 0.0
        var activity = UnitActivity(width: latentWidth)
        encoder.encodeBlocks(of: encoderInputs(from: inputs), execution: execution) { codes, rows in
            observations.withUnsafeView {
                likelihood.observe($0.rows(rows), into: evidence, execution: execution)
            }
            likelihood.evaluate(
                codes, evidence: evidence, wantsCurvature: false, into: results, execution: execution)
            loss -= results.logLikelihoods.reduce(0, +)
            activity.add(codes, count: rows.count)
        }
        return ReconstructionReport(
            documents: inputs.rowCount, unexplainedVariance: nil, normalizedError: nil,
            lossPerDocument: loss / Double(max(1, inputs.rowCount)), activeUnits: activity.mean,
            unitFrequencies: activity.frequencies)
    }

    /// The share of units that no row of `inputs` activates.
    package func deadFraction(
        on inputs: CSRMatrix, execution: Execution = Execution()
    ) throws(SparseBackendFailure) -> Double {
        var activity = UnitActivity(width: latentWidth)
        encoder.encodeBlocks(of: encoderInputs(from: inputs), execution: execution) { codes, rows in
            activity.add(codes, count: rows.count)
        }
        try execution.checkBackend()
        return activity.deadFraction
    }
}

/// The sums of squares of a matrix' entries.
private struct SquareSums {
    /// Σ‖x‖².
    private(set) var total = 0.0
    /// Σ‖x − m‖², m the mean row.
    private(set) var aroundMean = 0.0

    init(of matrix: CSRMatrix) {
        var sums = [Double](repeating: 0, count: matrix.columnCount)
        matrix.withUnsafeView { view in
            for row in 0..<view.rowCount {
                for entry in view.entries(ofRow: row) {
                    let value = Double(view.values[entry])
                    total += value * value
                    sums[Int(view.columnIndices[entry])] += value
                }
            }
        }
        let rows = Double(max(1, matrix.rowCount))
        aroundMean = total - sums.reduce(0) { $0 + $1 * $1 } / rows
        // Rows that are all the same leave nothing but rounding.
        if aroundMean < 1e-12 * total { aroundMean = 0 }
    }
}
