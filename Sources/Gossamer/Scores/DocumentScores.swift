import Autoencoders
import Corpora
import SparseMatrices

/// How badly a model accounts for one document.
public struct DocumentScore: Sendable, Equatable {
    /// In the corpus, from 0.
    public let row: Int
    /// The document's stored entries that the model knows.
    public let entries: Int
    /// ‖x − x̂‖² of weighted entries (an sae with the squared error), −log p(x|h) (any other), or the negative evidence
    /// lower bound (vae), the latter two in nats.
    public let loss: Double
    /// The loss made comparable between documents, the higher, the stranger: where the likelihood is about words given
    /// the length, nats a token, else the loss itself; and, if there is a reference, how many standard deviations that
    /// is above the mean of training documents of about the same size. 0 for a document without tokens, of which
    /// there is nothing to say.
    public let score: Double
    /// The share of the reference's documents whose score is at least as high, 1 for a document without tokens; nil
    /// without a reference.
    public let tail: Double?
    /// The stored entries that add most to the loss, the one that adds most first.
    public let features: [FeatureLoss]
    /// Whether there is nothing to say of the document: it has no tokens, and the loss is about them.
    let saysNothing: Bool

    public struct FeatureLoss: Sendable, Equatable {
        /// From 0.
        public let feature: Int
        /// In the loss' unit, at the document's code.
        public let loss: Double
    }
}

/// How documents are scored.
public struct ScoreSettings: Sendable {
    /// How many entries of each document are named.
    public var featureCount = 5
    /// Draws from the posterior that a vae's bound is averaged over.
    public var samples = 5
    /// Of those draws.
    public var seed: UInt64 = 0
    /// What is usual; nil takes the losses as they are. `FeatureModel.reference` is what the model itself knows of it.
    public var reference: ScoreReference?

    public init() {}
}

extension FeatureModel {
    /// Scores every document, in order, some hundred at a time: memory does not grow with the documents.
    ///
    /// - Parameters:
    ///   - documents: before weighting.
    ///   - settings: how documents are scored, and against which reference.
    ///   - execution: how products are computed, and on how many threads.
    ///   - body: gets the scores of a range of rows.
    /// - Throws: `WeightingError`, `LikelihoodError`, `SparseBackendFailure`, and what `body` throws.
    /// - Complexity: a squared error O(nnz·H + rows·H²), a likelihood O(rows·V·K) for each sample.
    public func scoreBlocks(
        of documents: Corpus, _ settings: ScoreSettings = ScoreSettings(), execution: Execution = Execution(),
        _ body: ([DocumentScore]) throws -> Void
    ) throws {
        try scoreBlocks(ofInputs: try inputs(from: documents), settings, execution: execution) { scores in
            try execution.checkBackend()
            try body(scores)
        }
    }

    /// As above, of weighted inputs.
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

/// Turns a block's losses into scores.
private struct BlockScorer {
    private let inputs: CSRMatrix
    private let settings: ScoreSettings
    private let entryLosses: EntryLosses
    /// Whether the length is given and losses grow with it.
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
            // Each block of rows writes to places of its own.
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
