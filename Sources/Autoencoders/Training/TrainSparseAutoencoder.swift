import SparseMatrices

/// Trains a sparse autoencoder on the rows of `matrix`, weighted and normalised as the model is to see them.
///
/// Where rows are weighted on the way, the squared error needs no weighted copy of them; the other objectives make one,
/// and so does data that are standardised first (`AutoencoderSettings.standardization`), with all entries stored.
/// The same matrix, settings and seed give the same model, bit for bit, whatever the number of threads, on one kind of
/// processor; another may round differently.
///
/// - Parameter onEvent: is told of every step and epoch.
/// - Throws: `TrainingError`.
/// - Complexity: of an epoch, O(nnz·H + rows·H²) with the optimal decoder, whatever the number of features; with the
///   trained one, and for all objectives but the squared error, O(rows·V·H).
public func trainSparseAutoencoder(
    on matrix: WeightedRows, _ settings: AutoencoderSettings = AutoencoderSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    onEvent: (TrainingEvent) -> Void = { _ in }
) throws(TrainingError) -> SparseAutoencoder {
    guard settings.standardizes(matrix.matrix) else {
        return try trainWhereOccupied(on: matrix, settings, training: training, execution: execution, onEvent: onEvent)
    }
    let standardization = Standardization(of: matrix, rows: TrainingPlan(training, for: matrix).trainingRows)
    let result = Result { () throws(TrainingError) in
        try train(
            on: WeightedRows(standardization(matrix)), settings, training: training, execution: execution,
            onEvent: onEvent)
    }
    return try result.map(standardization.undo).mapError { $0.mapModel(standardization.undo) }.get()
}

/// Trains with weights, statistics and moments for those features only that some row has, where most have none: the
/// others' weights are 0, so neither time nor memory of training depends on how many they are.
///
/// A likelihood has something to say of all features.
private func trainWhereOccupied(
    on matrix: WeightedRows, _ settings: AutoencoderSettings, training: TrainingSettings, execution: Execution,
    onEvent: (TrainingEvent) -> Void
) throws(TrainingError) -> SparseAutoencoder {
    let occupied = settings.objective == .squaredError ? OccupiedColumns(of: matrix.matrix) : nil
    guard let occupied, occupied.areFew else {
        return try train(on: matrix, settings, training: training, execution: execution, onEvent: onEvent)
    }
    do {
        var model = try train(
            on: matrix.keeping(occupied), settings, training: training, execution: execution, onEvent: onEvent)
        model.spread(over: occupied)
        return model
    } catch {
        throw error.mapModel {
            var model = $0
            model.spread(over: occupied)
            return model
        }
    }
}

extension SparseAutoencoder {
    /// Part by part, so that no more than one is in memory twice.
    fileprivate mutating func spread(over occupied: OccupiedColumns) {
        encoder.input.weights = occupied.spread(encoder.input.weights)
        decoder = LinearDecoder(weights: occupied.spread(decoder.weights), bias: occupied.spread(decoder.bias))
    }
}

/// Trains on the rows in the units they have.
private func train(
    on matrix: WeightedRows, _ settings: AutoencoderSettings, training: TrainingSettings, execution: Execution,
    onEvent: (TrainingEvent) -> Void
) throws(TrainingError) -> SparseAutoencoder {
    let isSquaredError = settings.objective == .squaredError
    let lengths = RowLengths(of: matrix)
    let plan =
        isSquaredError
        ? TrainingPlan(training, for: matrix, peakRate: lengths.peakRate)
        : TrainingPlan(smallBatches: training, for: matrix, peakRate: lengths.peakRate)
    guard !plan.trainingRows.isEmpty else { throw .noTrainingRows }
    let emphasis =
        isSquaredError ? FeatureEmphasis(exponent: settings.emphasis, for: matrix, rows: plan.trainingRows) : nil
    let emphasized = emphasis?(matrix) ?? matrix
    let emphasizedLengths = emphasis == nil ? lengths : RowLengths(of: emphasized)
    let job = AutoencoderJob(
        matrix: matrix, emphasis: emphasis,
        // The plan's rate is for the data as they come.
        rateFactor: emphasis == nil ? 1 : emphasizedLengths.peakRate / lengths.peakRate,
        scale: emphasizedLengths.rootMeanSquare, settings: settings, training: training, plan: plan,
        execution: execution)
    onEvent(.started(plan))
    var generator = RandomGenerator(seed: training.seed, stream: 0x696e_6974)
    let encoder = SparseEncoder(settings, rows: plan.trainingRows, of: emphasized, generator: &generator)
    if isSquaredError && settings.decoder == .optimal {
        return try job.run(consume encoder, job.optimalDecoder(), onEvent)
    }
    if isSquaredError {
        let decoder = job.trainedDecoder(for: encoder)
        return try job.run(consume encoder, consume decoder, onEvent)
    }
    let decoder = job.likelihoodDecoder(for: encoder)
    return try job.run(consume encoder, consume decoder, onEvent)
}

