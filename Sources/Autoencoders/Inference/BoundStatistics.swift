/// Sums over documents of the terms of the evidence lower bound, in nats.
package struct BoundStatistics {
    /// Σ log p(x|z).
    package private(set) var logLikelihood = 0.0
    /// Σ KL(q‖p), by unit.
    package private(set) var klByUnit: [Double]
    package private(set) var tokens = 0.0
    package private(set) var rows = 0
    /// Σ over non-empty documents of the negative bound per token.
    private var lossPerTokenSum = 0.0
    private var nonEmptyRows = 0

    package init(width: Int) { klByUnit = Array(repeating: 0, count: width) }

    /// Adds row `row` of a batch.
    package mutating func add(logLikelihood: Double, posterior: GaussianPosterior, row: Int, tokens: Double) {
        var kl = 0.0
        for unit in klByUnit.indices {
            let part = posterior.klDivergence(row: row, unit: unit)
            klByUnit[unit] += part
            kl += part
        }
        self.logLikelihood += logLikelihood
        self.tokens += tokens
        rows += 1
        if tokens > 0 {
            lossPerTokenSum += (kl - logLikelihood) / tokens
            nonEmptyRows += 1
        }
    }

    package var klDivergence: Double { klByUnit.reduce(0, +) }
    /// −ELBO, summed.
    package var loss: Double { klDivergence - logLikelihood }

    package var report: BoundReport {
        let documents = Double(max(rows, 1))
        // Weighted values may sum to less than one token; only without any is there nothing to divide by.
        let lossPerToken = tokens > 0 ? loss / tokens : 0
        return BoundReport(
            loss: loss / documents, lossPerToken: lossPerToken, perplexityPerCorpus: exponential(lossPerToken),
            perplexityPerDocument: exponential(lossPerTokenSum / Double(max(nonEmptyRows, 1))),
            klDivergence: klDivergence / documents, activeUnits: klByUnit.count { $0 >= 0.01 * documents })
    }
}
