import SparseMatrices

/// Trains a variational autoencoder on the rows of `matrix`.
///
/// The same matrix, settings and seed give the same model, bit for bit, whatever the number of threads, on one kind of
/// processor; another may round differently.
///
/// - Parameters:
///   - matrix: the documents as they are: counts, or for some likelihoods any numbers; see `LikelihoodKind`.
///   - onEvent: is told of every step and epoch.
/// - Throws: `TrainingError`.
/// - Complexity: of an epoch, O(rows·V·K·refinement steps), for `topicMixture` O(nnz·K·refinement steps) and with a
///   sampled softmax O(rows·(T + S)·K·refinement steps) for T features in a batch, besides the encoder's O(nnz·width).
public func trainVariationalAutoencoder(
    on matrix: CSRMatrix, _ settings: VariationalSettings = VariationalSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    onEvent: (VariationalEvent) -> Void = { _ in }
) throws(VariationalTrainingError) -> VariationalAutoencoder {
    let inputs = settings.likelihood.encoderInputs(from: matrix, length: settings.inputLength ?? .unit)
    let plan = TrainingPlan(
        smallBatches: training, for: WeightedRows(matrix), visits: visits(settings, of: matrix),
        peakRate: 18 * LearningRateSchedule.peak(for: inputs))
    guard !plan.trainingRows.isEmpty else { throw .noTrainingRows }
    onEvent(.started(plan))
    let job = VariationalJob(
        matrix: matrix, inputs: inputs, validation: matrix.rows(plan.validationRows), settings: settings,
        training: training, plan: plan, execution: execution)
    var generator = RandomGenerator(seed: training.seed, stream: 0x696e_6974)
    return try job.run(
        VariationalAutoencoder(
            settings, matrix: matrix,
            inputScale: 1 / RowLengths(of: WeightedRows(inputs), rows: plan.trainingRows).rootMeanSquare,
            rows: plan.trainingRows, generator: &generator), onEvent)
}

/// How often documents are visited in all. Dreams are visits of a kind, and give the encoder what further ones would.
private func visits(_ settings: VariationalSettings, of matrix: CSRMatrix) -> Int {
    let canDream = settings.sampledSoftmax == nil && DreamedDocuments.resemble(matrix, settings.likelihood)
    let dreams = canDream ? settings.dreaming ?? 0 : 0
    return Int(270_000 / (1 + 0.5 * dreams))
}

/// Everything about a variational training run that does not change while it runs.
private struct VariationalJob {
    let matrix: CSRMatrix
    /// The documents as the encoder sees them.
    let inputs: CSRMatrix
    /// The held-out rows.
    let validation: CSRMatrix
    let settings: VariationalSettings
    let training: TrainingSettings
    let plan: TrainingPlan
    let execution: Execution

    func run(
        _ model: VariationalAutoencoder, _ onEvent: (VariationalEvent) -> Void
    ) throws(VariationalTrainingError) -> VariationalAutoencoder {
        var trainer = VariationalTrainer(
            model: model, targets: matrix, inputs: inputs, seed: training.seed, gradientClip: settings.gradientClip,
            sampledSoftmax: settings.sampledSoftmax, optimizer: training.optimizer, execution: execution)
        var generator = RandomGenerator(seed: training.seed, stream: 0x6f72_6465)
        var order = plan.trainingRows
        var watch = ValidationWatch<VariationalAutoencoder>(patience: training.patience)
        for epoch in 1...plan.epochs {
            order.shuffle(using: &generator)
            let report = try runEpoch(epoch, order: order, &trainer, onEvent)
            onEvent(.epoch(report))
            // While β still rises the bound is not the one that counts.
            guard let validation = report.validation, epoch >= settings.klWarmupEpochs else { continue }
            if watch.notice(epoch: epoch, error: validation.loss, trainer.model) {
                onEvent(.stoppedEarly(epoch: epoch, bestEpoch: watch.bestEpoch))
                break
            }
        }
        return try finish(watch.best ?? trainer.model, onEvent)
    }

    /// The last step may have been one too many, which no later loss would show.
    private func finish(
        _ model: VariationalAutoencoder, _ onEvent: (VariationalEvent) -> Void
    ) throws(VariationalTrainingError) -> VariationalAutoencoder {
        let sample = matrix.rows(plan.trainingRows.prefix(2048))
        let report = model.bound(on: sample, boundSettings, execution: execution)
        guard report.loss.isFinite && model.hasFiniteWeights else {
            throw .nonFiniteLoss(
                epoch: plan.epochs, step: plan.epochs * plan.stepsPerEpoch, rows: plan.trainingRows, lastGood: nil)
        }
        onEvent(.finished(report))
        return model
    }