/// Trains on a matrix as it comes; see the overload above.
public func trainSparseAutoencoder(
    on matrix: CSRMatrix, _ settings: AutoencoderSettings = AutoencoderSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    onEvent: (TrainingEvent) -> Void = { _ in }
) throws(TrainingError) -> SparseAutoencoder {
    try trainSparseAutoencoder(
        on: WeightedRows(matrix), settings, training: training, execution: execution, onEvent: onEvent)
}

/// Everything about a training run that does not change while it runs.
private struct AutoencoderJob {
    let matrix: WeightedRows
    let emphasis: FeatureEmphasis?
    /// What steps are multiplied by on account of the emphasis.
    let rateFactor: Float
    /// The root mean square of ‖x‖, x with the emphasis.
    let scale: Float
    let settings: AutoencoderSettings
    let training: TrainingSettings
    let plan: TrainingPlan
    let execution: Execution

    /// H/n: what a unit has to learn from, inverted.
    private var unitsPerDocument: Double { Double(settings.latentWidth) / Double(plan.trainingRows.count) }
    private var ridge: Double {
        settings.ridge.map(Double.init) ?? (matrix.matrix.isDense ? 0.01 : min(2, 4 * unitsPerDocument))
    }

    func optimalDecoder() -> OptimalDecoder {
        OptimalDecoder(
            featureCount: matrix.columnCount, width: settings.latentWidth, hasBias: settings.hasDecoderBias,
            penalties: CodePenalties(settings),
            decay: max(0, 1 - Double(plan.batchSize) / Double(plan.trainingRows.count)), ridge: ridge)
    }

    func trainedDecoder(for encoder: SparseEncoder) -> TrainedDecoder {
        let bias = [Float](repeating: 0, count: matrix.columnCount)
        return TrainedDecoder(
            LinearDecoder(weights: tiedWeights(of: encoder), bias: bias), penalties: CodePenalties(settings))
    }

    /// With the bias of independent features.
    func likelihoodDecoder(for encoder: SparseEncoder) -> LikelihoodDecoder {
        let kind = settings.objective.likelihood ?? .multinomial
        let start = DecoderStart(kind, kind.observations(from: matrix.weighted()), rows: plan.trainingRows)
        return LikelihoodDecoder(
            LinearDecoder(weights: tiedWeights(of: encoder), bias: start.bias), objective: settings.objective,
            penalties: CodePenalties(settings))
    }

    /// A unit adds to a document at first what it is active on; behind hidden layers, nothing.
    private func tiedWeights(of encoder: SparseEncoder) -> DenseMatrix {
        settings.hiddenWidths.isEmpty
            ? encoder.input.weights : DenseMatrix(rowCount: matrix.columnCount, columnCount: settings.latentWidth)
    }

    /// The epochs, for either decoder. Both parts are handed over: who kept them would keep a second model in memory.
    func run<Decoder: ReconstructionDecoder>(
        _ encoder: consuming SparseEncoder, _ decoder: consuming Decoder, _ onEvent: (TrainingEvent) -> Void
    ) throws(TrainingError) -> SparseAutoencoder {
        var trainer = AutoencoderTrainer(
            encoder: consume encoder, decoder: consume decoder, matrix: matrix, emphasis: emphasis, scale: scale,
            optimizer: training.optimizer, execution: execution)
        var generator = RandomGenerator(seed: training.seed, stream: 0x6f72_6465)
        var order = RowOrder(plan.trainingRows, of: matrix)
        order.shuffle(using: &generator)
        trainer.startThresholds(from: order.rows.prefix(512))
        trainer.fitDecoder(to: Array(order.rows.prefix(2048)), ridge: ridge, isTraining: true)
        var watch = ValidationWatch<AutoencoderTrainer<Decoder>.Model>(patience: training.patience)
        var lastEpoch = 0
        if order.isWindowed { matrix.matrix.expectScatteredReads(true) }
        for epoch in 1...plan.epochs {
            lastEpoch = epoch
            order.shuffle(using: &generator)
            let report = try runEpoch(epoch, &order, &trainer, &generator, onEvent)
            onEvent(.epoch(report))
            if let error = report.validationUnexplained,
                watch.notice(epoch: epoch, error: error, trainer.current)
            {
                onEvent(.stoppedEarly(epoch: epoch, bestEpoch: watch.bestEpoch))
                break
            }
        }
        if order.isWindowed { matrix.matrix.expectScatteredReads(false) }
        trainer.endSteps()
        if let best = watch.takeBest() { trainer.current = best }
        return try finish(&trainer, epoch: lastEpoch, onEvent)
    }

