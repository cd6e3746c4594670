import Autoencoders
import Corpora
import SparseMatrices

/// A trained model as it is saved and used: the network together with everything that turns a corpus into its inputs:
/// weighting, index base, number of features and vocabulary. All of it is stored in one file; see `save(to:)`.
public struct FeatureModel: Sendable {
    package let network: any FeatureNetwork
    public let weighting: FeatureWeighting
    /// The index base of the training corpus; later files are read with the same one.
    public let indexBase: IndexBase?
    public let vocabulary: Vocabulary?
    /// Whether the columns of the training matrix were its documents; later matrices are read the same way.
    public let isTransposed: Bool
    /// The settings by which the text of the training corpus was turned into counts; nil if it was not text. Later text
    /// is processed with the same settings.
    public let textOptions: TextOptions?
    public let record: TrainingRecord
    /// Statistics of the training documents; nil for models that were saved before these were stored.
    package internal(set) var observed: ObservedDocuments?
    /// The words of the units, found in the training documents; nil for models that were saved before these were
    /// stored.
    public internal(set) var words: UnitWords?
    /// The losses of the training corpus' documents that the model did not learn from; nil if there are none.
    public internal(set) var reference: ScoreReference?

    package init(
        network: any FeatureNetwork, weighting: FeatureWeighting, indexBase: IndexBase?, vocabulary: Vocabulary?,
        isTransposed: Bool = false, textOptions: TextOptions? = nil, record: TrainingRecord,
        observed: ObservedDocuments? = nil, words: UnitWords? = nil, reference: ScoreReference? = nil
    ) {
        self.network = network
        self.weighting = weighting
        self.indexBase = indexBase
        self.vocabulary = vocabulary
        self.isTransposed = isTransposed
        self.textOptions = textOptions
        self.record = record
        self.observed = observed
        self.words = words
        self.reference = reference
        precondition(
            vocabulary.map { $0.count == featureCount } ?? true,
            "\(vocabulary?.count ?? 0) words for \(featureCount) features")
    }

    /// The path from sparse rows to the last hidden layer or, for a sparse autoencoder, to the codes.
    package var encoder: SparseEncoder { network.encoder }

    /// What each latent unit adds to a document: to its entries or, for a likelihood, to its parameters, such as the
    /// log-probabilities of words.
    public var decoder: LinearDecoder { network.decoder }

    public var featureCount: Int { decoder.featureCount }
    public var latentWidth: Int { decoder.latentWidth }
}

extension FeatureModel {
    /// A corpus as the network's input: padded to the model's number of features, weighted and normalised.
    ///
    /// - Throws: `WeightingError` if an entry does not suit the weighting, `LikelihoodError` if one does not suit the
    ///   likelihood of a variational model.
    /// - Precondition: the corpus is no wider than the model; readers drop and count features beyond it.
    public func inputs(from corpus: Corpus) throws -> CSRMatrix {
        let inputs = try weighting(corpus.widened(to: featureCount).matrix)
        try network.check(inputs)
        return inputs
    }

    /// The codes of a corpus, one row per document, in order; for a variational model these are the posterior means.
    ///
    /// - Parameters:
    ///   - corpus: the documents, before weighting.
    ///   - withVariance: whether the posterior's log-variances follow as further columns.
    ///   - asMixture: whether the means are converted to topic proportions, softmax(mean), which sum to one.
    ///   - execution: how products are computed, and on how many threads.
    /// - Throws: `WeightingError`, `LikelihoodError`, `SparseBackendFailure`.
    /// - Precondition: only variational models have variances, and only mixtures of topics have shares.
    public func embed(
        _ corpus: Corpus, withVariance: Bool = false, asMixture: Bool = false, execution: Execution = Execution()
    ) throws -> DenseMatrix {
        let width = codeWidth(withVariance: withVariance)
        var codes = DenseMatrix(rowCount: corpus.rowCount, columnCount: width)
        let inputs = try inputs(from: corpus)
        codes.withUnsafeMutableElements { target in
            encodeBlocks(
                of: inputs, withVariance: withVariance, asMixture: asMixture, execution: execution
            ) { block, rows in
                (target + rows.lowerBound * width).update(from: block, count: rows.count * width)
            }
        }
        try execution.checkBackend()
        return codes
    }

    /// The number of columns of an embedding.
    public func codeWidth(withVariance: Bool) -> Int { network.codeWidth(withVariance: withVariance) }

    /// Computes the codes of weighted inputs in row order, a few hundred rows at a time; see `embed`. If the backend
    /// can fail, call `execution.checkBackend` afterwards to find out whether the codes are valid.
    ///
    /// - Parameters:
    ///   - inputs: weighted documents, as wide as the model.
    ///   - withVariance: whether the posterior's log-variances follow as further columns.
    ///   - asMixture: whether the means are converted to topic proportions.
    ///   - execution: how products are computed, and on how many threads.
    ///   - body: receives the codes of a range of rows, row-major; valid within the call only.
    public func encodeBlocks<E: Error>(
        of inputs: CSRMatrix, withVariance: Bool = false, asMixture: Bool = false,
        execution: Execution = Execution(),
        _ body: (UnsafePointer<Float>, Range<Int>) throws(E) -> Void
    ) throws(E) {
        try network.encodeBlocks(
            of: inputs, withVariance: withVariance, asMixture: asMixture, execution: execution, body)
    }
}

extension FeatureModel {
    /// Whether codes stand for shares of topics.
    package var isMixture: Bool { network.hasPosterior && network.likelihood?.family.isMixture == true }
}

/// The features that a latent unit adds most to a document.
public struct UnitFeatures: Sendable {
    public let unit: Int
    /// ‖D_j‖, the Euclidean norm of the unit's decoder column.
    public let norm: Float
    /// Feature numbers, counted from 0, with their decoder weights; the largest weight first.
    public let strongest: [(feature: Int, weight: Float)]
}

extension LinearDecoder {
    /// For every unit, the `count` features with the largest positive decoder weights; among equal weights the first.
    ///
    /// - Complexity: O(features·H), plus O(log count) for each of the few insertions.
    public func unitFeatures(count: Int) -> [UnitFeatures] {
        var strongest = [TopEntries](repeating: TopEntries(count: count), count: latentWidth)
        weights.withUnsafeElements { d in
            for feature in 0..<featureCount {
                for unit in 0..<latentWidth {
                    let weight = d[feature * latentWidth + unit]
                    if weight > 0 { strongest[unit].add(feature, Double(weight)) }
                }
            }
        }
        let norms = columnNorms()
        return (0..<latentWidth).map { unit in
            UnitFeatures(
                unit: unit, norm: norms[unit],
                strongest: strongest[unit].sorted.map { (feature: $0.index, weight: Float($0.value)) })
        }
    }
}
