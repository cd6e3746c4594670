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
}

extension LikelihoodKind {
    /// Whether the length of a document is given and the likelihood is about its words alone: only then is there a
    /// perplexity, and nothing to say of an empty document.
    public var isPerToken: Bool {
        switch self {
        case .multinomial, .topicMixture: true
        case .bernoulli, .poisson, .gaussian: false
        }
    }

    /// Whether values below zero have no likelihood.
    public var needsCounts: Bool {
        switch self {
        case .multinomial, .topicMixture, .poisson: true
        case .bernoulli, .gaussian: false
        }
    }

    /// How far one refinement step may move a document's mean. A Newton step knows the curvature where it starts, and
    /// nothing of that further away: where a rate or a precision grows exponentially, or where a softmax is all on other
    /// words than the document's and has hardly any curvature, an unlimited step leads to where no later step comes back
    /// from. Documents of thousands of tokens in few words were lost that way, and training with them.
    package var largestRefinementStep: Float {
        switch self {
        case .multinomial, .topicMixture, .poisson, .gaussian: 1
        case .bernoulli: .infinity
        }
    }

    /// What the likelihood sees of documents: for `bernoulli` 1 in place of every stored value but zero, else the
    /// values as they are.
    ///
    /// - Complexity: O(entries).
    package func observations(from matrix: CSRMatrix) -> CSRMatrix {
        self == .bernoulli ? matrix.presence : matrix
    }
}

extension CSRMatrix {
    /// 1 for every stored value but zero.
    fileprivate var presence: CSRMatrix {
        let values = AlignedBuffer<Float>(uninitialized: entryCount)
        withUnsafeView { view in
            for entry in view.values.indices { values.baseAddress[entry] = view.values[entry] == 0 ? 0 : 1 }
        }
        return replacingValues(with: values)
    }
}
