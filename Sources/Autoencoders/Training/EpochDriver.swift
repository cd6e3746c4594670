import SparseMatrices

/// Runs a trainer through the epochs of a plan: shuffles the rows for each epoch, performs the steps, evaluates
/// held-out rows, stops when they no longer improve, and reports events.
///
/// The order of rows depends only on the seed and the number of rows.
struct EpochDriver {
    var plan: TrainingPlan
    let training: TrainingSettings
    /// The matrix whose rows the plan refers to.
    var matrix: WeightedRows
    /// The execution that the trainer uses.
    let execution: Execution

    /// - Parameters:
    ///   - trainer: the trainer; consumed.
    ///   - checkpoints: where states of the run are kept, and one to go on from. The result is the same, bit for bit, as
    ///     without the interruption. States are kept after epochs and steps as they are due, and after the step in which
    ///     the execution was cancelled. The last state may still be written when this returns or throws.
    /// - Throws: `TrainingFailure.nonFiniteLoss`, `.cancelled`, `.checkpointFailed` if there is no state to go on from,
    ///   `.backendFailed`.
    func run<T: Trainer>(
        _ trainer: inout T, checkpoints: (any CheckpointKeeper)? = nil, onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<T.Model>) -> T.Model {
        var position = try start(&trainer, checkpoints, onEvent)
        if position.order.isWindowed { matrix.matrix.expectScatteredReads(true) }
        while position.epochs < plan.epochs, !hasRunOut(position.watch, of: trainer, after: position.epochs) {
            let report = try runEpoch(&position, &trainer, checkpoints, onEvent)
            onEvent(.epoch(report))
            if let validation = report.validation, trainer.isWatched(epoch: report.epoch) {
                position.watch.notice(epoch: report.epoch, error: validation.watchedError, trainer.snapshot)
            }
            let isLast =
                position.epochs == plan.epochs || hasRunOut(position.watch, of: trainer, after: position.epochs)
            save(&trainer, &position, checkpoints, isLast ? .end : .epoch, onEvent)
        }
        if hasRunOut(position.watch, of: trainer, after: position.epochs) {
            onEvent(.stoppedEarly(epoch: position.epochs, bestEpoch: position.watch.bestEpoch))
        }
        if position.order.isWindowed { matrix.matrix.expectScatteredReads(false) }
        return try finish(&trainer, position, onEvent)
    }

    /// Ends a training with its best model.
    func finish<T: Trainer>(
        _ trainer: inout T, _ position: consuming TrainingPosition<T.Snapshot>, _ onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<T.Model>) -> T.Model {
        if let best = position.watch.takeBest() { trainer.restore(best) }
        let finished = trainer.finish()
        if let failure = execution.backendFailure { throw .backendFailed(failure) }
        guard let finished else {
            throw .nonFiniteLoss(
                epoch: position.epochs, step: position.epochs * plan.stepsPerEpoch, rows: plan.trainingRows,
                lastGood: nil)
        }
        onEvent(.finished(finished.figures))
        return finished.model
    }

    private func hasRunOut<T: Trainer>(
        _ watch: ValidationWatch<T.Snapshot>, of trainer: T, after epoch: Int
    ) -> Bool {
        epoch > 0 && !plan.validationRows.isEmpty && trainer.isWatched(epoch: epoch) && watch.hasRunOut(after: epoch)
    }

    /// Starts a run, or restores the state of an earlier one.
    func start<T: Trainer>(
        _ trainer: inout T, _ checkpoints: (any CheckpointKeeper)?, _ onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<T.Model>) -> TrainingPosition<T.Snapshot> {
        var position = TrainingPosition<T.Snapshot>(
            order: RowOrder(plan.trainingRows, of: matrix),
            generator: RandomGenerator(seed: training.seed, stream: 0x6f72_6465),
            watch: ValidationWatch(patience: training.patience))
        if plan.isStream { position.stream = StreamPosition(generator: position.generator) }
        do {
            if let checkpoints, try checkpoints.restore({ trainer.visit($0, with: &position, of: plan) }) {
                onEvent(.resumed(epochs: position.epochs, steps: position.steps))
                return position
            }
        } catch {
            throw .checkpointFailed(error)
        }
        trainer.start(&position.order, using: &position.generator)
        position.stream?.generator = position.generator
        return position
    }

    /// Keeps the state if it is due.
    func save<T: Trainer>(
        _ trainer: inout T, _ position: inout TrainingPosition<T.Snapshot>, _ checkpoints: (any CheckpointKeeper)?,
        _ moment: CheckpointMoment, _ onEvent: (TrainingEvent) -> Void
    ) {
        guard let checkpoints else { return }
        // What comes of the last state is for whoever made the keeper.
        if moment.isLast { checkpoints.settle() }
        if let failure = checkpoints.takeFailure() { onEvent(.checkpointFailed(failure)) }
        if checkpoints.isDue(moment) { checkpoints.save(moment) { trainer.visit($0, with: &position, of: plan) } }
    }

