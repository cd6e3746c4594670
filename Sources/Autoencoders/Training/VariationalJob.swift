import SparseMatrices

/// Trains a variational autoencoder on the rows of `matrix`; batches are gathered from it without a copy of the matrix.
///
/// The same matrix, settings and seed give the same model, bit for bit, whatever the number of threads, on one kind of
/// processor; another may round differently.
///
/// - Parameters:
///   - matrix: the unweighted documents: counts or, for some likelihoods, any numbers; see `LikelihoodKind`.
///   - earlier: a model that training goes on from; nil for a new one.
///   - stream: the chunks that come after these documents, which are the first one; nil if there are no others.
///   - checkpoints: see `EpochDriver.run`.
///   - onEvent: called after every step and epoch.
/// - Throws: `TrainingError`.
/// - Complexity: per epoch O(rows·V·K·refinement steps), O(nnz·K·refinement steps) for `topicMixture`, and
///   O(rows·(T + S)·K·refinement steps) with a sampled softmax for T features in a batch, plus O(nnz·width) for the
///   encoder.
package func trainVariationalAutoencoder(
    on matrix: WeightedRows, _ settings: VariationalSettings = VariationalSettings(),
    training: TrainingSettings = TrainingSettings(), from earlier: EarlierModel<VariationalAutoencoder>? = nil,
    over stream: (any TrainingStream)? = nil, execution: Execution = Execution(),
    checkpoints: (any CheckpointKeeper)? = nil, onEvent: (TrainingEvent) -> Void = { _ in }
) throws(VariationalTrainingError) -> VariationalAutoencoder {
    func train(
        on rows: WeightedRows, from earlier: EarlierModel<VariationalAutoencoder>?, over stream: (any TrainingStream)?
    ) throws(VariationalTrainingError) -> VariationalAutoencoder {
        let job = try VariationalJob(rows, settings, training: training, from: earlier, execution: execution)
        onEvent(.started(job.plan))
        var trainer = job.epochs()
        return try job.driver.run(&trainer, over: stream, checkpoints: checkpoints, onEvent: onEvent)
    }
    guard settings.standardizes(matrix.matrix) else { return try train(on: matrix, from: earlier, over: stream) }
    let standardization = FeatureStandardization(
        of: matrix, rows: training.split(rowCount: matrix.rowCount).training)
    func folded(_ model: consuming VariationalAutoencoder) -> VariationalAutoencoder {
        standardization.fold(into: &model)
        return model
    }
    let start = earlier.map { earlier in
        var model = earlier.model
        standardization.unfold(&model)
        return EarlierModel(model, documents: earlier.documents)
    }
    do {
        return folded(
            try train(
                on: WeightedRows(standardization.apply(to: matrix)), from: start,
                over: stream.map { MappedStream($0) { WeightedRows(standardization.apply(to: $0)) } }))
    } catch {
        throw error.mapModel(folded)
    }
}

/// Trains on an unweighted matrix; see the overload above.
package func trainVariationalAutoencoder(
    on matrix: CSRMatrix, _ settings: VariationalSettings = VariationalSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    checkpoints: (any CheckpointKeeper)? = nil, onEvent: (TrainingEvent) -> Void = { _ in }
) throws(VariationalTrainingError) -> VariationalAutoencoder {
    try trainVariationalAutoencoder(
        on: WeightedRows(matrix), settings, training: training, execution: execution, checkpoints: checkpoints,
        onEvent: onEvent)
}

/// The constant data of the training of a variational autoencoder.
struct VariationalJob {
    private(set) var matrix: WeightedRows
    let settings: VariationalSettings
    let training: TrainingSettings
    private(set) var plan: TrainingPlan
    let execution: Execution
    /// The encoder's inputs.
    private let inputs: WeightedRows
    private let earlier: EarlierModel<VariationalAutoencoder>?
    /// The factor of the step sizes that are not chosen by the user; 1 of a new model.
    let learningShare: Float

