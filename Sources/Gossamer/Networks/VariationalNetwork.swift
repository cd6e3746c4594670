import Autoencoders
import FileIO
import SparseMatrices

/// A variational autoencoder with the lengths of its training documents, from which the lengths of new documents are
/// drawn.
package struct VariationalNetwork: Sendable {
    package let model: VariationalAutoencoder
    package let trainingLengths: LengthDistribution

    package init(_ model: VariationalAutoencoder, lengths: LengthDistribution) {
        self.model = model
        trainingLengths = lengths
    }
}

extension VariationalNetwork: FeatureNetwork {
    package static var kind: FeatureModel.Kind { .variational }
    package var encoder: SparseEncoder { model.encoder }
    package var decoder: LinearDecoder { model.decoder }
    package var likelihood: LikelihoodKind? { model.likelihood }
    package var dispersion: DispersionDecoder? { model.dispersion }
    package var lengths: LengthDistribution? { trainingLengths }
    package var hasPosterior: Bool { true }

    package func check(_ inputs: CSRMatrix) throws(LikelihoodError) {
        try LikelihoodError.check(WeightedRows(inputs), for: model.likelihood)
    }

    package func encodeBlocks<E: Error>(
        of inputs: CSRMatrix, withVariance: Bool, asMixture: Bool, execution: Execution,
        _ body: (UnsafePointer<Float>, Range<Int>) throws(E) -> Void
    ) throws(E) {
        precondition(!asMixture || model.likelihood.family.isMixture, "the model is no mixture of topics")
        let posterior = GaussianPosterior(), joined = ScratchMatrix()
        let width = latentWidth
        try encoder.encodeBlocks(of: model.encoderInputs(from: inputs), execution: execution) {
            hidden, rows throws(E) in
            model.latent.forward(hidden, rows: rows.count, into: posterior, parallelism: execution.parallelism)
            if asMixture {
                for row in 0..<rows.count { softmax(count: width, x: posterior.mean.elements + row * width) }
            }
            guard withVariance else { return try body(posterior.mean.elements, rows) }
            joined.resize(rows: rows.count, width: 2 * width)
            for row in 0..<rows.count {
                let target = joined.elements + row * 2 * width
                target.update(from: posterior.mean.elements + row * width, count: width)
                (target + width).update(from: posterior.logVariance.elements + row * width, count: width)
            }
            try body(joined.elements, rows)
        }
    }

    package func forEachBlockOfLosses<E: Error>(
        of inputs: CSRMatrix, samples: Int, seed: UInt64, execution: Execution,
        _ body: (BlockLosses) throws(E) -> Void
    ) throws(E) {
        try model.forEachDocumentLoss(of: inputs, samples: samples, seed: seed, execution: execution, body)
    }

    package func prior(spread: Float) -> LatentSource? { .prior(width: latentWidth, spread: spread) }

    package func source(codes: DenseMatrix, reference: DenseMatrix, spread: Float, inTurn: Bool) -> LatentSource {
        let rows = GaussianRows(
            means: codes.columns(0..<latentWidth), logVariances: codes.columns(latentWidth..<2 * latentWidth))
        return .posteriors(rows, spread: spread, inTurn: inTurn)
    }

    package var entryLosses: EntryLosses { EntryLosses(model) }

    package var ownTensors: NetworkTensors {
        var tensors = NetworkTensors()
        tensors.add(model.latent.mean, as: "latent.mean")
        tensors.add(model.latent.logVariance, as: "latent.log_variance")
        tensors.add(model.dispersion, of: model.likelihood)
        tensors.contents["lengths"] = .table(
            zip(trainingLengths.values, trainingLengths.documents).flatMap { [$0, $1] }, columns: 2)
        return tensors
    }
}

extension DenseMatrix {
    /// A copy of a range of columns.
    fileprivate func columns(_ range: Range<Int>) -> DenseMatrix {
        DenseMatrix(
            rowCount: rowCount, columnCount: range.count, elements: (0..<rowCount).flatMap { row($0)[range] })
    }
}

extension VariationalSettings: ModelArchitecture {
    package static var kind: FeatureModel.Kind { .variational }
    package static let recordKey = "variational"
    package var namedLikelihood: LikelihoodKind? { likelihood }
    package var namedActivation: Activation? { nil }

