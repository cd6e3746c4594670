import SparseMatrices

/// What training tells those who watch it.
public enum TrainingEvent: Sendable {
    case started(TrainingPlan)
    case step(StepReport)
    case epoch(EpochReport)
    /// Validation did not improve for as long as the settings allow; the model of `bestEpoch` is kept.
    case stoppedEarly(epoch: Int, bestEpoch: Int)
    /// Of the finished model, inputs whole: of a reconstruction on all training rows and all features alike, of a bound
    /// on the first 2,048 training documents.
    case finished(TrainingFigures)
}

public struct StepReport: Sendable {
    /// Counted from 1, over all epochs.
    public let step: Int
    public let totalSteps: Int
    public let epoch: Int
    /// Training rows seen since the start.
    public let rowsSeen: Int
    public let figure: StepFigure
}

/// How far the model is off on one batch.
public enum StepFigure: Sendable, Equatable {
    /// The share of the loss without codes that is left, of the squared error Σ‖x − x̂‖²/Σ‖x‖².
    case unexplained(Double)
    /// The negative bound, in nats a document.
    case bound(Double)
}

public struct EpochReport: Sendable {
    /// Counted from 1.
    public let epoch: Int
    public let epochs: Int
    /// Over the epoch, each batch before its own step; inputs are corrupted when denoising.
    public let training: TrainingFigures
    /// On the held-out rows after the epoch, inputs whole; nil without a validation share.
    public let validation: TrainingFigures?
    public let rows: Int
    public let seconds: Double

    /// Of training, a document.
    public var loss: Double { training.loss }
}

/// How far a model is off.
public enum TrainingFigures: Sendable {
    /// Of a sparse autoencoder.
    case reconstruction(ReconstructionFigures)
    /// Of a variational autoencoder, with the encoder's posterior.
    case bound(BoundReport)

    /// A document: ½‖x − x̂‖² or −log p(x|h), and penalties; or the negative bound.
    public var loss: Double {
        switch self {
        case .reconstruction(let figures): figures.loss
        case .bound(let report): report.loss
        }
    }

    /// What decides which epoch is the best.
    var watchedError: Double {
        switch self {
        case .reconstruction(let figures): figures.unexplained
        case .bound(let report): report.loss
        }
    }
}

/// Losses of a squared error during training are those that training minimises, rare features emphasised as the
/// settings say; see `AutoencoderSettings.emphasis`. Of standardised data all losses are of features with mean 0 and
/// variance 1.
public struct ReconstructionFigures: Sendable {
    /// ½‖x − x̂‖², or −log p(x|h) in nats, and penalties, a document.
    public let loss: Double
    /// The share of the loss without codes that is left, of the squared error Σ‖x − x̂‖²/Σ‖x‖².
    public let unexplained: Double
    /// Active units a document.
    public let activeUnits: Double
    /// Units that no document activated.
    public let deadUnits: Int
    /// How many of them start anew, each as a document that is badly reconstructed.
    public let revivedUnits: Int
}

/// Why training a model ended without reaching its end.
package enum TrainingFailure<Model: Sendable>: Error, CustomStringConvertible {
    /// The loss is no longer a number. `lastGood` is the model as it stood before that step, unless its loss on other
    /// rows is none either, or the step was the first. If only the finished model's loss shows it, the step is the last one and the rows are all.
    case nonFiniteLoss(epoch: Int, step: Int, rows: [Int], lastGood: Model?)
    /// There is nothing to learn from.
    case noTrainingRows
    /// A product with the data could not be computed.
    case backendFailed(SparseBackendFailure)

    package var description: String {
        switch self {
        case .nonFiniteLoss(let epoch, let step, let rows, _):
            "the loss stopped being finite in epoch \(epoch), step \(step), on a batch with rows "
                + rows.prefix(8).map { String($0 + 1) }.joined(separator: ", ") + (rows.count > 8 ? ", …" : "")
        case .noTrainingRows: "there are no rows to train on"
        case .backendFailed(let failure): failure.description
        }
    }
}

extension TrainingFailure {
    /// The same failure with its model turned into another.
    package func mapModel<Other>(_ transform: (Model) -> Other) -> TrainingFailure<Other> {
        switch self {
        case .nonFiniteLoss(let epoch, let step, let rows, let lastGood):
            .nonFiniteLoss(epoch: epoch, step: step, rows: rows, lastGood: lastGood.map(transform))
        case .noTrainingRows: .noTrainingRows
        case .backendFailed(let failure): .backendFailed(failure)
        }
    }
}

package typealias TrainingError = TrainingFailure<SparseAutoencoder>
package typealias VariationalTrainingError = TrainingFailure<VariationalAutoencoder>
