import Autoencoders
import Evaluation

/// The report of `evaluate`; values that do not apply or are not finite are nil.
struct EvaluationSummary: Encodable {
    /// The number of documents that the measures are averaged over.
    let documents: Int
    var fvu: Double?
    var normalizedMse: Double?
    var l0Mean: Double?
    var deadFraction: Double?
    var lossNatsPerDocument: Double?
    var lossNatsPerDocumentStandardError: Double?
    var lossNatsPerDocumentRefined: Double?
    var lossNatsPerDocumentRefinedStandardError: Double?
    var perplexityCorpus: Double?
    var perplexityCorpusStandardError: Double?
    var perplexityDocument: Double?
    var perplexityDocumentStandardError: Double?
    var perplexityCorpusRefined: Double?
    var perplexityCorpusRefinedStandardError: Double?
    var perplexityDocumentRefined: Double?
    var perplexityDocumentRefinedStandardError: Double?
    var refinementSteps: Int?
    var lossNatsPerDocumentImportance: Double?
    var lossNatsPerDocumentImportanceStandardError: Double?
    var perplexityCorpusImportance: Double?
    var perplexityCorpusImportanceStandardError: Double?
    var perplexityDocumentImportance: Double?
    var perplexityDocumentImportanceStandardError: Double?
    var importanceSamples: Int?
    var elboNatsPerToken: Double?
    var klNatsPerDocument: Double?
    var activeUnits: Int?
    var probeAccuracy: Double?
    var probeAccuracyStandardError: Double?
    var probeMicroF1: Double?
    var retrievalPrecisionAt10: Double?
    var npmi: Double?
    var npmiStandardError: Double?
    var topicDiversity: Double?
    var npmiByLift: Double?
    var npmiByLiftStandardError: Double?
    var topicDiversityByLift: Double?
    var wordListsNpmi: Double?
    var wordListsNpmiStandardError: Double?
    var wordListsTopicDiversity: Double?
    var seconds = 0.0
    /// The human-readable report.
    private var lines: [String] = []

    private enum CodingKeys: String, CodingKey {
        case documents, fvu, normalizedMse, l0Mean, deadFraction
        case lossNatsPerDocument, lossNatsPerDocumentRefined, perplexityCorpus, perplexityDocument
        case perplexityCorpusRefined, perplexityDocumentRefined, refinementSteps
        case lossNatsPerDocumentImportance, perplexityCorpusImportance, perplexityDocumentImportance
        case lossNatsPerDocumentStandardError, lossNatsPerDocumentRefinedStandardError
        case perplexityCorpusStandardError, perplexityDocumentStandardError
        case perplexityCorpusRefinedStandardError, perplexityDocumentRefinedStandardError
        case lossNatsPerDocumentImportanceStandardError, perplexityCorpusImportanceStandardError
        case perplexityDocumentImportanceStandardError, probeAccuracyStandardError
        case npmiStandardError, npmiByLiftStandardError, wordListsNpmiStandardError
        case importanceSamples, elboNatsPerToken, klNatsPerDocument, activeUnits
        case probeAccuracy
        // The key encoding strategy would not separate the digit from the word before it.
        case probeMicroF1 = "probe_micro_f1"
        case retrievalPrecisionAt10 = "retrieval_precision_at_10"
        case npmi, topicDiversity, npmiByLift, topicDiversityByLift, wordListsNpmi, wordListsTopicDiversity, seconds
    }

    init(_ report: ReconstructionReport, deadFraction: Double?) {
        documents = report.documents
        fvu = report.unexplainedVariance
        normalizedMse = report.normalizedError
        l0Mean = report.activeUnits
        self.deadFraction = deadFraction
        lossNatsPerDocument = report.lossPerDocument?.ifFinite
        if let loss = report.lossPerDocument {
            lines = ["loss            \(Format.figure(loss)) nats a document"]
        } else {
            lines = [
                "fvu             \(Self.text(fvu)) of the variance is not explained",
                "normalized mse  \(Self.text(normalizedMse)) of the squared length",
            ]
        }
        lines.append("active          \(Format.fixed(report.activeUnits, 1)) units a document")
        if let deadFraction {
            lines.append("dead            \(Format.fixed(100 * deadFraction, 1)) % of the units in training")
        }
    }

