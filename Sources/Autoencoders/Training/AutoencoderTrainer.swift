import SparseMatrices

/// The state of a training run and its step: load a batch, encode, evaluate, let the decoder learn, backpropagate,
/// update the encoder.
///
/// All lengths are in units of `scale`, so that no step depends on the scale of the data; the targets of a likelihood
/// are not scaled.
struct AutoencoderTrainer<Decoder: ReconstructionDecoder> {
    /// The parts of the model that a step changes, in units of `scale`; copies share memory until the next step.
    struct Model: SavedState {
        var encoder: SparseEncoder
        var decoder: Decoder

        mutating func visit(_ walk: StateWalk) {
            walk.part("encoder", &encoder)
            walk.part("decoder", &decoder)
        }
    }

    var encoder: SparseEncoder
    var decoder: Decoder
    var optimizer: EncoderOptimizer
    private var gradient = SparseEncoderGradient()
    var batch: SparseBatch
    let encoderWorkspace: EncoderWorkspace
    let decoderWorkspace = DecoderWorkspace()
    private let preparation: BatchPreparation
    private var source: BatchPreparation.Source
    private var transform: InputTransform
    /// Of earlier documents, for decoders that are fitted.
    private var memory: DecoderMemory?
    private let inputLength: InputLength?
    private let execution: Execution

    /// - Parameters:
    ///   - matrix: in the transform's columns.
    ///   - inputLength: see `AutoencoderSettings.inputLength`.
    ///   - optimizer: nil is chosen by the number of weights.
    init(
        encoder: SparseEncoder, decoder: Decoder, matrix: WeightedRows, inputLength: InputLength? = .unit,
        transform: InputTransform, memory: DecoderMemory? = nil, optimizer: Optimizer? = nil, execution: Execution
    ) {
        self.encoder = encoder
        self.decoder = decoder
        self.transform = transform
        self.memory = memory
        self.inputLength = inputLength
        source = Self.source(matrix, decoder.objective, inputLength, transform)
        self.execution = execution
        self.optimizer = EncoderOptimizer(
            for: encoder, optimizer ?? .chosen(for: encoder.featureCount, width: encoder.input.width))
        batch = SparseBatch(columnCount: matrix.columnCount)
        preparation = BatchPreparation(columnCount: matrix.columnCount)
        encoderWorkspace = EncoderWorkspace(activityPrice: decoder.penalties.activityPrice)
    }

    private static func source(
        _ matrix: WeightedRows, _ objective: ReconstructionObjective, _ inputLength: InputLength?,
        _ transform: InputTransform
    ) -> BatchPreparation.Source {
        let scale = transform.scale
        guard let likelihood = objective.likelihood else {
            return BatchPreparation.Source(targets: transform.emphasized(matrix), inputs: nil, scale: 1 / scale)
        }
        return BatchPreparation.Source(
            targets: likelihood.observations(from: matrix),
            inputs: objective.encoderInputs(from: matrix, length: inputLength).mapping {
                [factor = 1 / scale] values in
                for i in values.indices { values[i] *= factor }
            }, scale: 1)
    }

    /// Goes on to other rows, in the transform's columns.
    mutating func take(_ matrix: WeightedRows) {
        source = Self.source(matrix, decoder.objective, inputLength, transform)
    }

    var current: Model {
        get { Model(encoder: encoder, decoder: decoder) }
        set { (encoder, decoder) = (newValue.encoder, newValue.decoder) }
    }

