import SparseMatrices

/// A model in training as `EpochDriver` sees it: it knows how to take a step and what the figures are, and nothing of
/// the order of rows, of validation or of when to stop.
protocol Trainer {
    /// What comes of training.
    associatedtype Model: Sendable
    /// What steps change in the model; copies share memory until the next step.
    associatedtype Snapshot
    /// Everything that later steps depend on and earlier ones changed: the model, the optimizer's moments, running
    /// averages. Copies share memory until the next step.
    associatedtype State

    /// What the next step starts from. A trainer made for the same data and settings goes on from it as this one
    /// would, to the same bytes.
    var state: State { get set }

    /// The model as it stands.
    var snapshot: Snapshot { get }

    /// Goes back to an earlier model. No step follows.
    mutating func restore(_ snapshot: Snapshot)

    /// Makes ready for the first step.
    ///
    /// - Parameter generator: also orders the rows, epoch by epoch.
    mutating func start(_ order: inout RowOrder, using generator: inout RandomGenerator)

    /// Makes ready for the first step of an epoch, counted from 1.
    mutating func startEpoch(_ epoch: Int)

    /// Learns from some rows.
    ///
    /// - Returns: how far the model was off on them before; nil, with nothing learned, if its loss or the gradient is
    ///   not finite.
    mutating func step(_ step: TrainingStep) -> StepFigure?

    /// The figures of the epoch's steps, and what is to be done after them.
    ///
    /// - Parameter order: the rows as the epoch visited them.
    mutating func endEpoch(
        _ epoch: Int, of epochs: Int, order: [Int], using generator: inout RandomGenerator
    ) -> TrainingFigures

    /// The figures of rows that are not learned from, inputs whole.
    mutating func figures(ofHeldOut rows: [Int]) -> TrainingFigures

    /// Whether figures of held-out rows after this epoch are about what training minimises in the end.
    func isWatched(epoch: Int) -> Bool

    /// The model as it stood before a step on `failed` that was not taken. No step follows.
    ///
    /// - Parameter others: the rows to choose from for the question whether it is of any use.
    /// - Returns: nil if its loss on others is not finite either.
    mutating func takeModel(before failed: ArraySlice<Int>, others: [Int]) -> Model?

    /// Ends training. No step follows.
    ///
    /// - Returns: the model and its figures on training rows, inputs whole; nil if they are not finite.
    mutating func finish() -> (model: Model, figures: TrainingFigures)?
}

/// One step of training.
struct TrainingStep {
    /// Counted from 1, over all epochs.
    let number: Int
    let totalSteps: Int
    let epoch: Int
    let rows: ArraySlice<Int>
    /// The rows of the step after, empty at the end of an epoch; they can be loaded meanwhile.
    let next: ArraySlice<Int>
}

extension ArraySlice<Int> {
    /// Some rows that are not these, on which to see whether a model that failed on these is of any use.
    func sampleOfOthers(among rows: [Int]) -> [Int] {
        let these = Set(self)
        return Array(rows.lazy.filter { !these.contains($0) }.prefix(2048))
    }
}

/// Sums over the batches of an epoch.
struct EpochStatistics {
    private(set) var loss = BatchLoss()
    private(set) var rows = 0
    private var activeEntries = 0
    private var unitWasActive: [Bool]
    private let squaredScale: Double

    /// - Parameter scale: the unit that lengths are measured in; squared, that of the losses.
    init(width: Int, scale: Float) {
        unitWasActive = Array(repeating: false, count: width)
        squaredScale = Double(scale) * Double(scale)
    }

    mutating func add(_ batch: BatchLoss, codes: UnsafePointer<Float>, rows batchRows: Int) {
        loss += batch
        rows += batchRows
        let width = unitWasActive.count
        unitWasActive.withUnsafeMutableBufferPointer { wasActive in
            for row in 0..<batchRows {
                for unit in 0..<width where codes[row * width + unit] != 0 {
                    activeEntries += 1
                    wasActive[unit] = true
                }
            }
        }
    }

    var lossPerRow: Double { squaredScale * (loss.reconstruction + loss.penalty) / Double(max(rows, 1)) }
    var unexplained: Double { loss.unexplained }
    var activeUnits: Double { Double(activeEntries) / Double(max(rows, 1)) }
    var deadUnits: [Int] { unitWasActive.indices.filter { !unitWasActive[$0] } }

    func figures(revivedUnits: Int = 0) -> ReconstructionFigures {
        ReconstructionFigures(
            loss: lossPerRow, unexplained: unexplained, activeUnits: activeUnits, deadUnits: deadUnits.count,
            revivedUnits: revivedUnits)
    }
}

extension BatchLoss {
    /// The share of the loss without codes that is left, of the squared error Σ‖x − x̂‖²/Σ‖x‖²; 0 if there is nothing
    /// to explain.
    var unexplained: Double { reference > 0 ? reconstruction / reference : 0 }

    var isFinite: Bool { reconstruction.isFinite && penalty.isFinite }
}
