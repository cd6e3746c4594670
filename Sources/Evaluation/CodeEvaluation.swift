import Autoencoders
import Corpora
import Gossamer
import SparseMatrices

/// What codes of labelled documents are good for; what does not apply is nil.
public struct CodeReport: Sendable, Equatable {
    public let probe: ProbeReport?
    /// See `retrievalPrecision`, of ten documents.
    public let retrievalPrecision: Double?
}

extension FeatureModel {
    /// A linear probe and a search by codes, of documents that have labels: both are given the training documents' and
    /// asked about the test documents'.
    ///
    /// Labels count as classes if there are at least two and three documents to each on average. Documents without a
    /// label take no part, unless documents may have several.
    /// - Parameters:
    ///   - train: what the model was trained on, before weighting.
    ///   - test: documents it has not seen, before weighting.
    /// - Returns: nil if the training or the test documents have no labels, or those are no classes.
    /// - Throws: `WeightingError`, `LikelihoodError`.
    public func evaluateCodes(
        train: Corpus, test: Corpus, probe: LinearProbe = LinearProbe(), execution: Execution = Execution()
    ) throws -> CodeReport? {
        guard let trainLabels = train.labels, let testLabels = test.labels else { return nil }
        let names = ClassNames(trainLabels)
        let trainRows = trainLabels.labelledRows(orAll: names.isMultilabel)
        let testRows = testLabels.labelledRows(orAll: names.isMultilabel)
        guard names.areClasses(of: trainRows.count), !testRows.isEmpty else { return nil }
        let codes = try embed(train, execution: execution).rows(trainRows)
        let queries = try embed(test, execution: execution).rows(testRows)
        let classes = names.classes(of: trainLabels, rows: trainRows)
        let queryClasses = names.classes(of: testLabels, rows: testRows)
        return CodeReport(
            probe: probe.score(
                train: codes, classes, test: queries, queryClasses, isMultilabel: names.isMultilabel,
                parallelism: execution.parallelism),
            retrievalPrecision: Evaluation.retrievalPrecision(
                among: codes, classes, for: queries, queryClasses, parallelism: execution.parallelism))
    }

    /// The coherence and diversity of the units' words, strongest first as `LinearDecoder.unitFeatures` has them.
    ///
    /// - Parameter documents: before weighting; no wider than the model.
    public func coherence(in documents: Corpus, parallelism: Parallelism = .allCores) -> TopicCoherence {
        let lists = decoder.unitFeatures(count: TopicCoherence.diversityWords).map { $0.strongest.map(\.feature) }
        return TopicCoherence(
            ofLists: lists, in: documents.widened(to: featureCount).matrix, parallelism: parallelism)
    }
}

extension FeatureModel {
    /// The coherence and diversity of the words that set apart the training documents that activate each unit most; see
    /// `UnitReport.lifted`.
    ///
    /// - Parameters:
    ///   - train: what the words are found in, before weighting; nil takes those that the model remembers of its
    ///     training.
    ///   - test: what their coherence is measured in, before weighting.
    /// - Returns: nil if `train` is nil and the model, an older one, remembers no words.
    /// - Throws: `WeightingError`, `LikelihoodError`.
    public func coherenceByLift(
        train: Corpus? = nil, test: Corpus, execution: Execution = Execution()
    ) throws -> TopicCoherence? {
        let count = TopicCoherence.diversityWords
        let found = try train.map { try documents(of: $0, words: count, execution: execution).words } ?? words
        guard let lists = found?.units else { return nil }
        return TopicCoherence(
            ofLists: lists.map { $0.prefix(count).map(\.feature) }, in: test.widened(to: featureCount).matrix,
            parallelism: execution.parallelism)
    }
}

extension RowLabels {
    func labelledRows(orAll all: Bool) -> [Int] {
        codes.indices.filter { all || codes[$0] != Self.none }
    }
}

/// What some documents look like from outside.
package struct DocumentProfile: Sendable, Equatable {
    /// The stored entries of the documents.
    package let entryCounts: CountedSample
    /// The features that occur.
    package let usedFeatures: Set<UInt32>

    /// - Complexity: O(entries).
    package init(_ documents: CSRMatrix) {
        entryCounts = CountedSample((0..<documents.rowCount).map(documents.entryCount(ofRow:)))
        usedFeatures = Set(documents.columnIndices)
    }

    /// The documents that a model was trained on, as it remembers them.
    package init(_ observed: ObservedDocuments) {
        entryCounts = CountedSample(
            zip(observed.sizes.values, observed.sizes.documents).map { (Int($0.entries), Int($1)) })
        usedFeatures = observed.usedFeatures
    }

    package var documentCount: Int { entryCounts.count }
}

/// How much two sets of documents look alike from outside.
package struct DocumentComparison: Sendable, Equatable {
    /// sup |F₁ − F₂| of the two distributions of entries a row (the Kolmogorov–Smirnov distance): 0 for the same, 1 for
    /// ones that do not overlap.
    package let entriesPerRowDistance: Double
    /// Of the features used in either, the share that is used in both.
    package let sharedFeatures: Double

    /// - Complexity: O(rows·log rows + features).
    package init(_ a: DocumentProfile, _ b: DocumentProfile) {
        entriesPerRowDistance = a.entryCounts.distance(to: b.entryCounts)
        let either = a.usedFeatures.union(b.usedFeatures).count
        let both = a.usedFeatures.intersection(b.usedFeatures).count
        sharedFeatures = either == 0 ? 1 : Double(both) / Double(either)
    }

    /// - Complexity: O(entries + rows·log rows + features).
    package init(_ a: CSRMatrix, _ b: CSRMatrix) { self.init(DocumentProfile(a), DocumentProfile(b)) }
}