    /// The numbers of samples and steps that the bounds are computed with.
    struct Draws {
        let samples: Int
        let refinementSteps: Int
        let importance: Int?
    }

    /// - Parameters:
    ///   - documents: the number of documents measured.
    ///   - empty: the number of documents left out because they are empty.
    ///   - refined: nil if no refinement was requested; otherwise the importance-weighted bound is that of the refined
    ///     posterior.
    init(
        documents: Int, empty: Int, _ plain: BoundReport, refined: BoundReport?, draws: Draws,
        of model: VariationalAutoencoder
    ) {
        self.documents = documents
        let importance = (refined ?? plain).importanceWeighted
        (lossNatsPerDocument, lossNatsPerDocumentStandardError) = Self.loss(plain.elbo)
        (lossNatsPerDocumentRefined, lossNatsPerDocumentRefinedStandardError) = Self.loss(refined?.elbo)
        (lossNatsPerDocumentImportance, lossNatsPerDocumentImportanceStandardError) = Self.loss(importance)
        klNatsPerDocument = plain.klDivergence.ifFinite
        activeUnits = plain.activeUnits
        refinementSteps = refined == nil ? nil : draws.refinementSteps
        importanceSamples = draws.importance
        if model.likelihood.isPerToken {
            (perplexityCorpus, perplexityCorpusStandardError) = Self.byCorpus(plain.elbo)
            (perplexityDocument, perplexityDocumentStandardError) = Self.byDocument(plain.elbo)
            (perplexityCorpusRefined, perplexityCorpusRefinedStandardError) = Self.byCorpus(refined?.elbo)
            (perplexityDocumentRefined, perplexityDocumentRefinedStandardError) = Self.byDocument(refined?.elbo)
            (perplexityCorpusImportance, perplexityCorpusImportanceStandardError) = Self.byCorpus(importance)
            (perplexityDocumentImportance, perplexityDocumentImportanceStandardError) = Self.byDocument(importance)
            elboNatsPerToken = (-plain.lossPerToken).ifFinite
        }
        lines = Self.lines(plain, refined: refined, draws, isPerToken: model.likelihood.isPerToken)
        if let elboNatsPerToken { lines.append("ELBO        \(Format.figure(elboNatsPerToken)) nats a token") }
        lines.append("KL          \(Format.figure(plain.klDivergence)) nats a document")
        lines.append("active      \(plain.activeUnits) of \(model.latentWidth) units")
        if empty > 0 {
            lines.append("left out    \(Format.count(empty)) documents without a word that the model knows")
        }
    }

    /// A measure and its standard error; nil if it does not apply or is not finite.
    private typealias Figure = (Double?, Double?)

    private static func loss(_ report: LossReport?) -> Figure {
        (report?.loss.ifFinite, report?.standardErrors.loss.ifFinite)
    }

    private static func byCorpus(_ report: LossReport?) -> Figure {
        (report?.perplexityPerCorpus.ifFinite, report?.standardErrors.perplexityPerCorpus.ifFinite)
    }

    private static func byDocument(_ report: LossReport?) -> Figure {
        (report?.perplexityPerDocument.ifFinite, report?.standardErrors.perplexityPerDocument.ifFinite)
    }

