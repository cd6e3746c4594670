import Autoencoders
import Corpora
import FileIO
import SparseMatrices

extension FeatureModel {
    /// Trains a model on a corpus: fits the weighting, then the model.
    ///
    /// - Parameters:
    ///   - corpus: the documents, before weighting.
    ///   - settings: the kind of model and how it is trained.
    ///   - execution: how products are computed, and on how many threads.
    ///   - checkpoints: where the state of the training is kept, and the state that it goes on from; nil for neither.
    ///   - onEvent: called after every step and epoch.
    /// - Throws: `SettingsError` for a setting that is out of its range, `MemoryError` for a model that is too large for
    ///   this machine, `WeightingError` if an entry does not suit the
    ///   weighting, `LikelihoodError` if it does not suit the likelihood, `ModelTrainingError` if training fails,
    ///   `FileError` if a checkpoint cannot be read or is one of another training, `UnkeptState` if the last one cannot be
    ///   written, `SparseBackendFailure` if the backend fails.
    public static func train(
        on corpus: Corpus, _ settings: ModelSettings = ModelSettings(), execution: Execution = Execution(),
        checkpoints: Checkpoints? = nil, onEvent: (TrainingEvent) -> Void = { _ in }
    ) throws -> FeatureModel {
        try settings.check()
        try settings.checkMemory(on: corpus.matrix)
        let material = try TrainingMaterial(corpus, settings.resolved(for: corpus.matrix).inputSpace)
        return try material.train(settings, execution: execution, checkpoints: checkpoints, onEvent: onEvent)
    }
}

