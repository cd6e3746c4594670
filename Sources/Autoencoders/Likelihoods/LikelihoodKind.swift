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
