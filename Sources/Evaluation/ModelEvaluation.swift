import Autoencoders
import Corpora
import FileIO
import Gossamer
import SparseMatrices

/// How good a model is on documents that it has not seen; what does not apply is nil. `figures` has all of it by name.
public struct ModelEvaluation: Sendable {
    /// How well the model accounts for the documents.
    package enum Fit: Sendable {
        /// - `deadFraction`: the share of units that no training document activates; nil without training documents.
        case reconstruction(ReconstructionReport, deadFraction: Double?)
        case bound(BoundEvaluation)
    }

    package let fit: Fit
    /// See `FeatureModel.largestDecoderCosines`.
    package let largestDecoderCosines: [Double]
    /// Of the words of largest decoder weight of each unit.
    package let coherence: TopicCoherence
    /// Of the words that set apart the documents of each unit.
    package let coherenceByLift: TopicCoherence?
    package let clusters: ClusterReport?
    /// nil without training documents.
    package let codes: CodeReport?
}

/// Upper bounds on a variational model's loss, by the encoder's posteriors and by better ones.
package struct BoundEvaluation: Sendable {
    package let plain: BoundReport
    /// nil if no refinement was asked for.
    package let refined: BoundReport?
    /// Documents that the bounds are means over.
    package let documents: Int
    /// Documents left out since they hold no word that the model knows.
    package let emptyDocuments: Int
    package let latentWidth: Int
    /// Whether losses are of words, given how many there are.
    package let isPerToken: Bool

    /// By the refined posteriors if there are any; nil if it was not asked for.
    package var importanceWeighted: LossReport? { (refined ?? plain).importanceWeighted }
}

/// How bounds are computed, and k-means is started.
public struct EvaluationSettings: Sendable {
    /// Draws from the posterior that a bound is averaged over.
    public var samples = 20
    /// Steps from the encoder's posterior to the best Gaussian of each document; after twenty the bound has converged to
    /// about a thousandth.
    public var refinementSteps = 20
    /// Draws of the importance-weighted bound; 0 leaves it out.
    public var importanceSamples = 0
    public var seed: UInt64 = 0

    public init() {}
}

/// Why documents tell nothing of a model.
public enum EvaluationError: ExplainedError, Equatable {
    case nothingKnown
    case nonFiniteLoss

    package var found: String {
        switch self {
        case .nothingKnown: "no document with a word that the model knows"
        case .nonFiniteLoss: "a loss that is not finite"
        }
    }

    package var expected: Message {
        switch self {
        case .nothingKnown: "words to measure the perplexity of"
        case .nonFiniteLoss: "documents like those in training"
        }
    }

    package var advice: Message {
        switch self {
        case .nothingKnown: "check that these are the documents you meant, and their index base"
        case .nonFiniteLoss: "look for values far beyond theirs, in the documents with the highest scores"
        }
    }

    public var message: Message { "found \(found); expected \(expected); \(advice)" }
}

extension FeatureModel {
    /// Measures the model on documents that it has not seen.
    ///
    /// - Parameters:
    ///   - test: those documents, before weighting.
    ///   - train: the documents that it has learned from, for measures that need both; nil leaves these out.
    ///   - settings: how bounds are computed.
    ///   - execution: how products are computed, and on how many threads.
    /// - Throws: `WeightingError` or `LikelihoodError` if an entry does not suit the model, `EvaluationError`,
    ///   `SparseBackendFailure`.
    public func evaluate(
        on test: Corpus, train: Corpus? = nil, _ settings: EvaluationSettings = EvaluationSettings(),
        execution: Execution = Execution()
    ) throws -> ModelEvaluation {
        ModelEvaluation(
            fit: try evaluateFit(on: test, train: train, settings, execution: execution),
            largestDecoderCosines: largestDecoderCosines(parallelism: execution.parallelism),
            coherence: coherence(in: test, parallelism: execution.parallelism),
            coherenceByLift: try coherenceByLift(train: train, test: test, execution: execution),
            clusters: try evaluateClusters(of: test, seed: settings.seed, execution: execution),
            codes: try train.flatMap { try evaluateCodes(train: $0, test: test, execution: execution) })
    }

    private func evaluateFit(
        on test: Corpus, train: Corpus?, _ settings: EvaluationSettings, execution: Execution
    ) throws -> ModelEvaluation.Fit {
        let inputs = try inputs(from: test)
        if let network = network as? SparseAutoencoder {
            return .reconstruction(
                try network.reconstruction(of: inputs, execution: execution),
                deadFraction: try train.map {
                    try network.deadFraction(on: self.inputs(from: $0), execution: execution)
                })
        }
        guard let network = network as? VariationalNetwork else {
            preconditionFailure("nothing is known of how good a \(kind.rawValue) is")
        }
        return .bound(try BoundEvaluation(of: network.model, on: inputs, settings, execution: execution))
    }
}

extension BoundEvaluation {
    fileprivate init(
        of model: VariationalAutoencoder, on inputs: CSRMatrix, _ settings: EvaluationSettings, execution: Execution
    ) throws {
        func bound(steps: Int) throws -> BoundReport {
            var bound = VariationalAutoencoder.BoundSettings()
            bound.samples = settings.samples
            bound.refinementSteps = steps
            bound.importanceSamples = steps == settings.refinementSteps ? settings.importanceSamples : 0
            bound.seed = settings.seed
            guard let report = try model.heldOutBound(on: inputs, bound, execution: execution) else {
                throw EvaluationError.nothingKnown
            }
            guard report.loss.isFinite else { throw EvaluationError.nonFiniteLoss }
            return report
        }
        plain = try bound(steps: 0)
        refined = settings.refinementSteps > 0 ? try bound(steps: settings.refinementSteps) : nil
        documents = model.measuredRows(of: inputs).count
        emptyDocuments = inputs.rowCount - documents
        latentWidth = model.latentWidth
        isPerToken = model.likelihood.isPerToken
    }
}
