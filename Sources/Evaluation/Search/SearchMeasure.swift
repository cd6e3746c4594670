import Autoencoders
import Corpora
import Gossamer

/// What a search compares models by, always on documents that they were not trained on.
package enum SearchMeasure: String, Sendable, Codable, CaseIterable {
    /// Σ‖x − x̂‖²/Σ‖x − m‖², m the mean of the held-out documents: the share of their variance that the
    /// reconstruction leaves unexplained. Of sparse autoencoders that minimise the squared error.
    case fvu
    /// How surprising a document is, in nats: of a variational autoencoder an upper bound on −log p(x), its negative
    /// ELBO with the encoder's posterior, a token if the likelihood is about words given the length, else a document;
    /// of a sparse autoencoder with a likelihood for its objective −log p(x|h) a document.
    case bound
    /// What a linear classifier on the codes gets right (`LinearProbe`): the share of documents, or of several labels a
    /// document micro-F1. It is fitted to the training documents' codes. Of any models, also of different weightings.
    case probe

    package var isHigherBetter: Bool { self == .probe }

    /// - Returns: nil if the result does not have it.
    package func score(of result: FoldResult) -> Double? {
        switch self {
        case .fvu: result.fvu
        case .bound: result.lossNatsPerToken ?? result.lossNatsPerDocument
        case .probe: result.probeScore
        }
    }

    /// What suits candidates when nobody has said: `fvu` for the squared error, `bound` for likelihoods.
    package static func suitable(for candidates: [SearchCandidate]) -> SearchMeasure {
        candidates.contains { $0.settings.architecture.namedLikelihood == nil } ? .fvu : .bound
    }

    /// - Parameter candidates: with resolved settings.
    /// - Throws: `SearchError` if the measure does not exist for a candidate or the corpus, or would compare what
    ///   cannot be compared.
    func check(_ candidates: [SearchCandidate], on corpus: Corpus) throws(SearchError) {
        if self == .probe {
            guard let labels = corpus.labels, ClassNames(labels).areClasses(of: corpus.rowCount) else {
                throw .noClasses
            }
            return
        }
        guard let first = candidates.first else { return }
        for other in candidates.dropFirst() {
            let (a, b) = (first.settings, other.settings)
            if !Self.isComparable(a.architecture.namedLikelihood, b.architecture.namedLikelihood) || a.kind != b.kind {
                throw .incomparable(self, first, other, because: "described by different kinds of distributions")
            }
            if a.inputSpace != b.inputSpace {
                throw .incomparable(self, first, other, because: "weighted or normalised differently")
            }
        }
        for candidate in candidates {
            if self == .fvu, let likelihood = candidate.settings.architecture.namedLikelihood {
                throw .notMeasured(self, candidate, likelihood: likelihood)
            }
            if self == .bound, candidate.settings.architecture.namedLikelihood == nil {
                throw .notMeasured(self, candidate, likelihood: nil)
            }
        }
    }

    /// Multinomial and topic-mixture both are distributions over the words of a document whose length is given.
    private static func isComparable(_ a: LikelihoodKind?, _ b: LikelihoodKind?) -> Bool {
        a == b || a?.isPerToken == true && b?.isPerToken == true
    }
}

/// Why a search cannot be done as asked.
package enum SearchError: Error, CustomStringConvertible {
    case notMeasured(SearchMeasure, SearchCandidate, likelihood: LikelihoodKind?)
    case incomparable(SearchMeasure, SearchCandidate, SearchCandidate, because: String)
    case noClasses
    case tooFewDocuments(Int, folds: Int)

    package var description: String {
        switch self {
        case .notMeasured(_, let candidate, let likelihood?):
            "\(candidate.name): found the likelihood \(likelihood.rawValue), which has no squared error; compare by "
                + "\(SearchMeasure.bound.rawValue)"
        case .notMeasured(_, let candidate, nil):
            "\(candidate.name): found the squared error, which bounds no likelihood; compare by "
                + "\(SearchMeasure.fvu.rawValue)"
        case .incomparable(let measure, let first, let second, let reason):
            "\(measure.rawValue) cannot compare \(first.name) with \(second.name): their documents are \(reason), so "
                + "the numbers mean different things; compare them by \(SearchMeasure.probe.rawValue), or search each "
                + "alone"
        case .noClasses:
            "found no labels that tell classes; expected at least two, and three documents to each on average, for "
                + "comparing by \(SearchMeasure.probe.rawValue)"
        case .tooFewDocuments(let documents, let folds):
            "found \(documents) documents; expected at least \(folds), one for each of \(folds) folds"
        }
    }
}
