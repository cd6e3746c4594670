import Autoencoders

/// How good a finished model is on its training documents; what its kind does not have is nil, as is what is not
/// finite.
struct TrainingResults: Encodable {
    var loss: Double?
    var activeUnits: Double?
    var unexplained: Double?
    var deadUnits: Int?
    var perplexityCorpus: Double?
    var perplexityDocument: Double?
    var klNatsPerDocument: Double?
    /// For people.
    let lines: [String]

    private enum CodingKeys: String, CodingKey {
        case loss, activeUnits, unexplained, deadUnits, perplexityCorpus, perplexityDocument, klNatsPerDocument
    }

    init(_ report: FinalReport?, latentWidth: Int, objective: ReconstructionObjective) {
        loss = report?.loss ?? 0
        unexplained = report?.unexplained ?? 0
        activeUnits = report?.activeUnits ?? 0
        deadUnits = report?.deadUnits ?? 0
        let whole =
            objective == .squaredError
            ? "the documents' squared length" : "what independent features lose in nats a document"
        lines = [
            "unexplained  \(Format.fixed(report?.unexplained ?? 0, 4)) of \(whole)",
            "active       \(Format.fixed(report?.activeUnits ?? 0, 1)) of \(latentWidth) units a document, "
                + "\(report?.deadUnits ?? 0) dead",
        ]
    }

    init(_ report: BoundReport?, latentWidth: Int, likelihood: LikelihoodKind) {
        loss = report?.loss.ifFinite
        activeUnits = report.map { Double($0.activeUnits) }
        if likelihood.isPerToken {
            perplexityCorpus = report?.perplexityPerCorpus.ifFinite
            perplexityDocument = report?.perplexityPerDocument.ifFinite
        }
        klNatsPerDocument = report?.klDivergence.ifFinite
        lines =
            report.map { report in
                (likelihood.isPerToken
                    ? [
                        "perplexity   \(Format.figure(report.perplexityPerCorpus)) by corpus, "
                            + "\(Format.figure(report.perplexityPerDocument)) by document: upper bounds, "
                            + "on training documents"
                    ] : []) + [
                        "loss         \(Format.figure(report.loss)) nats a document, of them KL "
                            + "\(Format.figure(report.klDivergence))",
                        "active       \(report.activeUnits) of \(latentWidth) units",
                    ]
            } ?? []
    }
}

extension Double {
    /// nil for what JSON has no number for.
    var ifFinite: Double? { isFinite ? self : nil }
}
