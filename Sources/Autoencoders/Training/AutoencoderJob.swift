import SparseMatrices

/// Trains a sparse autoencoder on the rows of `documents`, weighted and normalised as the model's inputs.
///
/// Rows are weighted a batch at a time, without a weighted copy, except for data that are standardised first
/// (`AutoencoderSettings.standardization`), for which all entries are stored.
/// The same matrix, settings and seed give the same model, bit for bit, whatever the number of threads, on one kind of
/// processor; another may round differently.
///
/// - Parameters:
///   - earlier: a model that training goes on from; nil for a new one.
///   - stream: the chunks that come after these documents, which are the first one; nil if there are no others.
///   - checkpoints: see `EpochDriver.run`.
///   - onEvent: called after every step and epoch.
/// - Throws: `TrainingError`.
/// - Complexity: O(nnz·H + rows·H²) per epoch with the optimal decoder, whatever the number of features; O(rows·V·H)
///   with the trained one and for all objectives other than the squared error.
package func trainSparseAutoencoder(
    on documents: WeightedRows, _ settings: AutoencoderSettings = AutoencoderSettings(),
    training: TrainingSettings = TrainingSettings(), from earlier: EarlierModel<SparseAutoencoder>? = nil,
    over stream: (any TrainingStream)? = nil, execution: Execution = Execution(),
    checkpoints: (any CheckpointKeeper)? = nil, onEvent: (TrainingEvent) -> Void = { _ in }
) throws(TrainingError) -> SparseAutoencoder {
    let job = try AutoencoderJob(documents, settings, training: training, from: earlier, execution: execution)
    onEvent(.started(job.plan))
    if let likelihood = settings.objective.likelihood {
        var trainer = job.epochs(of: likelihood)
        return try job.driver.run(&trainer, over: stream, checkpoints: checkpoints, onEvent: onEvent)
    }
    if settings.decoder == .optimal {
        var trainer = job.optimalEpochs()
        return try job.driver.run(&trainer, over: stream, checkpoints: checkpoints, onEvent: onEvent)
    }
    var trainer = job.trainedEpochs()
    return try job.driver.run(&trainer, over: stream, checkpoints: checkpoints, onEvent: onEvent)
}

/// Trains on an unweighted matrix; see the overload above.
package func trainSparseAutoencoder(
    on matrix: CSRMatrix, _ settings: AutoencoderSettings = AutoencoderSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    checkpoints: (any CheckpointKeeper)? = nil, onEvent: (TrainingEvent) -> Void = { _ in }
) throws(TrainingError) -> SparseAutoencoder {
    try trainSparseAutoencoder(
        on: WeightedRows(matrix), settings, training: training, execution: execution, checkpoints: checkpoints,
        onEvent: onEvent)
}

/// The constant data of the training of a sparse autoencoder.
struct AutoencoderJob {
    /// The rows, with the columns of the transform.
    private(set) var matrix: WeightedRows
    /// The same as the encoder sees it, but for the transform.
    let inputs: WeightedRows
    let transform: InputTransform
    /// The factor of step sizes that compensates for the transform's emphasis.
    let rateFactor: Float
    let settings: AutoencoderSettings
    let training: TrainingSettings
    private(set) var plan: TrainingPlan
    let execution: Execution
    private let earlier: EarlierModel<SparseAutoencoder>?
    /// The model that training goes on from, with all features, in the units of the transform.
    private let start: SparseAutoencoder?
    /// The factor of the step sizes that are not chosen by the user; 1 of a new model.
    let learningShare: Float

    init(
        _ documents: WeightedRows, _ settings: AutoencoderSettings, training: TrainingSettings,
        from earlier: EarlierModel<SparseAutoencoder>? = nil, execution: Execution
    ) throws(TrainingError) {
        var transform = InputTransform(
            settings, for: documents, rows: training.split(rowCount: documents.rowCount).training,
            keepsColumns: earlier != nil || training.chunk != nil)
        matrix = transform.inColumns(documents)
        inputs = settings.objective.encoderInputs(from: matrix, length: settings.inputLength)
        let lengths = RowLengths(of: inputs)
        var plan =
            settings.objective.likelihood == nil
            ? TrainingPlan(training, for: matrix, peakRate: lengths.peakRate)
            : TrainingPlan(smallBatches: training, for: matrix, peakRate: lengths.peakRate)
        guard !plan.trainingRows.isEmpty else { throw .noTrainingRows }
        rateFactor = transform.weigh(settings, inputs, lengths, rows: plan.trainingRows)
        plan.emphasis = transform.chosenEmphasis
        learningShare = earlier?.rateFactor(newDocuments: plan.trainingRows.count) ?? 1
        if training.learningRate == nil { plan.learningRate *= learningShare }
        self.earlier = earlier
        start = earlier.map { $0.model.widened(to: documents.columnCount, transform) }
        self.plan = plan
        (self.transform, self.settings, self.training, self.execution) = (transform, settings, training, execution)
    }