    /// Performs one step on the given rows.
    ///
    /// - Parameters:
    ///   - next: the rows of the next step, which are loaded meanwhile.
    ///   - rate: the step size of the input layer, for unscaled data.
    /// - Returns: nil, without learning anything, if the loss or its gradient is not finite.
    mutating func step(
        _ rows: ArraySlice<Int>, next: ArraySlice<Int> = [], corruption: Corruption?, rate: Float, layerRate: Float,
        statistics: inout EpochStatistics
    ) -> BatchLoss? {
        load(rows, next: execution.parallelism.usableThreads > 1 ? next : [], corruption: corruption)
        let loss = evaluateBatch(isTraining: true)
        let codes = encoderWorkspace.codes
        let delta = encoderWorkspace.codeDelta
        let slope = kernels.dot(count: delta.elementCount, x: delta.elements, y: delta.elements)
        guard loss.isFinite, slope.isFinite else { return nil }
        statistics.add(loss, codes: codes.elements, rows: rows.count)
        decoder.learn(
            batch, codes: codes.elements, workspace: decoderWorkspace, rate: layerRate, execution: execution)
        encoder.backward(
            batch, workspace: encoderWorkspace, into: &gradient, includesInputWeights: false, execution: execution)
        optimizer.step(
            &encoder, batch: batch, inputDelta: encoderWorkspace.inputDelta, gradient: gradient,
            includesInputWeights: false, inputRate: rate * transform.scale, layerRate: layerRate, execution: execution)
        learnThresholds(rate: layerRate)
        return loss
    }

    /// Computes the loss of rows without learning; codes and ∂L/∂codes remain in the workspace.
    mutating func evaluate(
        _ rows: ArraySlice<Int>, corruption: Corruption? = nil, isTraining: Bool
    ) -> BatchLoss {
        load(rows, corruption: corruption)
        return evaluateBatch(isTraining: isTraining)
    }

    private mutating func evaluateBatch(isTraining: Bool) -> BatchLoss {
        encodeBatch(isTraining: isTraining)
        return decoder.evaluate(
            batch, codes: encoderWorkspace.codes.elements, delta: encoderWorkspace.codeDelta.elements,
            workspace: decoderWorkspace, execution: execution)
    }

    mutating func encode(_ rows: ArraySlice<Int>, isTraining: Bool) {
        load(rows, corruption: nil)
        encodeBatch(isTraining: isTraining)
    }

    private mutating func load(_ rows: ArraySlice<Int>, next: ArraySlice<Int> = [], corruption: Corruption?) {
        preparation.load(rows, next: next, corruption: corruption, from: source, into: &batch)
    }

    private mutating func encodeBatch(isTraining: Bool) {
        batch.withInputs {
            encoder.forward($0, isTraining: isTraining, workspace: encoderWorkspace, execution: execution)
        }
    }

    /// The loss, activity and dead units on rows, without corruption of the inputs.
    mutating func statistics(of rows: [Int]) -> EpochStatistics {
        var statistics = noStatistics()
        for start in stride(from: 0, to: rows.count, by: 512) {
            let batchRows = rows[start...].prefix(512)
            let loss = evaluate(batchRows, isTraining: false)
            statistics.add(loss, codes: encoderWorkspace.codes.elements, rows: batchRows.count)
        }
        return statistics
    }

    func noStatistics() -> EpochStatistics {
        EpochStatistics(width: encoder.latentWidth, scale: source.inputs == nil ? transform.scale : 1)
    }

    /// Removes the emphasis: it is folded into the encoder's weights, and from now on features are unscaled.
    ///
    /// A decoder with statistics has to be fitted again.
    mutating func dropEmphasis(_ matrix: WeightedRows) {
        guard let factors = transform.dropEmphasis() else { return }
        encoder.input.weights.scale(rows: factors)
        decoder.rescale(features: factors.map { 1 / $0 })
        memory?.decoder.rescale(features: factors.map { 1 / $0 })
        source.targets = matrix
    }

    /// Ends training: no step can follow, and the memory that only steps need is freed.
    mutating func endSteps() { optimizer.finish() }

    /// The model for unscaled data. Its weights are moved rather than copied, so nothing can follow.
    mutating func takeModel() -> SparseAutoencoder {
        endSteps()
        var model = SparseAutoencoder(
            encoder: encoder, decoder: decoder.takeLinearDecoder(execution: execution), dispersion: decoder.dispersion,
            objective: decoder.objective, inputLength: inputLength)
        encoder.input.weights = DenseMatrix(rowCount: 0, columnCount: encoder.input.width)
        transform.fold(into: &model)
        return model
    }