/// A corpus prepared for training, and all parts of a model but the network.
package struct TrainingMaterial {
    package let corpus: Corpus
    let weighting: FeatureWeighting
    package let inputs: WeightedRows
    let fingerprint: UInt64
    /// The model that training goes on from.
    let earlier: FeatureModel?
    /// The trainings that this one goes on from, and whether their weighting is taken over.
    private let earlierTrainings: [FeatureModel.EarlierTraining]
    private let keepsWeighting: Bool
    /// Where the documents come from, if they are the first chunk of a stream.
    let stream: StreamedDocuments?
    private let chunk: StreamChunk.Rows?

    fileprivate init(_ corpus: Corpus, _ space: InputSpace) throws(WeightingError) {
        // A vocabulary may list more features than occur; the model has all of them.
        self.corpus = corpus.widened(to: max(corpus.featureCount, corpus.vocabulary?.count ?? 0))
        weighting = FeatureWeighting(
            scheme: space.scheme, normalization: space.normalization, fittedTo: self.corpus.matrix)
        inputs = try weighting.rows(of: self.corpus.matrix)
        fingerprint = self.corpus.contentFingerprint
        (earlier, earlierTrainings, keepsWeighting) = (nil, [], false)
        (stream, chunk) = (nil, nil)
    }

    /// - Parameter first: the first chunk of a stream.
    init(
        _ first: Corpus, then source: CorpusStream, _ space: InputSpace, _ settings: ModelSettings
    ) throws {
        if first.matrix.entryCount == 0 { throw ModelTrainingError.noEntries }
        weighting = FeatureWeighting(scheme: space.scheme, normalization: space.normalization, fittedTo: first.matrix)
        let stream = StreamedDocuments(
            first, then: source, weighting,
            heldOut: settings.training.referenceRows ?? ScoreReference.suitableRows(of: .max),
            seed: settings.training.seed
        ) { [architecture = settings.architecture] in try architecture.check($0) }
        guard let chunk = try stream.next() else { throw ModelTrainingError.noEntries }
        corpus = Corpus(matrix: chunk.documents.matrix, provenance: first.provenance)
        inputs = chunk.documents
        fingerprint = first.contentFingerprint
        self.stream = stream
        self.chunk = chunk.rows
        (earlier, earlierTrainings, keepsWeighting) = (nil, [], false)
    }

    /// - Parameter corpus: its first features are those of the model.
    ///
    /// - Throws: `WeightingError`, and `FileError` if the model has numbers that cannot be stored.
    init(_ corpus: Corpus, continuing model: FeatureModel, keepingWeighting: Bool) throws {
        self.corpus = corpus
        weighting = FeatureWeighting(of: model, for: corpus, isKept: keepingWeighting)
        inputs = try weighting.rows(of: corpus.matrix)
        fingerprint = corpus.contentFingerprint
        earlier = model
        earlierTrainings = model.record.earlier + [try FeatureModel.EarlierTraining(of: model)]
        keepsWeighting = keepingWeighting
        (stream, chunk) = (nil, nil)
    }

    /// What training goes on from, in words that tell it from anything else.
    var start: String {
        guard let model = earlierTrainings.last?.model else { return stream == nil ? "a new model" : "a stream" }
        return model + (keepsWeighting ? ", its weighting kept" : "")
    }

    /// Trains a model on this material.
    ///
    /// - Parameter settings: the kind of model, that of an earlier one, and how it is trained.
    func train(
        _ settings: ModelSettings, execution: Execution, checkpoints: Checkpoints?, onEvent: (TrainingEvent) -> Void
    ) throws -> FeatureModel {
        try settings.architecture.check(inputs)
        try requireEntries()
        let training = try training(settings.training)
        let curve = TrainingCurve(of: settings)
        let store = try checkpoints.map {
            CheckpointStore(
                $0, try CheckpointIdentity(settings, self, execution: execution, path: $0.path ?? ""), curve,
                parallelism: execution.parallelism)
        }
        defer { store?.settle() }
        func model(_ network: any FeatureNetwork) throws -> FeatureModel {
            try self.model(network, settings.architecture, training, curve.measures, execution: execution)
        }
        let network: any FeatureNetwork
        do {
            network = try settings.architecture.train(
                on: self, training, execution: execution, checkpoints: store
            ) { event in
                curve.notice(event)
                onEvent(event)
            }
        } catch {
            if case .cancelled = error { try store?.finish() }
            throw try ModelTrainingError.explaining(error, model)
        }
        let trained = try model(network)
        try execution.checkBackend()
        do { try store?.finish() } catch { throw UnkeptState(cause: error, model: trained) }
        return trained
    }

    /// - Throws: `ModelTrainingError` if there are documents and all are empty; a corpus without documents is reported
    ///   by training itself.
    fileprivate func requireEntries() throws(ModelTrainingError) {
        if corpus.rowCount > 0 && corpus.matrix.entryCount == 0 { throw .noEntries }
    }

    /// The settings with the number of reference rows chosen.
    ///
    /// - Throws: `ModelTrainingError` if so many reference rows are requested that no row is left to learn from.
    fileprivate func training(_ settings: TrainingSettings) throws(ModelTrainingError) -> TrainingSettings {
        if stream == nil, let asked = settings.referenceRows, asked > 0, asked >= corpus.rowCount, corpus.rowCount > 0 {
            throw .tooManyReferenceRows(asked, of: corpus.rowCount)
        }
        var chosen = settings
        chosen.chunk = chunk
        chosen.referenceRows =
            settings.referenceRows ?? ScoreReference.suitableRows(of: stream == nil ? corpus.rowCount : .max)
        return chosen
    }

    fileprivate func model(
        _ network: any FeatureNetwork, _ architecture: any ModelArchitecture, _ training: TrainingSettings,
        _ history: [TrainingMeasures], execution: Execution
    ) throws -> FeatureModel {
        var training = training
        training.chunk = nil
        let (corpus, inputs) = try learned
        var model = FeatureModel(
            network: network, weighting: weighting, indexBase: corpus.provenance.indexBase,
            vocabulary: corpus.vocabulary, isTransposed: corpus.provenance.isTransposed,
            textOptions: corpus.textOptions ?? earlier?.textOptions,
            record: FeatureModel.TrainingRecord(
                architecture: architecture, training: training, documents: stream?.documents ?? corpus.rowCount,
                entries: stream?.entries ?? corpus.matrix.entryCount,
                corpus: stream.map { UInt64(bitPattern: Int64($0.fingerprint)) } ?? fingerprint,
                earlier: earlierTrainings,
                history: history),
            observed: stream?.observed ?? ObservedDocuments(corpus.matrix)
        ).rememberingCodes(of: inputs, execution: execution).rememberingWords(
            of: corpus.matrix, inputs, execution: execution
        ).rememberingLosses(
            of: inputs, rows: stream?.sampledRows ?? training.split(rowCount: corpus.rowCount), execution: execution)
        if let earlier { model.remember(earlier) }
        return model
    }

    /// The documents that are left after training, before weighting and as inputs: all of them, or a sample of a stream's.
    private var learned: (corpus: Corpus, inputs: WeightedRows) {
        get throws {
            guard let stream else { return (corpus, inputs) }
            let sampled = stream.sampled
            return (sampled, try weighting.rows(of: sampled.matrix))
        }
    }
}

/// The error of a training that did finish, but whose last state could not be kept.
public struct UnkeptState: ExplainedError {
    public let cause: FileError
    public let model: FeatureModel