    init(
        _ matrix: WeightedRows, _ settings: VariationalSettings, training: TrainingSettings,
        from earlier: EarlierModel<VariationalAutoencoder>? = nil, execution: Execution
    ) throws(VariationalTrainingError) {
        inputs = settings.likelihood.encoderInputs(from: matrix, length: settings.inputLength ?? .unit)
        var plan = TrainingPlan(
            smallBatches: training, for: matrix, visits: Self.visits(settings, of: matrix),
            mostEpochs: settings.standardizes(matrix.matrix) ? 300 : 60,
            peakRate: 18 * LearningRateSchedule.peak(for: inputs))
        guard !plan.trainingRows.isEmpty else { throw .noTrainingRows }
        learningShare = earlier?.rateFactor(newDocuments: plan.trainingRows.count) ?? 1
        if training.learningRate == nil { plan.learningRate *= learningShare }
        self.plan = plan
        self.earlier = earlier
        (self.matrix, self.settings, self.training, self.execution) = (matrix, settings, training, execution)
    }

    var isContinued: Bool { earlier != nil }

    /// The same job with other rows of the same kind.
    mutating func take(_ chunk: StreamChunk, _ plan: TrainingPlan) { (matrix, self.plan) = (chunk.documents, plan) }

    var driver: EpochDriver { EpochDriver(plan: plan, training: training, matrix: matrix, execution: execution) }

    func epochs() -> VariationalEpochs {
        var generator = RandomGenerator(seed: training.seed, stream: 0x696e_6974)
        var model = VariationalAutoencoder(
            settings, matrix: matrix,
            inputScale: 1 / RowLengths(of: inputs, rows: plan.trainingRows).rootMeanSquare,
            rows: plan.trainingRows, generator: &generator)
        if let earlier { model.adopt(earlier.model) }
        return VariationalEpochs(self, consume model)
    }

    /// The total number of visits to documents. Dreamed documents count as visits, since they replace further visits
    /// for the encoder.
    private static func visits(_ settings: VariationalSettings, of matrix: WeightedRows) -> Int {
        let canDream = settings.sampledSoftmax == nil && DreamedDocuments.resemble(matrix, settings.likelihood)
        let dreams = canDream ? settings.dreaming ?? 0 : 0
        return Int(270_000 / (1 + 0.5 * dreams))
    }
}

extension TrainingPlan {
    /// The plan for models whose weights are all trained by gradients: batches of 64, whose noise helps.
    ///
    /// - Parameters:
    ///   - visits: the total number of visits to documents.
    ///   - mostEpochs: how often each is visited at most.
    init(
        smallBatches settings: TrainingSettings, for matrix: WeightedRows, visits: Int = 270_000, mostEpochs: Int = 60,
        peakRate: Float
    ) {
        var chosen = settings
        let rows = max(1, matrix.rowCount - settings.heldOutRows(of: matrix.rowCount))
        chosen.batchSize = settings.batchSize ?? max(16, min(64, rows / 8))
        chosen.epochs = settings.epochs ?? max(3, min(mostEpochs, visits / rows))
        chosen.learningRate = settings.learningRate ?? peakRate
        self.init(chosen, for: matrix)
    }
}

/// The epochs of a variational autoencoder.
struct VariationalEpochs: Trainer {
    private var job: VariationalJob
    private let denoising: Float
    private var trainer: VariationalTrainer
    private var statistics: BoundStatistics
    private var corruption: Corruption?
    private var beta: Float = 0
    /// The model of the best epoch, after the last step.
    private var restored: VariationalAutoencoder?

    init(_ job: VariationalJob, _ model: consuming VariationalAutoencoder) {
        self.job = job
        denoising = job.settings.denoising(of: job.matrix.matrix)
        trainer = VariationalTrainer(
            model: consume model, targets: job.matrix, seed: job.training.seed,
            gradientClip: job.settings.gradientClip, sampledSoftmax: job.settings.sampledSoftmax,
            optimizer: job.training.optimizer, execution: job.execution)
        statistics = BoundStatistics(width: job.settings.latentWidth)
    }

    var snapshot: VariationalAutoencoder { restored ?? trainer.model }

    mutating func restore(_ snapshot: VariationalAutoencoder) { restored = snapshot }

