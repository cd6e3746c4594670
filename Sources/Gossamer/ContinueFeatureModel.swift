import Autoencoders
import Corpora
import FileIO
import SparseMatrices

extension FeatureModel {
    /// Goes on learning, from other documents: returns a model that knows both these and those that this one knows.
    ///
    /// Features are matched by their words, or by their numbers if the model or the corpus has no words. New ones come
    /// after those of the model, and no unit knows of them at first. Step sizes are multiplied by the share that the new
    /// documents have of all, so that each document counts about as much as any other; units that no new document
    /// activates stay as they are. A decoder of squared errors is fitted to the new documents and to what is left of the
    /// earlier ones, the decoder as it was and the codes in `ObservedDocuments`.
    ///
    /// A unit keeps the words that it had (`words`) if the new documents hold none of them, and the losses that documents
    /// are compared with (`reference`) stay if no new document is kept out of learning; both else are those of the new
    /// documents.
    ///
    /// - Parameters:
    ///   - corpus: the new documents, before weighting.
    ///   - training: how training is done; all other settings are the model's.
    ///   - keepingWeighting: whether known features weigh what they did, idf for example; otherwise the mean of that and
    ///     of what they would weigh in the new documents alone, by the numbers of documents.
    ///   - execution: how products are computed, and on how many threads.
    ///   - checkpoints: see `train`.
    ///   - onEvent: called after every step and epoch.
    /// - Throws: as `train`.
    public func continued(
        on corpus: Corpus, training: TrainingSettings = TrainingSettings(), keepingWeighting: Bool = false,
        execution: Execution = Execution(), checkpoints: Checkpoints? = nil,
        onEvent: (TrainingEvent) -> Void = { _ in }
    ) throws -> FeatureModel {
        var settings = ModelSettings(any: record.architecture)
        settings.training = training
        settings.weighting = weighting.scheme
        settings.normalization = weighting.normalization
        try settings.check()
        let matched = try corpus.matched(to: vocabulary, count: featureCount)
        try settings.checkMemory(on: matched.matrix, continuing: self)
        let material = try TrainingMaterial(matched, continuing: self, keepingWeighting: keepingWeighting)
        return try material.train(settings, execution: execution, checkpoints: checkpoints, onEvent: onEvent)
    }

    /// The number of documents that the model has learned from, those of earlier trainings included.
    package var learnedDocuments: Int { record.earlier.reduce(record.documents) { $0 + $1.documents } }

    /// The number of entries that these documents have.
    package var learnedEntries: Int { record.earlier.reduce(record.entries) { $0 + $1.entries } }
}

extension FeatureModel {
    /// A training that a model went on from.
    public struct EarlierTraining: Sendable, Equatable, Codable {
        /// What tells the model, as it was then, from others.
        public var model: String
        /// `Corpus.contentFingerprint` as 16 hexadecimal digits; nil for models that were saved before it was stored.
        public var corpus: String?
        public var documents: Int
        public var entries: Int
        /// nil for models that were saved before their history was stored.
        public var epochs: Int?

        /// - Throws: `FileError` if the model has numbers that cannot be stored.
        init(of model: FeatureModel) throws(FileError) {
            self.model = try model.fingerprint()
            corpus = model.record.corpus.map(Fingerprint.text)
            (documents, entries) = (model.record.documents, model.record.entries)
            epochs = model.record.history.isEmpty ? nil : model.record.history.count
        }
    }
}

extension FeatureWeighting {
    /// The weighting of an earlier model for a corpus in whose columns its features come first.
    init(of model: FeatureModel, for corpus: Corpus, isKept: Bool) {
        let fitted = FeatureWeighting(
            scheme: model.weighting.scheme, normalization: model.weighting.normalization, fittedTo: corpus.matrix)
        let share = Double(corpus.rowCount) / Double(max(1, corpus.rowCount + model.learnedDocuments))
        self = model.weighting.joined(with: fitted, share: isKept ? 0 : share)
    }
}

extension FeatureModel {
    /// Takes over what a continued model knows of documents that its training did not see.
    ///
    /// - Parameter earlier: the model that training went on from, whose features come first.
    mutating func remember(_ earlier: FeatureModel) {
        if let known = earlier.words {
            let holding = observed?.documentsPerFeature ?? []
            words = words?.keeping(known) { holding[$0] > 0 } ?? known
        }
        if let known = earlier.observed { observed = observed?.joined(with: known) }
        reference = reference ?? earlier.reference
    }
}

extension UnitWords {
    /// These words, or the earlier ones of units none of whose earlier words occurs any more.
    fileprivate func keeping(_ earlier: UnitWords, occurs: (Int) -> Bool) -> UnitWords {
        UnitWords(
            units: zip(units, earlier.units).map { new, old in
                new.isEmpty || !old.isEmpty && !old.contains { occurs($0.feature) } ? old : new
            })
    }
}

extension ObservedDocuments {
    /// The statistics of these documents and of earlier ones, with the codes of both by their numbers.
    ///
    /// - Parameter earlier: of no more features, the first ones.
    func joined(with earlier: ObservedDocuments) -> ObservedDocuments {
        var documents = documentsPerFeature
        for (feature, count) in earlier.documentsPerFeature.enumerated() {
            documents[feature] =
                documents[feature].addingReportingOverflow(count).overflow
                ? .max : documents[feature] + count
        }
        let share = Double(earlier.sizes.documentCount) / Double(earlier.sizes.documentCount + sizes.documentCount)
        let kept = Int((share * Double(Self.mostCodes)).rounded())
        let samples = [earlier.codes?.spread(kept), codes?.spread(Self.mostCodes - kept)].compactMap { $0 }
        let width = codes?.columnCount ?? earlier.codes?.columnCount ?? 0
        let rows = samples.reduce(0) { $0 + $1.rowCount }
        return ObservedDocuments(
            sizes: sizes.joined(with: earlier.sizes), documentsPerFeature: documents,
            smallestEntry: min(smallestEntry, earlier.smallestEntry),
            codes: rows == 0
                ? nil
                : DenseMatrix(rowCount: rows, columnCount: width, elements: samples.flatMap(\.elements)))
    }
}

extension DenseMatrix {
    /// At most `count` rows, from the first to the last at equal distances.
    fileprivate func spread(_ count: Int) -> DenseMatrix {
        let kept = min(max(0, count), rowCount)
        return DenseMatrix(
            rowCount: kept, columnCount: columnCount, elements: (0..<kept).flatMap { row($0 * rowCount / kept) })
    }
}
