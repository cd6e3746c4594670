import SparseMatrices

/// Trains a sparse autoencoder on the rows of `matrix`, weighted and normalised as the model is to see them.
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
    let likelihood = settings.objective.likelihood
    let isSquaredError = likelihood == nil
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
public func trainSparseAutoencoder(
    on matrix: CSRMatrix, _ settings: AutoencoderSettings = AutoencoderSettings(),
    training: TrainingSettings = TrainingSettings(), execution: Execution = Execution(),
    onEvent: (TrainingEvent) -> Void = { _ in }
) throws(TrainingError) -> SparseAutoencoder {
    try trainSparseAutoencoder(
        on: WeightedRows(matrix), settings, training: training, execution: execution, onEvent: onEvent)
}