    /// One line for each bound.
    private static func lines(
        _ plain: BoundReport, refined: BoundReport?, _ draws: Draws, isPerToken: Bool
    ) -> [String] {
        func line(_ name: String, _ report: LossReport, samples: Int, _ posterior: String) -> String {
            let samples = samples == 1 ? "1 sample" : "\(samples) samples"
            let measured =
                isPerToken
                ? "\(perplexities(report)): upper bounds"
                : "\(text(loss(report))) nats a document: an upper bound"
            return "\(name.padded(to: 12))\(measured), \(samples), \(posterior)"
        }
        var lines = [
            line(
                isPerToken ? "perplexity" : "loss", plain.elbo, samples: draws.samples,
                "the encoder's posterior, not refined")
        ]
        if let refined {
            lines.append(
                line(
                    "refined", refined.elbo, samples: draws.samples,
                    "each document's posterior, with covariances, refined by \(draws.refinementSteps) steps"))
        }
        if let importance = (refined ?? plain).importanceWeighted, let samples = draws.importance {
            lines.append(
                line(
                    "importance", importance, samples: samples,
                    "weighted, from \(refined == nil ? "the encoder's" : "the refined") posterior"))
        }
        return lines
    }

    /// - Parameter report: nil if the documents have no labels that name classes.
    mutating func add(_ report: CodeReport?) {
        if let probe = report?.probe {
            if probe.isMultilabel {
                probeMicroF1 = probe.score
            } else {
                (probeAccuracy, probeAccuracyStandardError) = (probe.score, probe.standardError)
            }
            let note = probe.isConverged ? "" : ", not converged"
            let (name, what) =
                probe.isMultilabel
                ? ("probe F1", "of labels (micro-F1)") : ("probe", "of documents classified rightly")
            lines.append(
                "\(name.padded(to: 16))\(Self.text((probe.score, probe.standardError))) \(what): logistic regression, C \(probe.strength) by "
                    + "cross-validation (\(Self.text(probe.validationScore)))\(note)")
        }
        if let precision = report?.retrievalPrecision {
            retrievalPrecisionAt10 = precision
            lines.append("retrieval       \(Self.text(precision)) of the 10 nearest training documents have the label")
        }
    }

    mutating func add(_ coherence: TopicCoherence) {
        npmiStandardError = coherence.npmiStandardError
        (npmi, topicDiversity) = (coherence.npmi, coherence.diversity)
        lines += Self.lines(coherence, "npmi", "diversity")
    }

    mutating func addByLift(_ coherence: TopicCoherence) {
        npmiByLiftStandardError = coherence.npmiStandardError
        (npmiByLift, topicDiversityByLift) = (coherence.npmi, coherence.diversity)
        lines += Self.lines(coherence, "npmi by lift", "distinct")
    }

    mutating func addWordLists(_ coherence: TopicCoherence) {
        wordListsNpmiStandardError = coherence.npmiStandardError
        (wordListsNpmi, wordListsTopicDiversity) = (coherence.npmi, coherence.diversity)
        lines += Self.lines(coherence, "lists: npmi", "lists: distinct")
    }

    private static func lines(_ coherence: TopicCoherence, _ npmi: String, _ diversity: String) -> [String] {
        [
            "\(npmi.padded(to: 16))\(text((coherence.npmi, coherence.npmiStandardError))) between the 10 strongest words of a list",
            "\(diversity.padded(to: 16))\(text(coherence.diversity)) of the 25 strongest words are distinct",
        ]
    }

    var text: String {
        (lines + ["\(Format.count(documents)) documents in \(Format.duration(seconds))"]).joined(separator: "\n")
    }

    /// Printed in place of a measure that is undefined, such as without documents, variance or word pairs.
    private static let undefined = "undefined (too little data):"

    private static func text(_ share: Double?) -> String { share.map { Format.fixed($0, 4) } ?? undefined }

    private static func perplexities(_ report: LossReport) -> String {
        "\(text(byCorpus(report))) by corpus, \(text(byDocument(report))) by document"
    }

    /// The text of a measure ± its standard error.
    private static func text(_ figure: Figure) -> String {
        guard let value = figure.0 else { return undefined }
        return Format.figure(value) + (figure.1.map { " ± \(Format.fixed($0, Format.decimals(of: value)))" } ?? "")
    }
}
