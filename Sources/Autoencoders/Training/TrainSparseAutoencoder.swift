import SparseMatrices

/// Trains a sparse autoencoder on the rows of `documents`, weighted and normalised as the model is to see them.
///
/// Rows are weighted on the way, a batch at a time, and no copy of them is made, but of data that are standardised
/// first (`AutoencoderSettings.standardization`), with all entries stored.
/// The same matrix, settings and seed give the same model, bit for bit, whatever the number of threads, on one kind of
/// processor; another may round differently.
///
/// - Parameter onEvent: is told of every step and epoch.
/// - Throws: `TrainingError`.
/// - Complexity: of an epoch, O(nnz·H + rows·H²) with the optimal decoder, whatever the number of features; with the
///   trained one, and for all objectives but the squared error, O(rows·V·H).
package func trainSparseAutoencoder(
    on documents: WeightedRows, _ settings: AutoencoderSettings = AutoencoderSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    onEvent: (TrainingEvent) -> Void = { _ in }
) throws(TrainingError) -> SparseAutoencoder {
    var transform = InputTransform(
        settings, for: documents, rows: training.split(rowCount: documents.rowCount).training)
    let matrix = transform.inColumns(documents)
    let likelihood = settings.objective.likelihood
    let isSquaredError = likelihood == nil
    let lengths = RowLengths(of: matrix)
    let plan =
        isSquaredError
        ? TrainingPlan(training, for: matrix, peakRate: lengths.peakRate)
        : TrainingPlan(smallBatches: training, for: matrix, peakRate: lengths.peakRate)
    guard !plan.trainingRows.isEmpty else { throw .noTrainingRows }
    let rateFactor = transform.weigh(settings, matrix, lengths, rows: plan.trainingRows)
    let job = AutoencoderJob(
        matrix: matrix, transform: transform, rateFactor: rateFactor, settings: settings, training: training,
        plan: plan, execution: execution)
    onEvent(.started(plan))
    var generator = RandomGenerator(seed: training.seed, stream: 0x696e_6974)
    let encoder = SparseEncoder(
        settings, rows: plan.trainingRows, of: transform.emphasized(matrix), generator: &generator)
    // Both parts are handed over: who kept them would keep a second model in memory.
    if let likelihood {
        let decoder = job.likelihoodDecoder(likelihood, for: encoder)
        var trainer = AutoencoderEpochs(job, consume encoder, consume decoder)
        return try job.driver.run(&trainer, onEvent: onEvent)
    }
    if settings.decoder == .optimal {
        var trainer = AutoencoderEpochs(job, consume encoder, job.optimalDecoder()) {
            $0.fitDecoder(to: $1, ridge: $2, isTraining: $3)
        }
        return try job.driver.run(&trainer, onEvent: onEvent)
    }
    let decoder = job.trainedDecoder(for: encoder)
    var trainer = AutoencoderEpochs(job, consume encoder, consume decoder)
    return try job.driver.run(&trainer, onEvent: onEvent)
}

/// Trains on a matrix as it comes; see the overload above.
package func trainSparseAutoencoder(
    on matrix: CSRMatrix, _ settings: AutoencoderSettings = AutoencoderSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    onEvent: (TrainingEvent) -> Void = { _ in }
) throws(TrainingError) -> SparseAutoencoder {
    try trainSparseAutoencoder(
        on: WeightedRows(matrix), settings, training: training, execution: execution, onEvent: onEvent)
}
