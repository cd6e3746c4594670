import SparseMatrices

/// What distribution of documents the decoder describes.
public enum LikelihoodKind: String, Sendable, Codable, CaseIterable {
    /// Counts are draws from a softmax over all features.
    case multinomial
    /// The same with words that come in bursts: the softmax is what documents' own distributions scatter around.
    case dirichletMultinomial = "dirichlet-multinomial"
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
        case .dirichletMultinomial: DirichletMultinomialLikelihood.self
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

    /// What a decoder of its own is learned of besides; nil for nothing.
    static var dispersion: DispersionKind? { get }

    /// Whether training may replace its softmax over all features by one over a sample; see
    /// `SampledSoftmaxLikelihood`.
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
    /// - Parameter dispersion: of families that have one.
    static func of(_ decoder: LinearDecoder, dispersion: DispersionDecoder?) -> any ExactLikelihood

    // MARK: The start of training

    /// c: what makes the features independent, and distributed as in the training documents, at z = 0.
    static func startingBias(of observed: ObservedFeatures) -> [Float]

    /// Changes D from small random numbers, which a product of experts breaks its symmetry from, to what it starts as.
    ///
    /// - Parameter weights: features × K.
    static func adaptStartingWeights(
        _ weights: inout DenseMatrix, to observed: ObservedFeatures, generator: inout RandomGenerator)

    /// Where a decoder of dispersions starts; nil of families that have none.
    ///
    /// - Parameter latentWidth: K; 0 of dispersions that are not to follow z.
    static func startingDispersion(
        of observed: ObservedFeatures, latentWidth: Int, generator: inout RandomGenerator
    ) -> DispersionDecoder?

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
    /// −log p of an empty document given the logits c alone, or of a token if the likelihood is per token, as far as it
    /// does not depend on which.
    static func normalizer(bias: [Double]) -> Double

    /// −log p of a document given the logits c alone, in nats.
    ///
    /// - Parameter evidence: of the likelihood of the reference.
    /// - Complexity: O(entries) at most.
    static func referenceLoss(
        ofRow row: Int, _ evidence: LikelihoodEvidence, _ reference: ObjectiveReference
    ) -> Double
}

/// What the losses of codes are compared to: a decoder that takes none.
package struct ObjectiveReference: Sendable {
    /// c; D has no columns.
    package let decoder: LinearDecoder
    package let dispersion: DispersionDecoder?
    /// See `ObjectiveFamily.normalizer`.
    package let normalizer: Double
}

extension ObjectiveFamily {
    /// Where what is left of −log p is linear in the observations, as `LinearDecoder.observe` has it.
    package static func referenceLoss(
        ofRow row: Int, _ evidence: LikelihoodEvidence, _ reference: ObjectiveReference
    ) -> Double {
        (isPerToken ? evidence.tokens[row] : 1) * reference.normalizer - evidence.constants[row]
    }
}

extension LikelihoodFamily {
    package static var dispersion: DispersionKind? { nil }
    package static var hasSampledSoftmax: Bool { self is any SoftmaxLikelihood.Type }
    package static var isMixture: Bool { false }
    package static var hasTemperature: Bool { false }

    package static var observation: WeightedRows.ValueMap? { nil }

    /// Leaves them.
    package static func adaptStartingWeights(
        _ weights: inout DenseMatrix, to observed: ObservedFeatures, generator: inout RandomGenerator
    ) {}

    package static func startingDispersion(
        of observed: ObservedFeatures, latentWidth: Int, generator: inout RandomGenerator
    ) -> DispersionDecoder? { nil }
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

    /// - Parameter dispersion: of the kinds that have one, and of no other.
    package func of(_ decoder: LinearDecoder, dispersion: DispersionDecoder? = nil) -> any ExactLikelihood {
        family.of(decoder, dispersion: dispersion)
    }
}