    /// The model before a step on `failed` whose loss was not finite; that step changed nothing.
    ///
    /// - Parameter others: rows from which a sample is taken to check whether the model is usable.
    /// - Returns: nil if its loss on that sample is not finite either.
    mutating func takeModel(before failed: ArraySlice<Int>, others: [Int]) -> SparseAutoencoder? {
        let sample = failed.sampleOfOthers(among: others)
        guard !sample.isEmpty, statistics(of: sample).loss.isFinite else { return nil }
        return takeModel()
    }
}

extension AutoencoderTrainer where Decoder: FittedDecoder {
    /// Fits the decoder to the current encoder, from rows without corruption and what is left of earlier documents.
    ///
    /// - Parameter isTraining: whether codes are those in training.
    mutating func fitDecoder(to rows: [Int], ridge: Double, isTraining: Bool) {
        decoder.forget()
        if let memory { decoder.recall(memory, ridge: ridge, execution: execution) }
        for start in stride(from: 0, to: rows.count, by: 512) {
            encode(rows[start...].prefix(512), isTraining: isTraining)
            decoder.collect(
                batch, codes: encoderWorkspace.codes.elements, workspace: decoderWorkspace, execution: execution)
        }
        decoder.solve(ridge: ridge, workspace: decoderWorkspace, execution: execution)
    }
}

/// The thresholds of latent units; how they are determined depends on the activation.
extension AutoencoderTrainer {
    /// Sets the initial thresholds from the pre-activations of some rows.
    ///
    /// - Parameter keepingThem: whether there are thresholds already, so that only the other constants are set.
    mutating func startThresholds(from rows: ArraySlice<Int>, keepingThem: Bool = false) {
        guard encoder.activation.learnsThresholds else { return }
        encode(rows, isTraining: true)
        if let thresholds = encoderWorkspace.training(of: encoder.activation)?.startThresholds(),
            !keepingThem
        {
            encoder.thresholds = thresholds
        }
    }

    /// Updates the thresholds after a step.
    ///
    /// - Parameter rate: the step size of the dense layers; logarithms of thresholds change by ten times as much.
    mutating func learnThresholds(rate: Float) {
        guard let training = encoderWorkspace.training(of: encoder.activation) else { return }
        if encoder.activation.learnsThresholds {
            optimizer.stepThresholds(&encoder, gradient: training.thresholdGradient, rate: 10 * rate)
        } else {
            training.update(&encoder.thresholds)
        }
    }

    /// Computes the thresholds of the finished encoder from all rows without corruption, for activations whose
    /// thresholds differ from those in training.
    ///
    /// - Complexity: one encoding of the rows; memory for a million counts.
    mutating func calibrateThreshold(on rows: [Int]) {
        let function = encoder.activation.function as? any LatentActivation
        guard var calibration = function?.makeCalibration() else { return }
        let zeros = [Float](repeating: 0, count: encoder.thresholds.count)
        encoder.thresholds = zeros
        for start in stride(from: 0, to: rows.count, by: 512) {
            encode(rows[start...].prefix(512), isTraining: false)
            let codes = encoderWorkspace.codes
            calibration.add(UnsafeBufferPointer(start: codes.elements, count: codes.elementCount))
        }
        encoder.thresholds = calibration.thresholds(documents: rows.count) ?? zeros
    }
}

extension AutoencoderTrainer: SavedState {
    mutating func visit(_ walk: StateWalk) {
        walk.part("encoder", &encoder)
        walk.part("decoder", &decoder)
        walk.part("optimizer", &optimizer)
        let training = encoderWorkspace.training(of: encoder.activation)
        var constants = training?.constants ?? []
        walk.part("activation", &constants)
        if walk.isFilling { training?.constants = constants }
    }
}
