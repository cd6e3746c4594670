import Autoencoders
import Corpora
import Gossamer
import SparseMatrices

/// How well a model accounts for documents; what does not apply is nil.
package struct ModelFit: Sendable, Equatable {
    /// Whether the loss and the perplexities are upper bounds by samples from refined posteriors.
    package let isBound: Bool
    /// −log p in nats a document: of a variational model the negative evidence lower bound, of a sparse autoencoder
    /// with a likelihood for its objective −log p(x|h).
    package let lossPerDocument: Double?
    package let perplexityPerCorpus: Double?
    package let perplexityPerDocument: Double?
    /// Of a reconstruction.
    package let unexplainedVariance: Double?

    init(_ report: BoundReport, isPerToken: Bool) {
        isBound = true
        lossPerDocument = report.loss
        perplexityPerCorpus = isPerToken ? report.perplexityPerCorpus : nil
        perplexityPerDocument = isPerToken ? report.perplexityPerDocument : nil
        unexplainedVariance = nil
    }

    init(_ report: ReconstructionReport) {
        isBound = false
        lossPerDocument = report.lossPerDocument
        perplexityPerCorpus = nil
        perplexityPerDocument = nil
        unexplainedVariance = report.unexplainedVariance
    }
}

extension FeatureModel {
    /// The model's own judgement of documents, which may be documents it has generated.
    ///
    /// - Parameter documents: before weighting.
    /// - Returns: nil if the model has nothing to say of any of them, such as empty ones.
    /// - Throws: `WeightingError`, `LikelihoodError`.
    package func fit(
        of documents: Corpus, _ settings: VariationalAutoencoder.BoundSettings, execution: Execution = Execution()
    ) throws -> ModelFit? {
        let inputs = try inputs(from: documents)
        guard let variational = network as? VariationalNetwork else {
            return inputs.entryCount == 0
                ? nil : try reconstruction(of: inputs, execution: execution).map { ModelFit($0) }
        }
        return try variational.model.heldOutBound(on: inputs, settings, execution: execution).map {
            ModelFit($0, isPerToken: variational.model.likelihood.isPerToken)
        }
    }

    /// How far reconstructions of weighted inputs are off.
    ///
    /// - Returns: nil for a network that is no sparse autoencoder.
    package func reconstruction(of inputs: CSRMatrix, execution: Execution) throws -> ReconstructionReport? {
        try (network as? SparseAutoencoder)?.reconstruction(of: inputs, execution: execution)
    }
}

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