    public var message: Message { cause.message }
}

/// The error of a training that did not finish, with the last good model if there is one.
public struct ModelTrainingError: Error, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        case nonFiniteLoss, noTrainingRows, noEntries, cancelled
    }

    /// All documents are empty, so there is nothing to learn from.
    static let noEntries = ModelTrainingError(
        reason: .noEntries, description: "found no entry in any document; expected features to learn from",
        lastGood: nil)

    fileprivate static func tooManyReferenceRows(_ asked: Int, of rowCount: Int) -> ModelTrainingError {
        ModelTrainingError(
            reason: .noTrainingRows,
            description:
                "found \(rowCount) documents, \(asked) of which are to be kept out of learning as a reference; "
                + "expected some to learn from", lastGood: nil)
    }

    public let reason: Reason
    public let description: String
    public let lastGood: FeatureModel?

    private init(reason: Reason, description: String, lastGood: FeatureModel?) {
        self.reason = reason
        self.description = description
        self.lastGood = lastGood
    }

    /// Converts a training failure to the error that is thrown, with the last good model.
    fileprivate static func explaining<Network>(
        _ error: TrainingFailure<Network>, _ model: (Network) throws -> FeatureModel
    ) rethrows -> any Error {
        switch error {
        case .nonFiniteLoss(_, _, _, let lastGood):
            ModelTrainingError(
                reason: .nonFiniteLoss, description: error.description, lastGood: try lastGood.map(model))
        case .noTrainingRows:
            ModelTrainingError(reason: .noTrainingRows, description: error.description, lastGood: nil)
        case .cancelled: ModelTrainingError(reason: .cancelled, description: error.description, lastGood: nil)
        case .checkpointFailed(let error), .streamFailed(let error): error
        case .backendFailed(let failure): failure
        }
    }
}

extension FeatureModel {
    /// How and on what the model was trained; stored in the model file.
    public struct TrainingRecord: Sendable, Equatable {
        /// The architecture with its settings as requested.
        package var architecture: any ModelArchitecture
        public var training: TrainingSettings
        public var documents: Int
        public var entries: Int
        /// `Corpus.contentFingerprint` of the training corpus; nil for models that were saved before it was stored.
        public var corpus: UInt64?
        /// The trainings that the model went on from, the first one first.
        public var earlier: [EarlierTraining] = []
        /// The measures of each epoch, the first one first; empty for models that were saved before they were stored.
        /// Tensors of the model file, see `ModelFile`.
        public var history: [TrainingMeasures] = []

        public static func == (a: TrainingRecord, b: TrainingRecord) -> Bool {
            a.architecture == b.architecture && a.training == b.training && a.documents == b.documents
                && a.entries == b.entries && a.corpus == b.corpus
                && a.earlier == b.earlier && a.history == b.history
        }
    }
}

/// The architecture's settings are stored under the name of its kind, the corpus' fingerprint as hexadecimal digits.
extension FeatureModel.TrainingRecord: Codable {
    private enum Key: String, CodingKey { case training, documents, entries, corpus, earlier }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            architecture: try RecordedArchitecture(from: decoder).architecture,
            training: try container.decode(TrainingSettings.self, forKey: .training),
            documents: try container.decode(Int.self, forKey: .documents),
            entries: try container.decode(Int.self, forKey: .entries),
            corpus: try container.decodeIfPresent(String.self, forKey: .corpus).flatMap { UInt64($0, radix: 16) },
            earlier: try container.decodeIfPresent([FeatureModel.EarlierTraining].self, forKey: .earlier) ?? [])
        guard hasPossibleCounts else {
            throw DecodingError.dataCorruptedError(
                forKey: .documents, in: container, debugDescription: "these cannot be counts of documents and entries")
        }
    }

    /// Whether all counts are at least 0 and so far below the largest integer that sums of them can be computed.
    private var hasPossibleCounts: Bool {
        let counts = [documents, entries] + earlier.flatMap { [$0.documents, $0.entries, $0.epochs ?? 0] }
        return earlier.count <= 1 << 16 && counts.allSatisfy { (0..<(1 << 40)).contains($0) }
    }

    public func encode(to encoder: any Encoder) throws {
        try RecordedArchitecture(architecture).encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(training, forKey: .training)
        try container.encode(documents, forKey: .documents)
        try container.encode(entries, forKey: .entries)
        try container.encodeIfPresent(corpus.map(Fingerprint.text), forKey: .corpus)
        if !earlier.isEmpty { try container.encode(earlier, forKey: .earlier) }
    }
}
