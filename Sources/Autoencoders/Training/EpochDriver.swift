import SparseMatrices

/// Runs a trainer through the epochs of a plan: shuffles the rows for each epoch, performs the steps, evaluates
/// held-out rows, stops when they no longer improve, and reports events.
///
/// The order of rows depends only on the seed and the number of rows.
struct EpochDriver {
    let plan: TrainingPlan
    let training: TrainingSettings
    /// The matrix whose rows the plan refers to.
    let matrix: WeightedRows
    /// The execution that the trainer uses.
    let execution: Execution

    /// The state of a run between two epochs, with everything that the rest of the run depends on. Copies share memory
    /// until the next step.
    struct State<T: Trainer> {
        /// The number of finished epochs.
        fileprivate(set) var epoch = 0
        fileprivate(set) var trainer: T.State
        fileprivate(set) var order: RowOrder
        fileprivate(set) var generator: RandomGenerator
        fileprivate(set) var watch: ValidationWatch<T.Snapshot>
    }

    /// - Parameters:
    ///   - trainer: the trainer; consumed.
    ///   - state: the state of an earlier run of the same plan, data and settings; nil to start from the beginning. The
    ///     result is the same, bit for bit, as without the interruption.
    ///   - onState: called with the state after every epoch but the last.
    /// - Throws: `TrainingFailure.nonFiniteLoss`, `TrainingFailure.backendFailed`.
    func run<T: Trainer>(
        _ trainer: inout T, from state: State<T>? = nil, onState: ((State<T>) -> Void)? = nil,
        onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<T.Model>) -> T.Model {
        var (lastEpoch, order, generator, watch) = start(&trainer, from: state)
        if order.isWindowed { matrix.matrix.expectScatteredReads(true) }
        while lastEpoch < plan.epochs {
            lastEpoch += 1
            order.shuffle(using: &generator)
            let report = try runEpoch(lastEpoch, &order, &trainer, &generator, onEvent)
            onEvent(.epoch(report))
            if let validation = report.validation, trainer.isWatched(epoch: lastEpoch),
                watch.notice(epoch: lastEpoch, error: validation.watchedError, trainer.snapshot)
            {
                onEvent(.stoppedEarly(epoch: lastEpoch, bestEpoch: watch.bestEpoch))
                break
            }
            if let onState, lastEpoch < plan.epochs {
                onState(
                    State(epoch: lastEpoch, trainer: trainer.state, order: order, generator: generator, watch: watch))
            }
        }
        if order.isWindowed { matrix.matrix.expectScatteredReads(false) }
        if let best = watch.takeBest() { trainer.restore(best) }
        let finished = trainer.finish()
        if let failure = execution.backendFailure { throw .backendFailed(failure) }
        guard let finished else {
            throw .nonFiniteLoss(
                epoch: lastEpoch, step: lastEpoch * plan.stepsPerEpoch, rows: plan.trainingRows, lastGood: nil)
        }
        onEvent(.finished(finished.figures))
        return finished.model
    }

    /// Starts a run, or restores the state of an earlier one.
    private func start<T: Trainer>(
        _ trainer: inout T, from state: consuming State<T>?
    ) -> (epoch: Int, order: RowOrder, generator: RandomGenerator, watch: ValidationWatch<T.Snapshot>) {
        if let state {
            trainer.state = state.trainer
            return (state.epoch, state.order, state.generator, state.watch)
        }
        var generator = RandomGenerator(seed: training.seed, stream: 0x6f72_6465)
        var order = RowOrder(plan.trainingRows, of: matrix)
        trainer.start(&order, using: &generator)
        return (0, order, generator, ValidationWatch(patience: training.patience))
    }

    /// Visits every training row once, in the given order.
    private func runEpoch<T: Trainer>(
        _ epoch: Int, _ order: inout RowOrder, _ trainer: inout T, _ generator: inout RandomGenerator,
        _ onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<T.Model>) -> EpochReport {
        let start = ContinuousClock.now
        let rows = order.rows
        trainer.startEpoch(epoch)
        for i in 0..<plan.stepsPerEpoch {
            let batch = rows[(i * plan.batchSize)...].prefix(plan.batchSize)
            order.fetch(around: batch.startIndex)
            let step = TrainingStep(
                number: (epoch - 1) * plan.stepsPerEpoch + i + 1, totalSteps: plan.epochs * plan.stepsPerEpoch,
                epoch: epoch, rows: batch, next: rows[batch.endIndex...].prefix(plan.batchSize))
            let figure = trainer.step(step)
            if let failure = execution.backendFailure { throw .backendFailed(failure) }
            guard let figure else {
                let good = step.number == 1 ? nil : trainer.takeModel(before: batch, others: rows)
                throw .nonFiniteLoss(epoch: epoch, step: step.number, rows: Array(batch), lastGood: good)
            }
            onEvent(
                .step(
                    StepReport(
                        step: step.number, totalSteps: step.totalSteps, epoch: epoch,
                        rowsSeen: (epoch - 1) * rows.count + batch.endIndex, figure: figure)))
            if execution.isCancelled { throw .cancelled }
        }
        let figures = trainer.endEpoch(epoch, of: plan.epochs, order: rows, using: &generator)
        let validation = plan.validationRows.isEmpty ? nil : trainer.figures(ofHeldOut: plan.validationRows)
        return EpochReport(
            epoch: epoch, epochs: plan.epochs, training: figures, validation: validation, rows: rows.count,
            seconds: start.duration(to: .now) / .seconds(1))
    }
}

/// Stores the best model by validation error and decides when to stop.
struct ValidationWatch<Model> {
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
    ///
    /// - Returns: whether training should stop because patience has run out.
    mutating func notice(epoch: Int, error: Double, _ model: @autoclosure () -> Model) -> Bool {
        if error < bestError {
            bestError = error
            bestEpoch = epoch
            best = model()
        }
        guard let patience else { return false }
        return epoch - bestEpoch >= patience
    }
}
