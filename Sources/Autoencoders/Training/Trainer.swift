import SparseMatrices

/// A model in training as `EpochDriver` uses it: it performs steps and computes measures, while the driver determines
/// the order of rows, validation and when to stop.
///
/// Its saved state is everything that earlier steps changed and later ones depend on: the model, the optimizer's moments,
/// running averages, the sums over the steps of the current epoch. A trainer for the same data and settings that is
/// filled with it continues with the same results, bit for bit.
protocol Trainer: SavedState {
    /// The type of the trained model.
    associatedtype Model: Sendable
    /// The parts of the model that steps change; copies share memory until the next step.
    associatedtype Snapshot: SavedState

    /// The current model.
    var snapshot: Snapshot { get }

    /// Restores an earlier model. No step follows.
    mutating func restore(_ snapshot: Snapshot)

    /// Prepares the first step.
    ///
    /// - Parameter generator: also orders the rows, epoch by epoch.
    mutating func start(_ order: inout RowOrder, using generator: inout RandomGenerator)

    /// Goes on to other rows of the same kind, in place of those until now: of a stream.
    ///
    /// - Parameters:
    ///   - plan: has the numbers of the rows.
    ///   - generator: not nil before an epoch that is not the first, for what is done between two epochs.
    mutating func take(_ chunk: StreamChunk, _ plan: TrainingPlan, using generator: inout RandomGenerator?)

    /// Prepares the first step of an epoch, counted from 1.
    mutating func startEpoch(_ epoch: Int)

    /// Performs a step on some rows.
    ///
    /// - Returns: the loss measure on these rows before the step; nil, without learning anything, if the loss or the
    ///   gradient is not finite.
    mutating func step(_ step: TrainingStep) -> StepFigure?

    /// Computes the measures of the epoch's steps, and performs any work at the end of an epoch.
    ///
    /// - Parameter order: the rows in the order of the epoch.
    mutating func endEpoch(
        _ epoch: Int, of epochs: Int, order: [Int], using generator: inout RandomGenerator
    ) -> TrainingFigures

    /// The measures of held-out rows, without corruption of the inputs.
    mutating func figures(ofHeldOut rows: [Int]) -> TrainingFigures

    /// Whether the measures of held-out rows after this epoch are those of the final objective.
    func isWatched(epoch: Int) -> Bool

    /// The model before a step on `failed` that was not performed. No step follows.
    ///
    /// - Parameter others: rows from which a sample is taken to check whether the model is usable.
    /// - Returns: nil if its loss on that sample is not finite either.
    mutating func takeModel(before failed: ArraySlice<Int>, others: [Int]) -> Model?

    /// Ends training. No step follows.
    ///
    /// - Returns: the model and its measures on training rows, without corruption; nil if they are not finite.
    mutating func finish() -> (model: Model, figures: TrainingFigures)?
}

/// One step of training.
struct TrainingStep {
    /// The number of the step, counted from 1 over all epochs.
    let number: Int
    /// 0 of a stream, whose end is not known.
    let totalSteps: Int
    let epoch: Int
    let rows: ArraySlice<Int>
    /// The rows of the next step, empty at the end of an epoch; they can be loaded meanwhile.
    let next: ArraySlice<Int>
}

extension ArraySlice<Int> {
    /// A sample of other rows, for checking whether a model that failed on these rows is usable.
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

    /// - Parameter scale: the unit of lengths; its square is the unit of losses.
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
    /// The unexplained fraction of the loss without codes, Σ‖x − x̂‖²/Σ‖x‖² for the squared error; 0 if that loss is 0.
    var unexplained: Double { reference > 0 ? reconstruction / reference : 0 }

    var isFinite: Bool { reconstruction.isFinite && penalty.isFinite }
}

extension EpochStatistics: SavedState {
    mutating func visit(_ walk: StateWalk) {
        walk.part("loss", &loss)
        walk.part("rows", &rows)
        walk.part("active_entries", &activeEntries)
        var flags = unitWasActive.map { UInt8($0 ? 1 : 0) }
        walk.part("active_units", &flags)
        walk.requireCount(rows, "rows")
        walk.requireCount(activeEntries, "active_entries")
        if walk.isFilling { unitWasActive = flags.map { $0 != 0 } }
    }
}

extension BatchLoss: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("reconstruction", &reconstruction)
        walk.part("penalty", &penalty)
        walk.part("reference", &reference)
    }
}
