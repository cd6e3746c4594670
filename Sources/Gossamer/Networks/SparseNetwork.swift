import Autoencoders
import Corpora
import FileIO
import SparseMatrices

extension SparseAutoencoder: FeatureNetwork {
    package static var kind: FeatureModel.Kind { .sparse }
    package var likelihood: LikelihoodKind? { objective.likelihood }
    package var lengths: LengthDistribution? { nil }
    package var hasPosterior: Bool { false }

    /// Any input is valid, whatever the objective.
    package func check(_ inputs: CSRMatrix) throws(LikelihoodError) {}

    package func encodeBlocks<E: Error>(
        of inputs: CSRMatrix, withVariance: Bool, asMixture: Bool, execution: Execution,
        _ body: (UnsafePointer<Float>, Range<Int>) throws(E) -> Void
    ) throws(E) {
        precondition(!withVariance && !asMixture, "the codes of a sparse autoencoder are no posterior")
        try encoder.encodeBlocks(of: encoderInputs(from: inputs), execution: execution, body)
    }

    package func forEachBlockOfLosses<E: Error>(
        of inputs: CSRMatrix, samples: Int, seed: UInt64, execution: Execution,
        _ body: (BlockLosses) throws(E) -> Void
    ) throws(E) {
        if objective.likelihood != nil {
            return try forEachDocumentLoss(of: inputs, execution: execution, body)
        }
        let measure = ReconstructionMeasure(decoder, parallelism: execution.parallelism)
        try encoder.encodeBlocks(of: inputs, execution: execution) { codes, rows throws(E) in
            let errors = measure.squaredErrors(
                of: inputs, rows: rows, codes: codes, parallelism: execution.parallelism)
            try body(BlockLosses(rows: rows, losses: errors, codes: codes, logLikelihoods: errors.map { -$0 }))
        }
    }

    package func prior(spread: Float) -> LatentSource? { nil }

    package func source(codes: DenseMatrix, reference: DenseMatrix, spread: Float, inTurn: Bool) -> LatentSource {
        .codes(
            SmoothedCodes(
                codes: codes, reference: reference, activation: encoder.activation, spread: spread, inTurn: inTurn))
    }

    package var entryLosses: EntryLosses { EntryLosses(self) }
    package var ownTensors: NetworkTensors {
        var tensors = NetworkTensors()
        tensors.add(dispersion, of: likelihood)
        return tensors
    }
}

extension AutoencoderSettings: ModelArchitecture {
    package static var kind: FeatureModel.Kind { .sparse }
    package static let recordKey = "autoencoder"
    package var namedLikelihood: LikelihoodKind? { objective.likelihood }
    package var namedActivation: Activation? { activation }

    package func parameterCount(features: Int) -> Int {
        parameterCount(features: features, widths: hiddenWidths + [latentWidth], decoders: 1)
    }

    package func suitableInputs(for matrix: CSRMatrix) -> InputSpace {
        // An objective of counts is about what was counted.
        if objective.isOfCounts { return InputSpace(scheme: .none, normalization: .none) }
        let suitable = FeatureWeighting.suitable(for: matrix)
        return InputSpace(scheme: suitable.scheme, normalization: suitable.normalization)
    }

    package func checkSettings() throws(SettingsError) {
        try SettingsError.require(latentWidth, in: 1...SettingsError.most, "latentWidth")
        for width in hiddenWidths { try SettingsError.require(width, in: 1...SettingsError.most, "hiddenWidths") }
        try SettingsError.require(denoising ?? 0, isIn: 0..<1, "denoising")
        try SettingsError.require(emphasis ?? 0, isIn: 0..<Float(4).nextUp, "emphasis")
        try SettingsError.require(ridge ?? 1, isIn: Float.leastNonzeroMagnitude..<Float.infinity, "ridge")
        if let k = activation.activeLimit, k > latentWidth {
            throw SettingsError(
                setting: "activation", found: activation.description,
                expected: "at most the \(latentWidth) units that there are")
        }
        for penalty in penalties where penalty.needsThresholds && !activation.learnsThresholds {
            throw SettingsError(
                setting: "penalties", found: penalty.description, expected: "l1 or kl, unless activation is jumprelu")
        }
    }

    package func check(_ inputs: WeightedRows) throws(LikelihoodError) {
        if let likelihood = objective.likelihood {
            try LikelihoodError.check(inputs, for: likelihood, isObjective: true)
        }
    }

    package func train(
        on material: TrainingMaterial, _ training: TrainingSettings, execution: Execution,
        checkpoints: (any CheckpointKeeper)?, onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<any FeatureNetwork>) -> any FeatureNetwork {
        do {
            return try trainSparseAutoencoder(
                on: material.inputs, self, training: training,
                from: material.earlier.flatMap { model in
                    (model.network as? SparseAutoencoder).map {
                        EarlierModel($0, documents: model.learnedDocuments, codes: model.observed?.codes)
                    }
                }, over: material.stream, execution: execution, checkpoints: checkpoints,
                onEvent: onEvent)
        } catch {
            throw error.mapModel { $0 }
        }
    }

    package func network(from reader: ModelReader, features: Int, width: Int) throws(FileError) -> any FeatureNetwork {
        let encoder = try reader.encoder(features: features)
        guard width > 0, encoder.latentWidth == width else {
            throw reader.bad(found: "an encoder of \(encoder.latentWidth) units", expected: "\(max(1, width))")
        }
        let decoder = try reader.decoder("decoder", features: features, width: width)
        return SparseAutoencoder(
            encoder: encoder, decoder: decoder,
            dispersion: try reader.dispersion(of: objective.likelihood, features: features, width: 0),
            objective: objective, inputLength: inputLength)
    }
}
