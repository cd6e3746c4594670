/// What training tells those who watch it.
public enum TrainingEvent: Sendable {
    case started(TrainingPlan)
    case step(StepReport)
    case epoch(EpochReport)
    /// Validation did not improve for as long as the settings allow; the model of `bestEpoch` is kept.
    case stoppedEarly(epoch: Int, bestEpoch: Int)
    case finished(FinalReport)
}

public struct StepReport: Sendable {
    /// Counted from 1, over all epochs.
    public let step: Int
    public let totalSteps: Int
    public let epoch: Int
    /// Training rows seen since the start.
    public let rowsSeen: Int
    /// Of this batch: the share of the loss without codes that is left, of the squared error Σ‖x − x̂‖²/Σ‖x‖².
    public let unexplained: Double
}

/// Losses of a squared error are those that training minimises, rare features emphasised as the settings say; see
/// `AutoencoderSettings.emphasis`. Of standardised data all losses, also those of `FinalReport`, are of features with
/// mean 0 and variance 1.
public struct EpochReport: Sendable {
    /// Counted from 1.
    public let epoch: Int
    public let epochs: Int
    /// ½‖x − x̂‖², or −log p(x|h) in nats, and penalties, a document.
    public let loss: Double
    /// The share of the loss without codes that is left, of the squared error Σ‖x − x̂‖²/Σ‖x‖², over the epoch, each
    /// batch before its own step; inputs are corrupted when denoising.
    public let unexplained: Double
    /// The same on the held-out rows after the epoch, inputs clean; nil without a validation share.
    public let validationUnexplained: Double?
    /// Active units a document.
    public let activeUnits: Double
    /// Units that no document of the epoch activated.
    public let deadUnits: Int
    /// How many of them start anew, each as a document that is badly reconstructed.
    public let revivedUnits: Int
    public let rows: Int
    public let seconds: Double
}

/// Of the finished model on all training rows, inputs clean and all features alike.
public struct FinalReport: Sendable {
    /// ½‖x − x̂‖², or −log p(x|h) in nats, and penalties, a document.
    public let loss: Double
    /// The share of the loss without codes that is left, of the squared error Σ‖x − x̂‖²/Σ‖x‖².
    public let unexplained: Double
    public let activeUnits: Double
    public let deadUnits: Int
}

/// Why training a model ended without reaching its end.
public enum TrainingFailure<Model: Sendable>: Error, CustomStringConvertible {
    /// The loss is no longer a number. `lastGood` is the model as it stood before that step, unless its loss on other
    /// rows is none either, or the step was the first. If only the finished model's loss shows it, the step is the last one and the rows are all.
    case nonFiniteLoss(epoch: Int, step: Int, rows: [Int], lastGood: Model?)
    /// There is nothing to learn from.
    case noTrainingRows

    public var description: String {
        switch self {
        case .nonFiniteLoss(let epoch, let step, let rows, _):
            "the loss stopped being finite in epoch \(epoch), step \(step), on a batch with rows "
                + rows.prefix(8).map { String($0 + 1) }.joined(separator: ", ") + (rows.count > 8 ? ", …" : "")
        case .noTrainingRows: "there are no rows to train on"
        }
    }
}

extension TrainingFailure {
    /// The same failure with its model turned into another.
    func mapModel<Other>(_ transform: (Model) -> Other) -> TrainingFailure<Other> {
        switch self {
        case .nonFiniteLoss(let epoch, let step, let rows, let lastGood):
            .nonFiniteLoss(epoch: epoch, step: step, rows: rows, lastGood: lastGood.map(transform))
        case .noTrainingRows: .noTrainingRows
        }
    }
}

extension ArraySlice<Int> {
    /// Some rows that are not these, on which to see whether a model that failed on these is of any use.
    func sampleOfOthers(among rows: [Int]) -> [Int] {
        let these = Set(self)
        return Array(rows.lazy.filter { !these.contains($0) }.prefix(2048))
    }
}

public typealias TrainingError = TrainingFailure<SparseAutoencoder>
public typealias VariationalTrainingError = TrainingFailure<VariationalAutoencoder>
