import Autoencoders
import Evaluation

/// The measures of a finished model on its training documents; values that do not apply to the kind of model or are not
/// finite are nil.
struct TrainingResults: Encodable {
    var loss: Double?
    var activeUnits: Double?
    var unexplained: Double?
    var deadUnits: Int?
    var perplexityCorpus: Double?
    var perplexityDocument: Double?
    var klNatsPerDocument: Double?
    /// The human-readable report.
    private(set) var lines: [String]

    private enum CodingKeys: String, CodingKey {
        case loss, activeUnits, unexplained, deadUnits, perplexityCorpus, perplexityDocument, klNatsPerDocument
    }

    /// - Parameters:
    ///   - figures: nil if training reported none.
    ///   - whole: what the unexplained fraction refers to, for the report.
    ///   - isPerToken: whether the model has a perplexity.
    init(_ figures: TrainingFigures?, latentWidth: Int, whole: String = "", isPerToken: Bool) {
        switch figures {
        case .reconstruction(let figures): self.init(figures, latentWidth: latentWidth, whole: whole)
        case .bound(let report): self.init(report, latentWidth: latentWidth, isPerToken: isPerToken)
        case nil: self.init(lines: [])
        }
    }

    private init(lines: [String]) { self.lines = lines }

    /// Says how to get codes with fewer active units, where more than a quarter are active.
    mutating func adviseSparsity(latentWidth: Int) {
        guard let activeUnits, 4 * activeUnits > Double(latentWidth) else { return }
        lines.append("             to have a quarter active at most: --preset sparse")
    }

    private init(_ figures: ReconstructionFigures, latentWidth: Int, whole: String) {
        loss = figures.loss
        unexplained = figures.unexplained
        activeUnits = figures.activeUnits
        deadUnits = figures.deadUnits
        lines = [
            "unexplained  \(Format.fixed(figures.unexplained, 4)) of \(whole)",
            "active       \(Format.fixed(figures.activeUnits, 1)) of \(latentWidth) units a document, "
                + "\(figures.deadUnits) dead",
        ]
    }

    private init(_ report: BoundReport, latentWidth: Int, isPerToken: Bool) {
        loss = report.loss.ifFinite
        activeUnits = Double(report.activeUnits)
        if isPerToken {
            perplexityCorpus = report.perplexityPerCorpus.ifFinite
            perplexityDocument = report.perplexityPerDocument.ifFinite
        }
        klNatsPerDocument = report.klDivergence.ifFinite
        let perplexity =
            "perplexity   \(Format.figure(report.perplexityPerCorpus)) by corpus, "
            + "\(Format.figure(report.perplexityPerDocument)) by document: upper bounds, on training documents"
        lines =
            (isPerToken ? [perplexity] : []) + [
                "loss         \(Format.figure(report.loss)) nats a document, of them KL "
                    + "\(Format.figure(report.klDivergence))",
                "active       \(report.activeUnits) of \(latentWidth) units",
            ]
    }
}
