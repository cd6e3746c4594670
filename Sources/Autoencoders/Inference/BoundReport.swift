/// An upper bound on −log p(x) of some documents.
public struct LossReport: Sendable {
    /// In nats per document.
    public let loss: Double
    /// In nats per token; 0 without tokens.
    public let lossPerToken: Double
    /// exp(ΣL/ΣN), L the loss and N the token count of a document.
    public let perplexityPerCorpus: Double
    /// exp(mean(L/N)) over non-empty documents.
    public let perplexityPerDocument: Double
    /// Of the figures as estimates for all documents like these; they also hold what drawing from the posterior adds.
    public let standardErrors: StandardErrors

    /// Standard errors over documents; those of perplexities by the delta method, exp(m)·s for a mean m with error s.
    public struct StandardErrors: Sendable {
        public let loss: Double
        public let perplexityPerCorpus: Double
        public let perplexityPerDocument: Double
    }
}

/// The evidence lower bound on the likelihood of some documents.
@dynamicMemberLookup
public struct BoundReport: Sendable {
    /// −ELBO.
    public let elbo: LossReport
    /// KL(q‖p) in nats per document.
    public let klDivergence: Double
    /// Units whose KL, that of their own marginal distribution, is at least .01 nats per document.
    public let activeUnits: Int
    /// The importance-weighted bound, if it was asked for.
    public package(set) var importanceWeighted: LossReport?

    init(_ elbo: LossReport, klDivergence: Double, activeUnits: Int) {
        self.elbo = elbo
        self.klDivergence = klDivergence
        self.activeUnits = activeUnits
    }

    public subscript(dynamicMember path: KeyPath<LossReport, Double>) -> Double { elbo[keyPath: path] }
}
