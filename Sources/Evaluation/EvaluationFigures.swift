import Autoencoders

/// A measure by the name that it has in reports.
public struct EvaluationFigure: Sendable, Equatable {
    public let name: String
    public let value: Double
    /// nil where there is none.
    public let standardError: Double?
}

extension ModelEvaluation {
    /// All measures that are numbers and finite, with the names that the article on evaluation explains.
    public var figures: [EvaluationFigure] {
        var figures = FigureList()
        switch fit {
        case .reconstruction(let report, let dead): figures.add(report, deadFraction: dead)
        case .bound(let bound): figures.add(bound)
        }
        if !largestDecoderCosines.isEmpty {
            figures.add("largest_decoder_cosine_mean", largestDecoderCosines.mean)
            figures.add("largest_decoder_cosine_maximum", largestDecoderCosines.max())
        }
        figures.add(coherence)
        figures.add(coherenceByLift, suffix: "_by_lift")
        figures.add("purity", clusters?.purity)
        figures.add("nmi", clusters?.nmi)
        figures.add("purity_unit", clusters?.unitPurity)
        figures.add("nmi_unit", clusters?.unitNMI)
        if let probe = codes?.probe {
            let error = probe.isMultilabel ? nil : probe.standardError
            figures.add(probe.isMultilabel ? "probe_micro_f1" : "probe_accuracy", probe.score, error)
        }
        figures.add("retrieval_precision_at_10", codes?.retrievalPrecision)
        return figures.figures
    }
}

extension TopicCoherence {
    /// The measures by their names.
    ///
    /// - Parameter prefix: what tells them from those of other lists, in front of their names.
    package func figures(prefix: String) -> [EvaluationFigure] {
        var figures = FigureList()
        figures.add(self, prefix: prefix)
        return figures.figures
    }
}

/// Collects measures; those that are nil or not finite are left out.
private struct FigureList {
    private(set) var figures: [EvaluationFigure] = []

    mutating func add(_ name: String, _ value: Double?, _ standardError: Double? = nil) {
        guard let value = value?.ifFinite else { return }
        figures.append(EvaluationFigure(name: name, value: value, standardError: standardError?.ifFinite))
    }

    mutating func add(_ report: ReconstructionReport, deadFraction: Double?) {
        add("documents", Double(report.documents))
        add("l0_mean", report.activeUnits)
        add("fvu", report.unexplainedVariance)
        add("normalized_mse", report.normalizedError)
        add("dead_fraction", deadFraction)
        add("loss_nats_per_document", report.lossPerDocument)
    }

    mutating func add(_ bound: BoundEvaluation) {
        add("documents", Double(bound.documents))
        add("active_units", Double(bound.plain.activeUnits))
        add("kl_nats_per_document", bound.plain.klDivergence)
        add(bound.plain.elbo, suffix: "", isPerToken: bound.isPerToken)
        add(bound.refined?.elbo, suffix: "_refined", isPerToken: bound.isPerToken)
        add(bound.importanceWeighted, suffix: "_importance", isPerToken: bound.isPerToken)
        if bound.isPerToken { add("elbo_nats_per_token", -bound.plain.lossPerToken) }
    }

    private mutating func add(_ report: LossReport?, suffix: String, isPerToken: Bool) {
        guard let report else { return }
        let errors = report.standardErrors
        add("loss_nats_per_document" + suffix, report.loss, errors.loss)
        guard isPerToken else { return }
        add("perplexity_corpus" + suffix, report.perplexityPerCorpus, errors.perplexityPerCorpus)
        add("perplexity_document" + suffix, report.perplexityPerDocument, errors.perplexityPerDocument)
    }

    mutating func add(_ coherence: TopicCoherence?, prefix: String = "", suffix: String = "") {
        guard let coherence else { return }
        func name(_ name: String) -> String { prefix + name + suffix }
        add(name("npmi"), coherence.npmi, coherence.npmiStandardError)
        add(name("coherence_c_v"), coherence.cV.mean, coherence.cV.standardError)
        add(name("coherence_c_uci"), coherence.cUCI.mean, coherence.cUCI.standardError)
        add(name("coherence_u_mass"), coherence.uMass.mean, coherence.uMass.standardError)
        add(name("topic_diversity"), coherence.diversity)
        add(name("inverted_rbo"), coherence.invertedRBO)
    }
}
