import Autoencoders
import Corpora
import Gossamer
import SparseMatrices

/// What came of training one candidate on all folds but one. What its kind does not have is nil, as is what is not
/// finite; all is measured on the held-out documents but for `deadUnits`.
package struct FoldResult: Sendable, Codable, Equatable {
    package var fvu: Double?
    package var lossNatsPerToken: Double?
    package var lossNatsPerDocument: Double?
    package var perplexityCorpus: Double?
    package var perplexityDocument: Double?
    /// Where the probe was asked for: see `CodeReport`.
    package var probeScore: Double?
    package var retrievalPrecisionAt10: Double?
    /// Units active a document; of a variational model units in use, those whose KL divergence is .01 nats or more.
    package var activeUnits: Double?
    /// Units that no training document activates; of a variational model those not in use.
    package var deadUnits: Int?
    /// Of training and measuring.
    package var seconds = 0.0
    /// Why training ended without a model, if it did.
    package var failure: String?

    init(failure: String) { self.failure = failure }

    init(_ report: ReconstructionReport, deadUnits: Int?) {
        fvu = report.unexplainedVariance?.ifFinite
        lossNatsPerDocument = report.lossPerDocument?.ifFinite
        activeUnits = report.activeUnits
        self.deadUnits = deadUnits
    }

    init(_ report: BoundReport?, of model: FeatureModel) {
        guard let report, let loss = report.loss.ifFinite else { return }
        lossNatsPerDocument = loss
        activeUnits = Double(report.activeUnits)
        deadUnits = model.latentWidth - report.activeUnits
        guard model.network.likelihood?.isPerToken == true else { return }
        lossNatsPerToken = report.lossPerToken
        perplexityCorpus = report.perplexityPerCorpus.ifFinite
        perplexityDocument = report.perplexityPerDocument.ifFinite
    }

    fileprivate mutating func add(_ codes: CodeReport?) {
        probeScore = codes?.probe?.score
        retrievalPrecisionAt10 = codes?.retrievalPrecision
    }
}

extension Double {
    /// The value; nil if it is not finite, which JSON has no number for.
    package var ifFinite: Double? { isFinite ? self : nil }
}

/// One fold's documents.
struct FoldDocuments {
    /// What a training tells of itself.
    enum News {
        /// The share of the training that is done.
        case progress(Double)
        case warning(String)
        case resumed(epochs: Int, steps: Int)
    }

    let training: Corpus
    let heldOut: Corpus

    init(_ corpus: Corpus, _ folds: CorpusFolds, fold: Int) {
        training = corpus.rows(folds.training(fold))
        heldOut = corpus.rows(folds.heldOut[fold])
    }

    /// Trains on the one part and measures on the other; the weighting, too, is fitted to the former.
    ///
    /// - Parameters:
    ///   - checkpoints: where the state of the training is kept; nil to keep none.
    ///   - onNews: is told which share of the training is done.
    /// - Throws: what is wrong with the corpus. A training that fails for other reasons is a result, one that
    ///   was cancelled is none.
    func result(
        of settings: ModelSettings, by measure: SearchMeasure, seed: UInt64, execution: Execution,
        checkpoints: Checkpoints?, onNews: (News) -> Void
    ) throws -> FoldResult {
        let start = ContinuousClock.now
        var result: FoldResult
        do {
            let model: FeatureModel
            (model, result) = try self.result(
                of: settings, seed: seed, execution: execution, checkpoints: checkpoints, onNews: onNews)
            if measure == .probe {
                result.add(try model.evaluateCodes(train: training, test: heldOut, execution: execution))
            }
        } catch let error as ModelTrainingError where error.reason != .cancelled {
            result = FoldResult(failure: error.description)
        }
        result.seconds = start.duration(to: .now) / .seconds(1)
        return result
    }

    /// Trains a model; that its last state could not be kept does no harm.
    private func train(
        _ settings: ModelSettings, execution: Execution, checkpoints: Checkpoints?, onEvent: (TrainingEvent) -> Void
    ) throws -> FeatureModel {
        do {
            return try FeatureModel.train(
                on: training, settings, execution: execution, checkpoints: checkpoints, onEvent: onEvent)
        } catch let error as UnkeptState {
            onEvent(.checkpointFailed(error))
            return error.model
        }
    }

    private func result(
        of settings: ModelSettings, seed: UInt64, execution: Execution, checkpoints: Checkpoints?,
        onNews: (News) -> Void
    ) throws -> (FeatureModel, FoldResult) {
        var deadUnits: Int?
        var settings = settings
        settings.training.referenceRows = 0
        let model = try train(settings, execution: execution, checkpoints: checkpoints) { event in
            switch event {
            case .step(let report): onNews(.progress(Double(report.step) / Double(report.totalSteps)))
            case .resumed(let epochs, let steps): onNews(.resumed(epochs: epochs, steps: steps))
            case .checkpointFailed(let error): onNews(.warning(String(describing: error)))
            case .finished(.reconstruction(let figures)): deadUnits = figures.deadUnits
            case .started, .epoch, .stoppedEarly, .finished: break
            }
        }
        let inputs = try model.inputs(from: heldOut)
        if let report = try model.reconstruction(of: inputs, execution: execution) {
            return (model, FoldResult(report, deadUnits: deadUnits))
        }
        var bound = VariationalAutoencoder.BoundSettings()
        bound.seed = seed
        let report = try (model.network as? VariationalNetwork)?.model.heldOutBound(
            on: inputs, bound, execution: execution)
        return (model, FoldResult(report, of: model))
    }
}

/// A division of a corpus' rows into parts of equal size, of which each in turn is held out (k-fold
/// cross-validation).
package struct CorpusFolds: Sendable, Equatable {
    /// The rows of each part, rising; sizes differ by one at most.
    package let heldOut: [[Int]]

    /// Divides rows at random; the same seed gives the same parts.
    ///
    /// - Precondition: there are at least two parts, and a row for each.
    /// - Complexity: O(rows·log rows).
    package init(rowCount: Int, count: Int, seed: UInt64) {
        precondition((2...max(2, rowCount)).contains(count), "\(rowCount) rows cannot make \(count) folds")
        var order = Array(0..<rowCount)
        var generator = RandomGenerator(seed: seed, stream: 0x666f_6c64)
        order.shuffle(using: &generator)
        heldOut = (0..<count).map { fold in
            stride(from: fold, to: rowCount, by: count).map { order[$0] }.sorted()
        }
    }

    package var count: Int { heldOut.count }

    /// The rows of all parts but one, rising.
    package func training(_ fold: Int) -> [Int] {
        heldOut.indices.filter { $0 != fold }.flatMap { heldOut[$0] }.sorted()
    }
}
