import SparseMatrices

/// The events that training reports.
public enum TrainingEvent: Sendable {
    case started(TrainingPlan)
    /// The training goes on from a checkpoint, after so many epochs and steps of the next one.
    case resumed(epochs: Int, steps: Int)
    /// A state could not be kept; training goes on, and the state before is still there. Reported once, until one is
    /// kept again.
    case checkpointFailed(any Error)
    case step(StepReport)
    case epoch(EpochReport)
    /// Validation did not improve for `patience` epochs; the model of `bestEpoch` is kept.
    case stoppedEarly(epoch: Int, bestEpoch: Int)
    /// The measures of the finished model, without corruption: of a reconstruction on all training rows with all
    /// features weighted equally, of a bound on the first 2,048 training documents.
    case finished(TrainingFigures)
}

public struct StepReport: Sendable {
    /// The number of the step, counted from 1 over all epochs.
    public let step: Int
    /// 0 of a stream, whose end is not known.
    public let totalSteps: Int
    public let epoch: Int
    /// The number of training rows visited since the start.
    public let rowsSeen: Int
    public let figure: StepFigure
}

/// The loss measure of one batch.
public enum StepFigure: Sendable, Equatable {
    /// The unexplained fraction of the loss without codes, Σ‖x − x̂‖²/Σ‖x‖² for the squared error.
    case unexplained(Double)
    /// The negative evidence lower bound, in nats per document.
    case bound(Double)
}

public struct EpochReport: Sendable {
    /// The number of the epoch, counted from 1.
    public let epoch: Int
    /// 0 of a stream, whose epochs are its chunks.
    public let epochs: Int
    /// Measures over the epoch, each batch before its step; inputs are corrupted if the model is a denoising one.
    public let training: TrainingFigures
    /// Measures on the held-out rows after the epoch, without corruption; nil without a validation share.
    public let validation: TrainingFigures?
    public let rows: Int
    public let seconds: Double

    /// The training loss per document.
    public var loss: Double { training.loss }
}

/// Measures of a model's loss.
public enum TrainingFigures: Sendable {
    /// Measures of a sparse autoencoder.
    case reconstruction(ReconstructionFigures)
    /// The bound of a variational autoencoder, with the encoder's posterior.
    case bound(BoundReport)

    /// The loss per document: ½‖x − x̂‖² or −log p(x|h), and penalties; or the negative evidence lower bound.
    public var loss: Double {
        switch self {
        case .reconstruction(let figures): figures.loss
        case .bound(let report): report.loss
        }
    }

    /// The error by which the best epoch is chosen.
    var watchedError: Double {
        switch self {
        case .reconstruction(let figures): figures.unexplained
        case .bound(let report): report.loss
        }
    }
}

/// During training, losses of a squared error are those that training minimises, with rare features emphasised
/// according to the settings; see `AutoencoderSettings.emphasis`. For standardised data all losses are those of
/// features with mean 0 and variance 1.
public struct ReconstructionFigures: Sendable {
    /// ½‖x − x̂‖², or −log p(x|h) in nats, and penalties, per document.
    public let loss: Double
    /// The unexplained fraction of the loss without codes, Σ‖x − x̂‖²/Σ‖x‖² for the squared error.
    public let unexplained: Double
    /// The number of active units per document.
    public let activeUnits: Double
    /// The number of units that no document activated.
    public let deadUnits: Int
    /// The number of dead units that were reinitialised, each from a badly reconstructed document.
    public let revivedUnits: Int
}

/// The reason why training did not finish.
package enum TrainingFailure<Model: Sendable>: Error, CustomStringConvertible {
    /// The loss is not finite. `lastGood` is the model before that step; nil if its loss on other rows is not finite
    /// either, or the step was the first. If only the loss of the finished model is not finite, the step is the last
    /// one and the rows are all training rows.
    case nonFiniteLoss(epoch: Int, step: Int, rows: [Int], lastGood: Model?)
    /// There are no rows to learn from.
    case noTrainingRows
    /// The execution was cancelled.
    case cancelled
    /// A checkpoint could not be read or written.
    case checkpointFailed(any Error)
    /// A stream could not be read, or is another than that of the checkpoint.
    case streamFailed(any Error)
    /// The backend could not compute a product with the data.
    case backendFailed(SparseBackendFailure)

    package var description: String {
        switch self {
        case .nonFiniteLoss(let epoch, let step, let rows, _):
            "the loss stopped being finite in epoch \(epoch), step \(step), on a batch with rows "
                + rows.prefix(8).map { String($0 + 1) }.joined(separator: ", ") + (rows.count > 8 ? ", …" : "")
        case .noTrainingRows: "there are no rows to train on"
        case .cancelled: "training was stopped before its end"
        case .checkpointFailed(let error), .streamFailed(let error): String(describing: error)
        case .backendFailed(let failure): failure.description
        }
    }
}

extension TrainingFailure {
    /// The same failure with its model converted to another type.
    package func mapModel<Other>(_ transform: (Model) -> Other) -> TrainingFailure<Other> {
        switch self {
        case .nonFiniteLoss(let epoch, let step, let rows, let lastGood):
            .nonFiniteLoss(epoch: epoch, step: step, rows: rows, lastGood: lastGood.map(transform))
        case .noTrainingRows: .noTrainingRows
        case .cancelled: .cancelled
        case .checkpointFailed(let error): .checkpointFailed(error)
        case .streamFailed(let error): .streamFailed(error)
        case .backendFailed(let failure): .backendFailed(failure)
        }
    }
}

package typealias TrainingError = TrainingFailure<SparseAutoencoder>
package typealias VariationalTrainingError = TrainingFailure<VariationalAutoencoder>