    /// Visits every training row once, in a new order; or, of an epoch that was interrupted, those that were not visited
    /// yet.
    func runEpoch<T: Trainer>(
        _ position: inout TrainingPosition<T.Snapshot>, _ trainer: inout T, _ checkpoints: (any CheckpointKeeper)?,
        _ onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<T.Model>) -> EpochReport {
        let start = ContinuousClock.now
        let (epoch, firstStep) = (position.epochs + 1, position.steps)
        // The order of a chunk is drawn again by a training that goes on within it.
        if firstStep == 0 || plan.isStream { position.order.shuffle(using: &position.generator) }
        if firstStep == 0 { trainer.startEpoch(epoch) }
        let rows = position.order.rows
        for i in firstStep..<plan.stepsPerEpoch {
            let report = try perform(i, of: epoch, rows, &position.order, &trainer)
            position.steps = i + 1
            onEvent(.step(report))
            save(&trainer, &position, checkpoints, execution.isCancelled ? .stop : .step, onEvent)
            if execution.isCancelled { throw .cancelled }
        }
        let figures = trainer.endEpoch(epoch, of: plan.epochs, order: rows, using: &position.generator)
        (position.epochs, position.steps) = (epoch, 0)
        position.stream?.generator = position.generator
        let validation = plan.validationRows.isEmpty ? nil : trainer.figures(ofHeldOut: plan.validationRows)
        return EpochReport(
            epoch: epoch, epochs: plan.epochs, training: figures, validation: validation,
            rows: max(0, rows.count - firstStep * plan.batchSize), seconds: start.duration(to: .now) / .seconds(1))
    }

    /// Performs a step of an epoch, counted from 0.
    private func perform<T: Trainer>(
        _ i: Int, of epoch: Int, _ rows: [Int], _ order: inout RowOrder, _ trainer: inout T
    ) throws(TrainingFailure<T.Model>) -> StepReport {
        let batch = rows[(i * plan.batchSize)...].prefix(plan.batchSize)
        order.fetch(around: batch.startIndex)
        let step = TrainingStep(
            // Chunks of a stream may have fewer steps than others; numbers are then left out.
            number: (epoch - 1) * plan.mostStepsPerEpoch + i + 1, totalSteps: plan.epochs * plan.stepsPerEpoch,
            epoch: epoch, rows: batch, next: rows[batch.endIndex...].prefix(plan.batchSize))
        let figure = trainer.step(step)
        if let failure = execution.backendFailure { throw .backendFailed(failure) }
        guard let figure else {
            let good = step.number == 1 ? nil : trainer.takeModel(before: batch, others: rows)
            throw .nonFiniteLoss(epoch: epoch, step: step.number, rows: Array(batch), lastGood: good)
        }
        return StepReport(
            step: step.number, totalSteps: step.totalSteps, epoch: epoch,
            rowsSeen: (epoch - 1) * rows.count + batch.endIndex, figure: figure)
    }
}

/// Stores the best model by validation error and decides when to stop.
struct ValidationWatch<Model: SavedState> {
    /// The number of epochs to wait for a lower error; nil never stops.
    let patience: Int?
    private(set) var best: Model?
    private(set) var bestEpoch = 0
    private var bestError = Double.infinity

    init(patience: Int?) { self.patience = patience }

    /// The best model so far, moved rather than copied.
    mutating func takeBest() -> Model? {
        defer { best = nil }
        return best
    }

    /// Records the validation error of an epoch.
    mutating func notice(epoch: Int, error: Double, _ model: @autoclosure () -> Model) {
        guard error < bestError else { return }
        bestError = error
        bestEpoch = epoch
        best = model()
    }

    /// Whether training should stop after an epoch whose error was noticed, because patience has run out.
    func hasRunOut(after epoch: Int) -> Bool { patience.map { epoch - bestEpoch >= $0 } ?? false }
}

extension ValidationWatch: SavedState {
    /// Without the best model; see `visitBest`.
    mutating func visit(_ walk: StateWalk) {
        walk.part("best_epoch", &bestEpoch)
        var error = bestEpoch > 0 ? bestError : 0
        walk.part("best_error", &error)
        if walk.isFilling { bestError = bestEpoch > 0 ? error : .infinity }
    }

    /// Visits the best model, if there is one.
    ///
    /// - Parameter model: one of the same shape.
    mutating func visitBest(_ walk: StateWalk, like model: @autoclosure () -> Model) {
        if walk.isFilling { best = bestEpoch > 0 ? model() : nil }
        walk.part("best", &best)
    }
}