    private func runEpoch(
        _ epoch: Int, order: [Int], _ trainer: inout VariationalTrainer, _ onEvent: (VariationalEvent) -> Void
    ) throws(VariationalTrainingError) -> VariationalEpochReport {
        let start = ContinuousClock.now
        let totalSteps = plan.epochs * plan.stepsPerEpoch
        let beta = settings.beta * min(1, Float(epoch) / Float(max(1, settings.klWarmupEpochs)))
        let corruption =
            settings.denoising > 0
            ? Corruption(probability: settings.denoising, seed: training.seed, epoch: epoch) : nil
        var statistics = BoundStatistics(width: settings.latentWidth)
        for i in 0..<plan.stepsPerEpoch {
            let step = (epoch - 1) * plan.stepsPerEpoch + i + 1
            let rows = order[(i * plan.batchSize)...].prefix(plan.batchSize)
            let loss = trainer.step(
                rows, step: step, corruption: corruption, beta: beta,
                refinement: PosteriorRefinement(
                    steps: settings.refinementSteps, largestStep: settings.likelihood.largestRefinementStep),
                rates: rates(step: step, totalSteps: totalSteps), dreams: dreams(afterStep: step),
                statistics: &statistics)
            guard let loss else {
                trainer.finishSteps()
                let good = step == 1 ? nil : usable(trainer.model, without: rows, others: order)
                throw .nonFiniteLoss(epoch: epoch, step: step, rows: Array(rows), lastGood: good)
            }
            onEvent(
                .step(
                    VariationalStepReport(
                        step: step, totalSteps: totalSteps, epoch: epoch,
                        rowsSeen: (epoch - 1) * order.count + rows.endIndex, loss: loss)))
        }
        trainer.finishSteps()
        let held =
            validation.rowCount == 0
            ? nil : trainer.model.bound(on: validation, boundSettings, execution: execution)
        return VariationalEpochReport(
            epoch: epoch, epochs: plan.epochs, training: statistics.report, validation: held, rows: order.count,
            seconds: start.duration(to: .now) / .seconds(1))
    }

    /// The model before a step on `failed` whose loss was not finite, which has taught it nothing.
    ///
    /// - Returns: nil if it is of no use: its loss on other rows is not finite either.
    private func usable(
        _ model: VariationalAutoencoder, without failed: ArraySlice<Int>, others: [Int]
    ) -> VariationalAutoencoder? {
        let sample = matrix.rows(failed.sampleOfOthers(among: others))
        let isUsable =
            sample.rowCount > 0 && model.hasFiniteWeights
            && model.bound(on: sample, boundSettings, execution: execution).loss.isFinite
        return isUsable ? model : nil
    }

    private var boundSettings: VariationalAutoencoder.BoundSettings {
        var bound = VariationalAutoencoder.BoundSettings()
        bound.samples = 1
        bound.seed = training.seed
        return bound
    }

    /// Dreams are spread evenly over the steps.
    private func dreams(afterStep step: Int) -> Bool {
        let share = Double(settings.dreaming ?? 0)
        return (Double(step) * share).rounded(.down) > (Double(step - 1) * share).rounded(.down)
    }

    /// A linear rise over fifty steps, then half a cosine down to a fiftieth.
    private func rates(step: Int, totalSteps: Int) -> VariationalRates {
        let progress = Double(step) / Double(totalSteps)
        let cosine = Float(0.02 + 0.49 * (1 + cosineOfHalfTurns(progress)))
        let factor = min(1, Float(step) / 50) * cosine
        return VariationalRates(
            input: factor * plan.learningRate, inputDecay: factor * 1e-3, layers: factor * 1e-3,
            decoder: factor * settings.likelihood.decoderRate)
    }
}

extension LikelihoodKind {
    /// The peak step of Adam on the decoder. Topics and variances have to travel far from where they start.
    fileprivate var decoderRate: Float {
        switch self {
        case .multinomial: 8e-3
        case .bernoulli, .poisson: 5e-3
        case .gaussian: 2e-2
        case .topicMixture: 5e-2
        }
    }
}

extension TrainingPlan {
    /// The plan where every weight moves by gradient: batches of 64, whose noise helps.
    ///
    /// - Parameter visits: how often documents are visited in all; each is at most sixty times.
    init(smallBatches settings: TrainingSettings, for matrix: WeightedRows, visits: Int = 270_000, peakRate: Float) {
        var chosen = settings
        let rows = max(1, matrix.rowCount - settings.heldOutRows(of: matrix.rowCount))
        chosen.batchSize = settings.batchSize ?? max(16, min(64, rows / 8))
        chosen.epochs = settings.epochs ?? max(3, min(60, visits / rows))
        chosen.learningRate = settings.learningRate ?? peakRate
        self.init(chosen, for: matrix)
    }
}
