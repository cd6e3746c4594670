import Autoencoders
import Corpora
import SparseMatrices

/// A trained model as a user keeps it: the autoencoder together with everything that turns a corpus into its inputs —
/// weighting, index base, number of features, vocabulary. One file holds it all; see `save(to:)`.
public struct FeatureModel: Sendable {
    public let autoencoder: SparseAutoencoder
    public let weighting: FeatureWeighting
    /// What the training corpus' indices counted from; later files are read the same way.
    public let indexBase: IndexBase?
    public let vocabulary: Vocabulary?
    public let record: TrainingRecord

    /// What the model was trained with and on, kept for the reader of the model file.
    public struct TrainingRecord: Sendable, Codable, Equatable {
        public var autoencoder: AutoencoderSettings
        public var training: TrainingSettings
        public var documents: Int
        public var entries: Int
    }

    public init(
        autoencoder: SparseAutoencoder, weighting: FeatureWeighting, indexBase: IndexBase?, vocabulary: Vocabulary?,
        record: TrainingRecord
    ) {
        precondition(
            vocabulary.map { $0.count == autoencoder.featureCount } ?? true,
            "\(vocabulary?.count ?? 0) words for \(autoencoder.featureCount) features")
        self.autoencoder = autoencoder
        self.weighting = weighting
        self.indexBase = indexBase
        self.vocabulary = vocabulary
        self.record = record
    }

    public var featureCount: Int { autoencoder.featureCount }
    public var latentWidth: Int { autoencoder.latentWidth }
}

/// What to train, and on what kind of input; what is nil is chosen from the data.
public struct ModelSettings: Sendable, Equatable {
    public var autoencoder = AutoencoderSettings()
    public var training = TrainingSettings()
    public var weighting: FeatureWeighting.Scheme?
    public var normalization: FeatureWeighting.Normalization?

    public init() {}
}

extension FeatureModel {
    /// Trains a sparse autoencoder on a corpus: fits the weighting, then the model.
    ///
    /// - Throws: `WeightingError` if an entry does not suit the weighting, `ModelTrainingError` if training fails.
    public static func train(
        on corpus: Corpus, _ settings: ModelSettings = ModelSettings(), execution: Execution = Execution(),
        onEvent: (TrainingEvent) -> Void = { _ in }
    ) throws -> FeatureModel {
        // A vocabulary may name more features than occur; the model gets them all.
        let corpus = corpus.widened(to: max(corpus.featureCount, corpus.vocabulary?.count ?? 0))
        let suitable = FeatureWeighting.suitable(for: corpus.matrix)
        let weighting = FeatureWeighting(
            scheme: settings.weighting ?? suitable.scheme,
            normalization: settings.normalization ?? suitable.normalization,
            fittedTo: corpus.matrix)
        let inputs = try weighting(corpus.matrix)
        func model(_ autoencoder: SparseAutoencoder) -> FeatureModel {
            FeatureModel(
                autoencoder: autoencoder, weighting: weighting, indexBase: corpus.provenance.indexBase,
                vocabulary: corpus.vocabulary,
                record: TrainingRecord(
                    autoencoder: settings.autoencoder, training: settings.training, documents: corpus.rowCount,
                    entries: corpus.matrix.entryCount))
        }
        do {
            return model(
                try trainSparseAutoencoder(
                    on: inputs, settings.autoencoder, training: settings.training, execution: execution,
                    onEvent: onEvent))
        } catch {
            throw ModelTrainingError(cause: error, lastGood: error.lastGood.map(model))
        }
    }

    /// A corpus as the autoencoder sees it: as wide as the model, weighted, normalised.
    ///
    /// - Throws: `WeightingError` if an entry does not suit the weighting.
    /// - Precondition: the corpus is no wider than the model; readers drop and count features beyond it.
    public func inputs(from corpus: Corpus) throws(WeightingError) -> CSRMatrix {
        try weighting(corpus.widened(to: featureCount).matrix)
    }

    /// The codes of a corpus, one row a document, in order.
    ///
    /// - Throws: `WeightingError` if an entry does not suit the weighting.
    public func embed(_ corpus: Corpus, execution: Execution = Execution()) throws(WeightingError) -> DenseMatrix {
        autoencoder.encoder.encode(try inputs(from: corpus), execution: execution)
    }
}

/// Training that did not reach its end, and the model of the last epoch that was good.
public struct ModelTrainingError: Error, CustomStringConvertible {
    public let cause: TrainingError
    public let lastGood: FeatureModel?

    public var description: String { cause.description }
}

extension TrainingError {
    fileprivate var lastGood: SparseAutoencoder? {
        if case .nonFiniteLoss(_, _, _, let lastGood) = self { lastGood } else { nil }
    }
}
