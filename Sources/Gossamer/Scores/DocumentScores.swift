import Autoencoders
import Corpora
import SparseMatrices

/// The loss of one document under a model, and its score relative to other documents.
public struct DocumentScore: Sendable, Equatable {
    /// The row in the corpus, counted from 0.
    public let row: Int
    /// The number of the document's stored entries whose features the model knows.
    public let entries: Int
    /// ‖x − x̂‖² of weighted entries (an sae with the squared error), −log p(x|h) (any other), or the negative evidence
    /// lower bound (vae), the latter two in nats.
    public let loss: Double
    /// The loss made comparable between documents; the higher, the more unusual. For likelihoods of words given the
    /// length it is the loss in nats per token, otherwise the loss itself. With a reference, it is the number of
    /// standard deviations by which that is above the mean of training documents of similar size. 0 for a document
    /// without tokens under such a likelihood.
    public let score: Double
    /// The fraction of the reference's documents whose score is at least as high; 1 for a document without tokens; nil
    /// without a reference.
    public let tail: Double?
    /// The stored entries that add most to the loss, the largest contribution first.
    public let features: [FeatureLoss]
    /// Whether the document cannot be scored: it has no tokens, and the loss is one of tokens.
    let saysNothing: Bool

    public struct FeatureLoss: Sendable, Equatable {
        /// The feature, counted from 0.
        public let feature: Int
        /// The entry's part of the loss, in the loss' unit, at the document's code.
        public let loss: Double
    }
}

/// How documents are scored.
public struct ScoreSettings: Sendable {
    /// The number of entries of each document that are listed in `DocumentScore.features`.
    public var featureCount = 5
    /// The number of draws from the posterior that the bound of a variational autoencoder is averaged over.
    public var samples = 5
    /// The seed of those draws.
    public var seed: UInt64 = 0
    /// The reference that losses are standardised by; nil leaves losses as they are. `FeatureModel.reference` is the
    /// one stored with the model.
    public var reference: ScoreReference?

    public init() {}
}

extension FeatureModel {
    /// Scores every document, in order, a few hundred at a time; memory does not grow with the number of documents.
    ///
    /// - Parameters:
    ///   - documents: the documents, before weighting.
    ///   - settings: how documents are scored, and against which reference.
    ///   - execution: how products are computed, and on how many threads.
    ///   - body: receives the scores of a range of rows.
    /// - Throws: `WeightingError`, `LikelihoodError`, `SparseBackendFailure`, and what `body` throws.
    /// - Complexity: O(nnz·H + rows·H²) for a squared error, O(rows·V·K) per sample for a likelihood.
    public func scoreBlocks(
        of documents: Corpus, _ settings: ScoreSettings = ScoreSettings(), execution: Execution = Execution(),
        _ body: ([DocumentScore]) throws -> Void
    ) throws {
        try scoreBlocks(ofInputs: try inputs(from: documents), settings, execution: execution) { scores in
            try execution.checkBackend()
            try body(scores)
        }
    }

    /// As `scoreBlocks` above, for inputs that are already weighted.
    func scoreBlocks<E: Error>(
        ofInputs inputs: CSRMatrix, _ settings: ScoreSettings, execution: Execution,
        _ body: ([DocumentScore]) throws(E) -> Void
    ) throws(E) {
        let scorer = BlockScorer(self, inputs, settings, parallelism: execution.parallelism)
        try network.forEachBlockOfLosses(
            of: inputs, samples: settings.samples, seed: settings.seed, execution: execution
        ) { block throws(E) in
            try body(scorer.scores(block))
        }
    }

    /// The scores of all documents; see `scoreBlocks`.
    public func scores(
        of documents: Corpus, _ settings: ScoreSettings = ScoreSettings(), execution: Execution = Execution()
    ) throws -> [DocumentScore] {
        var scores: [DocumentScore] = []
        try scoreBlocks(of: documents, settings, execution: execution) { scores += $0 }
        return scores
    }
}

/// Converts the losses of a block to scores.
private struct BlockScorer {
    private let inputs: CSRMatrix
    private let settings: ScoreSettings
    private let entryLosses: EntryLosses
    /// Whether the likelihood is one of words given the length, so that losses grow with the length.
    private let isPerToken: Bool
    private let width: Int
    private let parallelism: Parallelism

    init(_ model: FeatureModel, _ inputs: CSRMatrix, _ settings: ScoreSettings, parallelism: Parallelism) {
        self.inputs = inputs
        self.settings = settings
        self.parallelism = parallelism
        width = model.latentWidth
        entryLosses = model.network.entryLosses
        isPerToken = model.network.likelihood?.isPerToken ?? false
    }

    func scores(_ block: BlockLosses) -> [DocumentScore] {
        var scores = [DocumentScore?](repeating: nil, count: block.rows.count)
        scores.withUnsafeMutableBufferPointer { scores in
            // Each block of rows writes to a separate range.
            nonisolated(unsafe) let (scores, block) = (scores, block)
            inputs.withUnsafeView { view in
                parallelism.forEachRange(of: block.rows.count, blockSize: 32) { range in
                    for i in range { scores[i] = score(block, i, view) }
                }
            }
        }
        return scores.compactMap { $0 }
    }

    private func score(_ block: BlockLosses, _ i: Int, _ view: CSRView) -> DocumentScore {
        let row = block.rows.lowerBound + i
        let entries = view.entries(ofRow: row)
        let tokens = entries.reduce(0.0) { $0 + Double(view.values[$1]) }
        let saysNothing = isPerToken && tokens <= 0
        var score = saysNothing ? 0 : block.losses[i] / (isPerToken ? tokens : 1)
        var tail: Double?
        if let reference = settings.reference {
            if !saysNothing { score = reference.standardized(score, size: entries.count) }
            tail = saysNothing ? 1 : reference.tail(score)
        }
        return DocumentScore(
            row: row, entries: entries.count, loss: block.losses[i], score: score, tail: tail,
            features: strongest(block, i, row, view), saysNothing: saysNothing)
    }

    private func strongest(
        _ block: BlockLosses, _ i: Int, _ row: Int, _ view: CSRView
    ) -> [DocumentScore.FeatureLoss] {
        if settings.featureCount == 0 { return [] }
        let losses = entryLosses.losses(
            ofRow: row, of: view, code: block.codes + i * width, logLikelihood: block.logLikelihoods[i])
        var strongest = TopEntries(count: settings.featureCount)
        for (entry, loss) in zip(view.entries(ofRow: row), losses) {
            strongest.add(Int(view.columnIndices[entry]), loss)
        }
        return strongest.sorted.map { DocumentScore.FeatureLoss(feature: $0.index, loss: $0.value) }
    }
}