    mutating func start(_ order: inout RowOrder, using generator: inout RandomGenerator) {}

    mutating func take(_ chunk: StreamChunk, _ plan: TrainingPlan, using generator: inout RandomGenerator?) {
        job.take(chunk, plan)
        trainer.take(chunk.documents)
    }

    mutating func startEpoch(_ epoch: Int) {
        statistics = BoundStatistics(width: job.settings.latentWidth)
        beta = job.settings.beta * min(1, Float(epoch) / Float(max(1, warmupEpochs)))
        corruption =
            denoising > 0 ? Corruption(probability: denoising, seed: job.training.seed, epoch: epoch) : nil
    }

    mutating func step(_ step: TrainingStep) -> StepFigure? {
        trainer.step(
            step.rows, next: step.next, step: step.number, corruption: corruption, beta: beta,
            refinement: PosteriorRefinement(
                steps: job.settings.refinementSteps, largestStep: job.settings.likelihood.largestRefinementStep),
            rates: rates(step), dreams: dreams(afterStep: step.number), statistics: &statistics
        ).map { .bound($0) }
    }

    /// Whether a step is followed by one on dreamed documents; these are spread evenly over the steps.
    private func dreams(afterStep step: Int) -> Bool {
        let share = Double(job.settings.dreaming ?? 0)
        return (Double(step) * share).rounded(.down) > (Double(step - 1) * share).rounded(.down)
    }

    private func rates(_ step: TrainingStep) -> VariationalRates {
        func rate(_ peak: Float) -> Float {
            LearningRateSchedule(peak: peak, warmupSteps: 50, totalSteps: step.totalSteps, fall: .cosine)
                .rate(atStep: step.number)
        }
        return VariationalRates(
            input: rate(job.plan.learningRate), inputDecay: rate(1e-3 * job.learningShare),
            layers: rate(1e-3 * job.learningShare),
            decoder: rate(job.settings.likelihood.family.decoderRate * job.learningShare))
    }

    mutating func endEpoch(
        _ epoch: Int, of epochs: Int, order: [Int], using generator: inout RandomGenerator
    ) -> TrainingFigures {
        trainer.finishSteps()
        return .bound(statistics.report)
    }

    mutating func figures(ofHeldOut rows: [Int]) -> TrainingFigures { .bound(bound(of: snapshot, on: rows)) }

    /// While β is still increasing, the bound is not the final objective.
    func isWatched(epoch: Int) -> Bool { epoch >= warmupEpochs }

    /// Only a new model has to find uses for its units first.
    private var warmupEpochs: Int { job.isContinued ? 0 : job.settings.klWarmupEpochs }

    mutating func takeModel(before failed: ArraySlice<Int>, others: [Int]) -> VariationalAutoencoder? {
        trainer.finishSteps()
        let sample = failed.sampleOfOthers(among: others)
        return sample.isEmpty ? nil : usable(trainer.model, on: sample)?.model
    }

    /// The last step may have made weights or losses infinite, which no later step would detect.
    mutating func finish() -> (model: VariationalAutoencoder, figures: TrainingFigures)? {
        usable(snapshot, on: Array(job.plan.trainingRows.prefix(2048))).map { ($0.model, .bound($0.report)) }
    }

    /// - Returns: nil if the model's weights or its bound on the rows are not finite.
    private func usable(
        _ model: VariationalAutoencoder, on rows: [Int]
    ) -> (model: VariationalAutoencoder, report: BoundReport)? {
        guard model.hasFiniteWeights else { return nil }
        let report = bound(of: model, on: rows)
        return report.loss.isFinite ? (model, report) : nil
    }

    private func bound(of model: VariationalAutoencoder, on rows: [Int]) -> BoundReport {
        var settings = VariationalAutoencoder.BoundSettings()
        settings.samples = 1
        settings.seed = job.training.seed
        return model.bound(on: job.matrix.rows(rows), settings, execution: job.execution)
    }
}

extension VariationalEpochs: SavedState {
    mutating func visit(_ walk: StateWalk) {
        trainer.visit(walk)
        walk.part("epoch", &statistics)
    }
}
