import SparseMatrices

/// Trains a sparse autoencoder on the rows of `matrix`, weighted and normalised as the model is to see them.
///
/// The same matrix, settings and seed give the same model, bit for bit, whatever the number of threads.
///
/// - Parameter onEvent: is told of every step and epoch.
/// - Throws: `TrainingError`.
/// - Complexity: of an epoch, O(nnz·H + rows·H²) with the optimal decoder, whatever the number of features.
public func trainSparseAutoencoder(
    on matrix: CSRMatrix, _ settings: AutoencoderSettings = AutoencoderSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    onEvent: (TrainingEvent) -> Void = { _ in }
) throws(TrainingError) -> SparseAutoencoder {
    let plan = TrainingPlan(training, for: matrix)
    guard !plan.trainingRows.isEmpty else { throw .noTrainingRows }
    onEvent(.started(plan))
    var generator = RandomGenerator(seed: training.seed, stream: 0x696e_6974)
    let encoder = SparseEncoder(settings, rows: plan.trainingRows, of: matrix, generator: &generator)
    let scale = rootMeanSquareNorm(of: matrix)
    switch settings.decoder {
    case .optimal:
        let decoder = OptimalDecoder(
            featureCount: matrix.columnCount, width: settings.latentWidth, hasBias: settings.hasDecoderBias,
            penalties: settings.penalties,
            decay: max(0, 1 - Double(plan.batchSize) / Double(plan.trainingRows.count)))
        return try run(encoder, decoder, plan, settings, training, matrix, scale, execution, onEvent)
    case .trained:
        let start = LinearDecoder(
            weights: settings.hiddenWidths.isEmpty
                ? encoder.input.weights
                : DenseMatrix(rowCount: matrix.columnCount, columnCount: settings.latentWidth),
            bias: Array(repeating: 0, count: matrix.columnCount))
        let decoder = TrainedDecoder(start, penalties: settings.penalties)
        return try run(encoder, decoder, plan, settings, training, matrix, scale, execution, onEvent)
    }
}

/// The epochs, for either decoder.
private func run<Decoder: ReconstructionDecoder>(
    _ encoder: SparseEncoder, _ decoder: Decoder, _ plan: TrainingPlan, _ settings: AutoencoderSettings,
    _ training: TrainingSettings, _ matrix: CSRMatrix, _ scale: Float, _ execution: Execution,
    _ onEvent: (TrainingEvent) -> Void
) throws(TrainingError) -> SparseAutoencoder {
    var trainer = AutoencoderTrainer(
        encoder: encoder, decoder: decoder, matrix: matrix, scale: scale, execution: execution)
    var generator = RandomGenerator(seed: training.seed, stream: 0x6f72_6465)
    var order = plan.trainingRows
    order.shuffle(using: &generator)
    trainer.fitDecoder(to: Array(order.prefix(2048)))
    var watch = ValidationWatch<Decoder>(patience: training.patience)
    var lastGood: (encoder: SparseEncoder, decoder: Decoder)?
    var lastEpoch = 0
    for epoch in 1...plan.epochs {
        lastEpoch = epoch
        order.shuffle(using: &generator)
        let report = try trainer.runEpoch(
            epoch, order: order, plan: plan, settings: settings, seed: training.seed,
            lastGood: lastGood, onEvent)
        onEvent(.epoch(report))
        lastGood = (trainer.encoder, trainer.decoder)
        if let error = report.validationUnexplained, watch.shouldStop(epoch: epoch, error: error, trainer) {
            onEvent(.stoppedEarly(epoch: epoch, bestEpoch: watch.bestEpoch))
            break
        }
    }
    lastGood = nil
    if let best = watch.best { (trainer.encoder, trainer.decoder) = best }
    trainer.fitDecoder(to: plan.trainingRows)
    let statistics = trainer.statistics(of: plan.trainingRows)
    guard statistics.loss.isFinite else {
        throw .nonFiniteLoss(
            epoch: lastEpoch, step: lastEpoch * plan.stepsPerEpoch, rows: plan.trainingRows, lastGood: nil)
    }
    onEvent(.finished(FinalReport(statistics)))
    return trainer.model(trainer.encoder, trainer.decoder)
}

