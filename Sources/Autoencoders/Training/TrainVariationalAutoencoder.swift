import SparseMatrices

/// Trains a variational autoencoder on the rows of `matrix`, of which no copy is made: a batch gathers its own.
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
package func trainVariationalAutoencoder(
    on matrix: WeightedRows, _ settings: VariationalSettings = VariationalSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    onEvent: (TrainingEvent) -> Void = { _ in }
) throws(VariationalTrainingError) -> VariationalAutoencoder {
    let inputs = settings.likelihood.encoderInputs(from: matrix, length: settings.inputLength ?? .unit)
    let plan = TrainingPlan(
        smallBatches: training, for: matrix, visits: visits(settings, of: matrix),
        peakRate: 18 * LearningRateSchedule.peak(for: inputs))
    guard !plan.trainingRows.isEmpty else { throw .noTrainingRows }
    onEvent(.started(plan))
    var generator = RandomGenerator(seed: training.seed, stream: 0x696e_6974)
    let model = VariationalAutoencoder(
        settings, matrix: matrix,
        inputScale: 1 / RowLengths(of: inputs, rows: plan.trainingRows).rootMeanSquare,
        rows: plan.trainingRows, generator: &generator)
    var trainer = VariationalEpochs(
        consume model, matrix: matrix, settings, training: training, plan: plan, execution: execution)
    return try EpochDriver(plan: plan, training: training, matrix: matrix, execution: execution).run(
        &trainer, onEvent: onEvent)
}

/// Trains on a matrix as it comes; see the overload above.
package func trainVariationalAutoencoder(
    on matrix: CSRMatrix, _ settings: VariationalSettings = VariationalSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    onEvent: (TrainingEvent) -> Void = { _ in }
) throws(VariationalTrainingError) -> VariationalAutoencoder {
    try trainVariationalAutoencoder(
        on: WeightedRows(matrix), settings, training: training, execution: execution, onEvent: onEvent)
}

/// How often documents are visited in all. Dreams are visits of a kind, and give the encoder what further ones would.
private func visits(_ settings: VariationalSettings, of matrix: WeightedRows) -> Int {
    let canDream = settings.sampledSoftmax == nil && DreamedDocuments.resemble(matrix, settings.likelihood)
    let dreams = canDream ? settings.dreaming ?? 0 : 0
    return Int(270_000 / (1 + 0.5 * dreams))
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