    /// The same job with other rows of the same kind.
    mutating func take(_ chunk: StreamChunk, _ plan: TrainingPlan) {
        matrix = transform.inColumns(chunk.documents)
        self.plan = plan
    }

    /// Units that no new document activates are then left as they are: they may be those of earlier documents.
    var isContinued: Bool { start != nil }

    /// What is left of earlier documents, for decoders that are fitted.
    var memory: DecoderMemory? {
        guard let start, let earlier, let codes = earlier.codes else { return nil }
        return DecoderMemory(decoder: start.decoder, codes: codes, documents: earlier.documents)
    }

    var driver: EpochDriver { EpochDriver(plan: plan, training: training, matrix: matrix, execution: execution) }

    /// H/n: the number of units per document that the model has learned from in the end.
    private var unitsPerDocument: Double {
        Double(settings.latentWidth) / Double(plan.trainingRows.count + (earlier?.documents ?? 0))
    }
    var ridge: Double {
        if let ridge = settings.ridge { return Double(ridge) }
        if matrix.matrix.isDense { return 0.01 }
        return settings.activation.function.ridge.map(Double.init) ?? min(2, 4 * unitsPerDocument)
    }

    /// The ridge of the decoder that is fitted to the finished encoder, which no longer changes.
    var finalRidge: Double { max(1e-3, min(ridge, unitsPerDocument, 0.5)) }

    func optimalEpochs() -> AutoencoderEpochs<OptimalDecoder> {
        let decoder = OptimalDecoder(
            featureCount: matrix.columnCount, width: settings.latentWidth, hasBias: settings.hasDecoderBias,
            penalties: CodePenalties(settings),
            decay: max(0, 1 - Double(plan.batchSize) / Double(plan.trainingRows.count)), ridge: ridge)
        return AutoencoderEpochs(self, makeEncoder(), decoder) { $0.fitDecoder(to: $1, ridge: $2, isTraining: $3) }
    }

    func trainedEpochs() -> AutoencoderEpochs<TrainedDecoder> {
        let encoder = makeEncoder()
        let bias = [Float](repeating: 0, count: matrix.columnCount)
        let decoder = TrainedDecoder(
            start?.decoder ?? LinearDecoder(weights: tiedWeights(of: encoder), bias: bias),
            penalties: CodePenalties(settings))
        return AutoencoderEpochs(self, consume encoder, consume decoder)
    }

    /// The epochs for a likelihood, whose decoder starts with the bias of independent features.
    func epochs(of kind: LikelihoodKind) -> AutoencoderEpochs<LikelihoodDecoder> {
        let encoder = makeEncoder()
        let start = DecoderStart(kind, matrix, rows: plan.trainingRows)
        var generator = RandomGenerator(seed: training.seed, stream: 0x6469_7370)
        let scratch = start.dispersion(latentWidth: 0, generator: &generator)
        let earlier = self.earlier?.model
        let decoder = LikelihoodDecoder(
            LinearDecoder(weights: tiedWeights(of: encoder), bias: start.bias),
            dispersion: earlier?.dispersion.map { scratch?.adopting($0) ?? $0 } ?? scratch,
            objective: settings.objective, penalties: CodePenalties(settings), from: earlier?.decoder)
        // Both parts are consumed: a copy would keep a second model in memory.
        return AutoencoderEpochs(self, consume encoder, consume decoder)
    }

    private func makeEncoder() -> SparseEncoder {
        var generator = RandomGenerator(seed: training.seed, stream: 0x696e_6974)
        if let start { return start.encoder }
        return SparseEncoder(
            settings, rows: plan.trainingRows, of: transform.emphasized(inputs), generator: &generator)
    }

    /// The initial weights of the decoder: those of the encoder, or zeros if there are hidden layers.
    private func tiedWeights(of encoder: SparseEncoder) -> DenseMatrix {
        settings.hiddenWidths.isEmpty
            ? encoder.input.weights : DenseMatrix(rowCount: matrix.columnCount, columnCount: settings.latentWidth)
    }
}

extension SparseAutoencoder {
    /// The same model with more features, of which no unit knows, in the units of a transform.
    fileprivate func widened(to features: Int, _ transform: InputTransform) -> SparseAutoencoder {
        var wide = self
        wide.encoder.input.weights = DenseMatrix(rowCount: features, columnCount: encoder.input.width)
        wide.encoder.adopt(encoder)
        wide.decoder = LinearDecoder(
            weights: DenseMatrix(rowCount: features, columnCount: decoder.latentWidth),
            bias: Array(repeating: 0, count: features))
        wide.decoder.adopt(decoder)
        transform.unfold(&wide)
        return wide
    }
}

/// The epochs of a sparse autoencoder, with any decoder.
struct AutoencoderEpochs<Decoder: ReconstructionDecoder>: Trainer {
    typealias Snapshot = AutoencoderTrainer<Decoder>.Model

