import Autoencoders
import SparseMatrices

extension VariationalAutoencoder {
    /// The documents that the likelihood says something of: if it is about words given the length, those that hold
    /// anything, since an empty one has no words whose perplexity could be told, and its KL divergence would count
    /// against the others' words. Losses and perplexities are means over these, in training too.
    package func measuredRows(of targets: CSRMatrix) -> [Int] {
        (0..<targets.rowCount).filter { !likelihood.isPerToken || targets.entryCount(ofRow: $0) > 0 }
    }

    /// The bound on the documents of `measuredRows`.
    ///
    /// - Returns: nil if there are none.
    /// - Complexity: as `bound(on:_:execution:)`.
    package func heldOutBound(
        on targets: CSRMatrix, _ settings: BoundSettings = BoundSettings(), execution: Execution = Execution()
    ) throws(SparseBackendFailure) -> BoundReport? {
        let rows = measuredRows(of: targets)
        if rows.isEmpty { return nil }
        let report = bound(
            on: rows.count == targets.rowCount ? targets : targets.rows(rows), settings, execution: execution)
        try execution.checkBackend()
        return report
    }
}
