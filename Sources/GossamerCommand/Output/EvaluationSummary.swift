import Autoencoders
import Evaluation

/// What `evaluate` reports; what does not apply is nil, as is what is not finite.
struct EvaluationSummary: Encodable {
    let documents: Int
    var fvu: Double?
    var normalizedMse: Double?
    var l0Mean: Double?
    var deadFraction: Double?
    var perplexityCorpus: Double?
    var perplexityDocument: Double?
    var perplexityCorpusRefined: Double?
    var perplexityDocumentRefined: Double?
    var elboNatsPerToken: Double?
    var klNatsPerDocument: Double?
    var activeUnits: Int?
    var seconds = 0.0
    /// For people.
    private var lines: [String] = []

    private enum CodingKeys: String, CodingKey {
        case documents, fvu, normalizedMse, l0Mean, deadFraction, perplexityCorpus, perplexityDocument
        case perplexityCorpusRefined, perplexityDocumentRefined, elboNatsPerToken, klNatsPerDocument, activeUnits
        case seconds
    }

    init(_ report: ReconstructionReport, deadFraction: Double?) {
        documents = report.documents
        fvu = report.unexplainedVariance
        normalizedMse = report.normalizedError
        l0Mean = report.activeUnits
        self.deadFraction = deadFraction
        lines = [
            "fvu             \(Self.text(fvu)) of the variance is not explained",
            "normalized mse  \(Self.text(normalizedMse)) of the squared length",
            "active          \(Format.fixed(report.activeUnits, 1)) units a document",
        ]
        if let deadFraction {
            lines.append("dead            \(Format.fixed(100 * deadFraction, 1)) % of the units in training")
        }
    }

    init(
        documents: Int, _ plain: BoundReport, refined: BoundReport?, samples: Int, refinementSteps: Int?,
        latentWidth: Int
    ) {
        self.documents = documents
        perplexityCorpus = plain.perplexityPerCorpus.ifFinite
        perplexityDocument = plain.perplexityPerDocument.ifFinite
        perplexityCorpusRefined = refined?.perplexityPerCorpus.ifFinite
        perplexityDocumentRefined = refined?.perplexityPerDocument.ifFinite
        elboNatsPerToken = (-plain.lossPerToken).ifFinite
        klNatsPerDocument = plain.klDivergence.ifFinite
        activeUnits = plain.activeUnits
        let draws = samples == 1 ? "1 sample" : "\(samples) samples"
        lines = [
            "perplexity  \(Self.perplexities(plain)): upper bounds, \(draws), "
                + "the encoder's posterior, not refined"
        ]
        if let refined, let refinementSteps {
            lines.append(
                "refined     \(Self.perplexities(refined)): upper bounds, \(draws), "
                    + "each document's posterior refined by \(refinementSteps) steps")
        }
        lines.append("ELBO        \(Format.fixed(-plain.lossPerToken, 4)) nats a token")
        lines.append("KL          \(Format.fixed(plain.klDivergence, 2)) nats a document")
        lines.append("active      \(plain.activeUnits) of \(latentWidth) units")
    }

    var text: String {
        (lines + ["\(Format.count(documents)) documents in \(Format.duration(seconds))"]).joined(separator: "\n")
    }

    private static func text(_ share: Double?) -> String { share.map { Format.fixed($0, 4) } ?? "nothing" }

    private static func perplexities(_ report: BoundReport) -> String {
        "\(Format.fixed(report.perplexityPerCorpus, 1)) by corpus, "
            + "\(Format.fixed(report.perplexityPerDocument, 1)) by document"
    }
}
