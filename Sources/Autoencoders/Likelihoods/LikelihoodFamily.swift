import SparseMatrices

/// What distribution of documents the decoder describes.
public enum LikelihoodKind: String, Sendable, Codable, CaseIterable {
    /// Counts are draws from a softmax over all features.
    case multinomial
    /// Counts are draws from a mixture of topics, each a distribution over all features.
    case topicMixture = "topic-mixture"
    /// A feature is there or not, each for itself; any stored value but zero is one that is there.
    case bernoulli
    /// Every feature has a count of its own, with the log-rate z·Dᵀ + c.
    case poisson
    /// Every feature is a real number with a mean and a variance of its own.
    case gaussian

    /// Where everything that depends on the kind is found.
    package var family: any LikelihoodFamily.Type {
        switch self {
        case .multinomial: MultinomialLikelihood.self
        case .topicMixture: TopicMixtureLikelihood.self
        case .bernoulli: BernoulliLikelihood.self
        case .poisson: PoissonLikelihood.self
        case .gaussian: GaussianLikelihood.self
        }
    }
}

/// What is true of a kind of likelihood, and how that which belongs to it is made. Each kind has one conforming type,
/// in a file of its own; `LikelihoodKind.family` names it.
package protocol LikelihoodFamily: SendableMetatype {
    // MARK: Facts

    /// Whether the length of a document is given and the likelihood is about its words alone: only then is there a
    /// perplexity, and nothing to say of an empty document.
    static var isPerToken: Bool { get }

    /// Whether values below zero have no likelihood.
    static var needsCounts: Bool { get }

    /// How far one refinement step may move a document's mean. A Newton step knows the curvature where it starts, and
    /// nothing of that further away: where a rate or a precision grows exponentially, or where a softmax is all on other
    /// words than the document's and has hardly any curvature, an unlimited step leads to where no later step comes back
    /// from. Documents of thousands of tokens in few words were lost that way, and training with them.
    static var largestRefinementStep: Float { get }

    /// The peak step of Adam on the decoder in variational training.
    static var decoderRate: Float { get }

    /// Whether a decoder of log-variances belongs to it.
    static var hasLogVariance: Bool { get }

    /// Whether training may replace its softmax over all features by one over a sample; see
    /// `SampledMultinomialLikelihood`.
    static var hasSampledSoftmax: Bool { get }

    /// Whether softmax(z) are shares of topics.
    static var isMixture: Bool { get }

    // MARK: Documents

    /// What the likelihood sees of a document; nil is the values as they are.
    static var observation: WeightedRows.ValueMap? { get }

    /// What a variational encoder sees of a document; nil is the values as they are.
    static func encoderInput(length: InputLength) -> WeightedRows.ValueMap?

    // MARK: Evaluation

    /// The likelihood of documents for a decoder's weights as they stand.
    ///
    /// - Parameter logVariance: of families that have one.
    static func of(_ decoder: LinearDecoder, logVariance: LogVarianceDecoder?) -> any ExactLikelihood

    // MARK: The start of training

    /// c: what makes the features independent, and distributed as in the training documents, at z = 0.
    static func startingBias(of observed: ObservedFeatures) -> [Float]

    /// Changes D from small random numbers, which a product of experts breaks its symmetry from, to what it starts as.
    ///
    /// - Parameter weights: features × K.
    static func adaptStartingWeights(
        _ weights: inout DenseMatrix, to observed: ObservedFeatures, generator: inout RandomGenerator)

    /// Where a decoder of log-variances starts; nil of families that have none.
    static func startingLogVariance(
        of observed: ObservedFeatures, latentWidth: Int, generator: inout RandomGenerator
    ) -> LogVarianceDecoder?

    // MARK: New documents

    /// What the decoder says of every feature.
    ///
    /// - Parameter temperature: T of a softmax over all features; the others, which have none, ignore it.
    static func featureMeans(_ decoder: LinearDecoder, temperature: Float) -> FeatureMeans

    /// Whether the means are a softmax over all features, which a temperature applies to.
    static var hasTemperature: Bool { get }

    /// Whether the means are probabilities or rates, so that it makes sense to divide one by what it is on average.
    static var measuresLift: Bool { get }

    /// How documents are drawn given the means, in the way that suits the model's data.
    static func draw(for data: some GenerationData) throws -> any EntryDraw
}

/// A likelihood that a sparse autoencoder may have as its objective: with deterministic codes in the place of z.
package protocol ObjectiveFamily: LikelihoodFamily {
    /// −log p of an empty document given the logits c alone, or of a token if the likelihood is per token; the rest of
    /// −log p is linear in the observations.
    static func normalizer(bias: [Double]) -> Double
}

extension LikelihoodFamily {
    package static var hasLogVariance: Bool { false }
    package static var hasSampledSoftmax: Bool { false }
    package static var isMixture: Bool { false }
    package static var hasTemperature: Bool { false }

    package static var observation: WeightedRows.ValueMap? { nil }

    /// Leaves them.
    package static func adaptStartingWeights(
        _ weights: inout DenseMatrix, to observed: ObservedFeatures, generator: inout RandomGenerator
    ) {}

    package static func startingLogVariance(
        of observed: ObservedFeatures, latentWidth: Int, generator: inout RandomGenerator
    ) -> LogVarianceDecoder? { nil }
}

extension LikelihoodKind {
    /// Whether the length of a document is given and the likelihood is about its words alone: only then is there a
    /// perplexity, and nothing to say of an empty document.
    public var isPerToken: Bool { family.isPerToken }

    /// Whether values below zero have no likelihood.
    public var needsCounts: Bool { family.needsCounts }

    /// Whether it can be the objective of a sparse autoencoder; see `ReconstructionObjective`.
    public var isObjective: Bool { family is any ObjectiveFamily.Type }

    package var largestRefinementStep: Float { family.largestRefinementStep }

    /// What the likelihood sees of documents.
    package func observations(from documents: WeightedRows) -> WeightedRows { documents.mapping(family.observation) }

    /// The same, copied.
    package func observations(from matrix: CSRMatrix) -> CSRMatrix {
        observations(from: WeightedRows(matrix)).weighted()
    }

    /// What a variational encoder sees of documents.
    package func encoderInputs(from documents: WeightedRows, length: InputLength) -> WeightedRows {
        documents.mapping(family.encoderInput(length: length))
    }

    /// - Parameter logVariance: of `gaussian`, and of no other.
    package func of(_ decoder: LinearDecoder, logVariance: LogVarianceDecoder? = nil) -> any ExactLikelihood {
        family.of(decoder, logVariance: logVariance)
    }
}