    /// One visit to every training row, in the given order.
    private func runEpoch<Decoder: ReconstructionDecoder>(
        _ epoch: Int, _ rowOrder: inout RowOrder, _ trainer: inout AutoencoderTrainer<Decoder>,
        _ generator: inout RandomGenerator,
        _ onEvent: (TrainingEvent) -> Void
    ) throws(TrainingError) -> EpochReport {
        let start = ContinuousClock.now
        let order = rowOrder.rows
        let totalSteps = plan.epochs * plan.stepsPerEpoch
        let schedule = LearningRateSchedule(
            peak: rateFactor * plan.learningRate, warmupSteps: 50, totalSteps: totalSteps)
        let layerSchedule = LearningRateSchedule(peak: 1e-3, warmupSteps: 50, totalSteps: totalSteps)
        let denoising = settings.denoising(of: matrix.matrix)
        let corruption =
            denoising > 0 ? Corruption(probability: denoising, seed: training.seed, epoch: epoch) : nil
        var statistics = trainer.noStatistics()
        for i in 0..<plan.stepsPerEpoch {
            let step = (epoch - 1) * plan.stepsPerEpoch + i + 1
            let rows = order[(i * plan.batchSize)...].prefix(plan.batchSize)
            rowOrder.fetch(around: rows.startIndex)
            let loss = trainer.step(
                rows, next: order[rows.endIndex...].prefix(plan.batchSize), corruption: corruption,
                rate: schedule.rate(atStep: step), layerRate: layerSchedule.rate(atStep: step),
                statistics: &statistics)
            guard let loss else {
                let good = step == 1 ? nil : trainer.takeModel(before: rows, others: order)
                throw .nonFiniteLoss(epoch: epoch, step: step, rows: Array(rows), lastGood: good)
            }
            onEvent(
                .step(
                    StepReport(
                        step: step, totalSteps: totalSteps, epoch: epoch,
                        rowsSeen: (epoch - 1) * order.count + rows.endIndex, unexplained: loss.unexplained)))
        }
        let dead = statistics.deadUnits
        let revived =
            Double(epoch) <= 0.8 * Double(plan.epochs) && order.count > 1
            ? trainer.revive(dead, from: order.prefix(2048), using: &generator) : 0
        let validation = plan.validationRows.isEmpty ? nil : trainer.statistics(of: plan.validationRows).unexplained
        return EpochReport(
            epoch: epoch, epochs: plan.epochs, loss: statistics.lossPerRow, unexplained: statistics.unexplained,
            validationUnexplained: validation, activeUnits: statistics.activeUnits,
            deadUnits: dead.count, revivedUnits: revived, rows: order.count,
            seconds: start.duration(to: .now) / .seconds(1))
    }

    /// The decoder that goes with the finished encoder, fitted to all training rows as they are.
    private func finish<Decoder: ReconstructionDecoder>(
        _ trainer: inout AutoencoderTrainer<Decoder>, epoch: Int, _ onEvent: (TrainingEvent) -> Void
    ) throws(TrainingError) -> SparseAutoencoder {
        trainer.dropEmphasis(matrix)
        trainer.calibrateThreshold(on: plan.trainingRows)
        trainer.fitDecoder(
            to: plan.trainingRows, ridge: max(1e-3, min(ridge, unitsPerDocument, 0.5)), isTraining: false)
        let statistics = trainer.statistics(of: plan.trainingRows)
        guard statistics.loss.isFinite else {
            throw .nonFiniteLoss(
                epoch: epoch, step: epoch * plan.stepsPerEpoch, rows: plan.trainingRows, lastGood: nil)
        }
        onEvent(
            .finished(
                FinalReport(
                    loss: statistics.lossPerRow, unexplained: statistics.unexplained,
                    activeUnits: statistics.activeUnits, deadUnits: statistics.deadUnits.count)))
        return trainer.takeModel()
    }
}