extension AutoencoderTrainer {
    /// One visit to every training row, in the given order.
    fileprivate mutating func runEpoch(
        _ epoch: Int, order: [Int], plan: TrainingPlan, settings: AutoencoderSettings, seed: UInt64,
        lastGood: (encoder: SparseEncoder, decoder: Decoder)?, _ onEvent: (TrainingEvent) -> Void
    ) throws(TrainingError) -> EpochReport {
        let start = ContinuousClock.now
        let totalSteps = plan.epochs * plan.stepsPerEpoch
        let schedule = LearningRateSchedule(peak: plan.learningRate, warmupSteps: 50, totalSteps: totalSteps)
        let layerSchedule = LearningRateSchedule(peak: 1e-3, warmupSteps: 50, totalSteps: totalSteps)
        let corruption =
            settings.denoising > 0 ? Corruption(probability: settings.denoising, seed: seed, epoch: epoch) : nil
        var statistics = noStatistics()
        for i in 0..<plan.stepsPerEpoch {
            let step = (epoch - 1) * plan.stepsPerEpoch + i + 1
            let rows = order[(i * plan.batchSize)...].prefix(plan.batchSize)
            guard
                let loss = self.step(
                    rows, corruption: corruption, rate: schedule.rate(atStep: step),
                    layerRate: layerSchedule.rate(atStep: step), statistics: &statistics)
            else {
                // In an epoch's first step it is the model of the last epoch itself that has failed.
                let good = i == 0 ? nil : lastGood.map { model($0.encoder, $0.decoder) }
                throw .nonFiniteLoss(epoch: epoch, step: step, rows: Array(rows), lastGood: good)
            }
            onEvent(
                .step(
                    StepReport(
                        step: step, totalSteps: totalSteps, epoch: epoch,
                        rowsSeen: (epoch - 1) * order.count + rows.endIndex, unexplained: loss.unexplained)))
        }
        let validation = plan.validationRows.isEmpty ? nil : self.statistics(of: plan.validationRows).unexplained
        let elapsed = start.duration(to: .now) / .seconds(1)
        return EpochReport(
            epoch: epoch, epochs: plan.epochs, loss: statistics.lossPerRow, unexplained: statistics.unexplained,
            validationUnexplained: validation, activeUnits: statistics.activeUnits,
            deadUnits: statistics.deadUnits, rows: order.count, seconds: elapsed)
    }
}

/// Remembers the best encoder and decoder by validation error and says when to stop.
private struct ValidationWatch<Decoder: ReconstructionDecoder> {
    let patience: Int?
    private(set) var best: (encoder: SparseEncoder, decoder: Decoder)?
    private(set) var bestEpoch = 0
    private var bestError = Double.infinity

    init(patience: Int?) { self.patience = patience }

    mutating func shouldStop(epoch: Int, error: Double, _ trainer: AutoencoderTrainer<Decoder>) -> Bool {
        if error < bestError {
            bestError = error
            bestEpoch = epoch
            best = (trainer.encoder, trainer.decoder)
        }
        guard let patience else { return false }
        return epoch - bestEpoch >= patience
    }
}

extension FinalReport {
    fileprivate init(_ statistics: EpochStatistics) {
        self.init(
            loss: statistics.lossPerRow, unexplained: statistics.unexplained, activeUnits: statistics.activeUnits,
            deadUnits: statistics.deadUnits)
    }
}

/// √(mean ‖x‖²) over the rows that are not empty; 1 if there are none.
private func rootMeanSquareNorm(of matrix: CSRMatrix) -> Float {
    matrix.withUnsafeView { view in
        var sum = 0.0, rows = 0
        for row in 0..<view.rowCount where !view.entries(ofRow: row).isEmpty {
            sum += squaredNorm(ofRow: row, view)
            rows += 1
        }
        return sum > 0 ? Float((sum / Double(rows)).squareRoot()) : 1
    }
}