    private var job: AutoencoderJob
    private var trainer: AutoencoderTrainer<Decoder>
    private let fit: (inout AutoencoderTrainer<Decoder>, _ rows: [Int], _ ridge: Double, _ isTraining: Bool) -> Void
    private var statistics: EpochStatistics
    private var corruption: Corruption?
    private let denoising: Float
    /// Of a stream: the number of units that were revived before this chunk.
    private var revivedBefore = 0

    /// - Parameter fit: fits the decoder to rows; does nothing if the decoder is trained.
    init(
        _ job: AutoencoderJob, _ encoder: consuming SparseEncoder, _ decoder: consuming Decoder,
        fit:
            @escaping (
                inout AutoencoderTrainer<Decoder>, _ rows: [Int], _ ridge: Double, _ isTraining: Bool
            ) -> Void = { _, _, _, _ in }
    ) {
        self.job = job
        self.fit = fit
        trainer = AutoencoderTrainer(
            encoder: consume encoder, decoder: consume decoder, matrix: job.matrix,
            inputLength: job.settings.inputLength,
            transform: job.transform, memory: job.memory, optimizer: job.training.optimizer, execution: job.execution)
        statistics = trainer.noStatistics()
        denoising = job.settings.denoising(of: job.matrix.matrix)
    }

    var snapshot: Snapshot { trainer.current }

    mutating func restore(_ snapshot: Snapshot) {
        trainer.endSteps()
        trainer.current = snapshot
    }

    mutating func start(_ order: inout RowOrder, using generator: inout RandomGenerator) {
        order.shuffle(using: &generator)
        trainer.startThresholds(from: order.rows.prefix(512), keepingThem: job.isContinued)
        fit(&trainer, Array(order.rows.prefix(2048)), job.ridge, true)
    }

    /// Units that no document of the chunk before has activated are revived now, unless it had few documents: at its
    /// end nobody knew whether there would be another chunk, for them to learn from.
    mutating func take(_ chunk: StreamChunk, _ plan: TrainingPlan, using generator: inout RandomGenerator?) {
        job.take(chunk, plan)
        trainer.take(job.matrix)
        guard var random = generator else { return }
        let isTelling = statistics.rows >= Self.fewestRowsForRevival
        revivedBefore =
            isTelling
            ? trainer.revive(statistics.deadUnits, from: Array(chunk.rows.sample)[...], using: &random) : 0
        generator = random
    }

    private static var fewestRowsForRevival: Int { 2048 }

    mutating func startEpoch(_ epoch: Int) {
        statistics = trainer.noStatistics()
        corruption =
            denoising > 0 ? Corruption(probability: denoising, seed: job.training.seed, epoch: epoch) : nil
    }

    mutating func step(_ step: TrainingStep) -> StepFigure? {
        func rate(_ peak: Float) -> Float {
            LearningRateSchedule(peak: peak, warmupSteps: 50, totalSteps: step.totalSteps).rate(atStep: step.number)
        }
        return trainer.step(
            step.rows, next: step.next, corruption: corruption, rate: rate(job.rateFactor * job.plan.learningRate),
            layerRate: rate(1e-3 * job.learningShare), statistics: &statistics
        ).map { .unexplained($0.unexplained) }
    }

    mutating func endEpoch(
        _ epoch: Int, of epochs: Int, order: [Int], using generator: inout RandomGenerator
    ) -> TrainingFigures {
        let revived =
            Double(epoch) <= 0.8 * Double(epochs) && order.count > 1 && !job.isContinued
            ? trainer.revive(statistics.deadUnits, from: order.prefix(2048), using: &generator) : revivedBefore
        return .reconstruction(statistics.figures(revivedUnits: revived))
    }

    mutating func figures(ofHeldOut rows: [Int]) -> TrainingFigures {
        .reconstruction(trainer.statistics(of: rows).figures())
    }

    func isWatched(epoch: Int) -> Bool { true }

    mutating func takeModel(before failed: ArraySlice<Int>, others: [Int]) -> SparseAutoencoder? {
        trainer.takeModel(before: failed, others: others)
    }

    /// The decoder of the finished encoder is fitted to all training rows, without corruption.
    mutating func finish() -> (model: SparseAutoencoder, figures: TrainingFigures)? {
        trainer.endSteps()
        trainer.dropEmphasis(job.matrix)
        trainer.calibrateThreshold(on: job.plan.trainingRows)
        fit(&trainer, job.plan.trainingRows, job.finalRidge, false)
        let statistics = trainer.statistics(of: job.plan.trainingRows)
        guard statistics.loss.isFinite else { return nil }
        return (trainer.takeModel(), .reconstruction(statistics.figures()))
    }
}

extension AutoencoderEpochs: SavedState {
    mutating func visit(_ walk: StateWalk) {
        trainer.visit(walk)
        walk.part("epoch", &statistics)
        if job.plan.isStream {
            walk.part("revived", &revivedBefore)
            walk.requireCount(revivedBefore, "revived")
        }
    }
}