    /// Counts two heads, for the mean and the log-variance.
    package func parameterCount(features: Int) -> Int {
        parameterCount(
            features: features, widths: hiddenWidths + [2 * latentWidth],
            decoders: likelihood.family.dispersion == .variance ? 2 : 1)
    }

    package func suitableInputs(for matrix: CSRMatrix) -> InputSpace {
        InputSpace(scheme: .none, normalization: .none)
    }

    package func checkSettings() throws(SettingsError) {
        try SettingsError.require(latentWidth, in: 1...SettingsError.most, "latentWidth")
        if hiddenWidths.isEmpty {
            throw SettingsError(setting: "hiddenWidths", found: "no layer", expected: "one width or more")
        }
        for width in hiddenWidths { try SettingsError.require(width, in: 1...SettingsError.most, "hiddenWidths") }
        try SettingsError.require(klWarmupEpochs, in: 0...SettingsError.most, "klWarmupEpochs")
        try SettingsError.require(refinementSteps, in: 0...SettingsError.most, "refinementSteps")
        try SettingsError.require(denoising ?? 0, isIn: 0..<1, "denoising")
        try SettingsError.require(beta, isIn: Float.leastNonzeroMagnitude..<Float.infinity, "beta")
        try SettingsError.require(gradientClip ?? 0, isIn: 0..<Float.infinity, "gradientClip")
        try SettingsError.require(dreaming ?? 0, isIn: 0..<Float(1).nextUp, "dreaming")
        if let sampledSoftmax {
            try SettingsError.require(sampledSoftmax, in: 1...SettingsError.most, "sampledSoftmax")
            if !likelihood.family.hasSampledSoftmax {
                throw SettingsError(
                    setting: "sampledSoftmax", found: "\(sampledSoftmax) with \(likelihood.rawValue)",
                    expected: "none, since that likelihood has no softmax over all features")
            }
        }
        if let concentration, likelihood.family.dispersion != .concentration {
            throw SettingsError(
                setting: "concentration", found: "\(concentration.rawValue) with \(likelihood.rawValue)",
                expected: "none, since that likelihood has no concentration")
        }
    }

    package func check(_ inputs: WeightedRows) throws(LikelihoodError) {
        try LikelihoodError.check(inputs, for: likelihood)
    }

    package func train(
        on material: TrainingMaterial, _ training: TrainingSettings, execution: Execution,
        checkpoints: (any CheckpointKeeper)?, onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<any FeatureNetwork>) -> any FeatureNetwork {
        let earlier = material.earlier?.network as? VariationalNetwork
        func network(_ model: VariationalAutoencoder) -> any FeatureNetwork {
            let lengths = LengthDistribution(of: material.stream?.sampled.matrix ?? material.corpus.matrix)
            return VariationalNetwork(
                model, lengths: earlier.map { lengths.joined(with: $0.trainingLengths) } ?? lengths)
        }
        do {
            return network(
                try trainVariationalAutoencoder(
                    on: material.inputs, self, training: training,
                    from: earlier.map {
                        EarlierModel($0.model, documents: material.earlier?.learnedDocuments ?? 0)
                    }, over: material.stream, execution: execution, checkpoints: checkpoints,
                    onEvent: onEvent))
        } catch {
            throw error.mapModel(network)
        }
    }

    package func network(from reader: ModelReader, features: Int, width: Int) throws(FileError) -> any FeatureNetwork {
        let encoder = try reader.encoder(features: features)
        guard width > 0 else { throw reader.bad(found: "0 latent units", expected: "1 or more") }
        let named: LikelihoodKind = try reader.choice("likelihood")
        guard named == likelihood else {
            throw reader.bad(found: "likelihood = \(named.rawValue)", expected: Message(likelihood.rawValue))
        }
        return VariationalNetwork(
            VariationalAutoencoder(
                inputLength: inputLength ?? .unit, encoder: encoder,
                latent: try reader.latent(inputs: encoder.latentWidth, width: width),
                decoder: try reader.decoder("decoder", features: features, width: width), likelihood: likelihood,
                dispersion: try reader.dispersion(of: likelihood, features: features, width: dispersionWidth)),
            lengths: try reader.lengths())
    }
}
