import Autoencoders
import Evaluation

/// The report of `evaluate`; values that do not apply or are not finite are left out.
struct EvaluationSummary {
    /// The report as JSON.
    private(set) var fields: JSONFields
    /// The human-readable report.
    private var lines: [String] = []
    /// The number of documents that the measures are averaged over.
    private let documents: Int
    var seconds = 0.0 { didSet { fields.add("seconds", seconds) } }

    init(_ report: ReconstructionReport, deadFraction: Double?) {
        documents = report.documents
        fields = ["documents": report.documents, "l0_mean": report.activeUnits]
        add("fvu", report.unexplainedVariance)
        add("normalized_mse", report.normalizedError)
        add("dead_fraction", deadFraction)
        add("loss_nats_per_document", report.lossPerDocument)
        fields.add("unit_frequency_bands", report.unitFrequencies.counts)
        if let loss = report.lossPerDocument {
            lines = ["loss            \(Format.figure(loss)) nats a document"]
        } else {
            lines = [
                "fvu             \(Self.text(report.unexplainedVariance)) of the variance is not explained",
                "normalized mse  \(Self.text(report.normalizedError)) of the squared length",
            ]
        }
        lines.append("active          \(Format.fixed(report.activeUnits, 1)) units a document")
        let bands = zip(report.unitFrequencies.counts, UnitFrequencies.names).map { "\(Format.count($0)) on \($1)" }
        lines.append("frequency       units: \(bands.joined(separator: ", ")) of the documents")
        if let deadFraction {
            lines.append("dead            \(Format.fixed(100 * deadFraction, 1)) % of the units in training")
        }
    }

    /// A measure and its standard error; nil if it does not apply.
    private typealias Figure = (Double?, Double?)

    /// Adds a measure and its standard error to the JSON, unless they are nil or not finite.
    private mutating func add(_ name: String, _ figure: Double?, _ standardError: Double? = nil) {
        fields.add(name, figure?.ifFinite)
        fields.add(name + "_standard_error", standardError?.ifFinite)
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
        fields = ["documents": documents, "active_units": plain.activeUnits]
        let importance = (refined ?? plain).importanceWeighted
        add("kl_nats_per_document", plain.klDivergence)
        fields.add("refinement_steps", refined.map { _ in draws.refinementSteps })
        fields.add("importance_samples", draws.importance)
        let isPerToken = model.likelihood.isPerToken
        add(plain.elbo, "", isPerToken: isPerToken)
        add(refined?.elbo, "_refined", isPerToken: isPerToken)
        add(importance, "_importance", isPerToken: isPerToken)
        if isPerToken { add("elbo_nats_per_token", -plain.lossPerToken) }
        lines = Self.lines(plain, refined: refined, draws, isPerToken: isPerToken)
        if isPerToken, plain.lossPerToken.isFinite {
            lines.append("ELBO        \(Format.figure(-plain.lossPerToken)) nats a token")
        }
        lines.append("KL          \(Format.figure(plain.klDivergence)) nats a document")
        lines.append("active      \(plain.activeUnits) of \(model.latentWidth) units")
        if empty > 0 {
            lines.append("left out    \(Format.count(empty)) documents without a word that the model knows")
        }
    }

    /// - Parameters:
    ///   - report: nil if the bound was not computed.
    ///   - suffix: appended to the names of its measures.
    private mutating func add(_ report: LossReport?, _ suffix: String, isPerToken: Bool) {
        guard let report else { return }
        let errors = report.standardErrors
        add("loss_nats_per_document" + suffix, report.loss, errors.loss)
        if isPerToken {
            add("perplexity_corpus" + suffix, report.perplexityPerCorpus, errors.perplexityPerCorpus)
            add("perplexity_document" + suffix, report.perplexityPerDocument, errors.perplexityPerDocument)
        }
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
                : "\(text((report.loss, report.standardErrors.loss))) nats a document: an upper bound"
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
                add("probe_micro_f1", probe.score)
            } else {
                add("probe_accuracy", probe.score, probe.standardError)
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
            add("retrieval_precision_at_10", precision)
            lines.append("retrieval       \(Self.text(precision)) of the 10 nearest training documents have the label")
        }
    }

    /// - Parameter report: nil if the test documents have no labels that name classes.
    mutating func add(_ report: ClusterReport?) {
        guard let report else { return }
        add("purity", report.purity)
        add("nmi", report.nmi)
        add("purity_unit", report.unitPurity)
        add("nmi_unit", report.unitNMI)
        let means = "\(Self.text(report.purity)) purity, \(Self.text(report.nmi)) NMI"
        let units = "\(Self.text(report.unitPurity)) purity, \(Self.text(report.unitNMI)) NMI"
        lines.append("clusters        \(means): k-means of the codes, as many clusters as labels (\(report.classes))")
        lines.append("unit clusters   \(units): each document with its strongest unit")
    }

    /// - Parameter cosines: of the units with a decoder column that is not zero; empty if there are fewer than two.
    mutating func add(largestDecoderCosines cosines: [Double]) {
        guard let largest = cosines.max(), cosines.mean.isFinite else { return }
        add("largest_decoder_cosine_mean", cosines.mean)
        add("largest_decoder_cosine_maximum", largest)
        lines.append(
            "decoder cosine  \(Self.text(cosines.mean)) on average, \(Self.text(largest)) at most: of a unit with the most similar one"
        )
    }

    /// The names of the measures of a set of word lists: a prefix and a suffix in JSON, and the labels of the lines.
    struct WordLabels {
        fileprivate let prefix: String
        fileprivate let suffix: String
        fileprivate let lines: (npmi: String, cV: String, diversity: String)

        /// The words of largest decoder weight of each unit.
        static let decoder = WordLabels(prefix: "", suffix: "", lines: ("npmi", "c_v", "diversity"))
        /// The words that distinguish the documents of each unit.
        static let lift = WordLabels(prefix: "", suffix: "_by_lift", lines: ("npmi by lift", "c_v by lift", "distinct"))
        /// Word lists read from a file.
        static let lists = WordLabels(
            prefix: "word_lists_", suffix: "", lines: ("lists: npmi", "lists: c_v", "lists: distinct"))
    }

    mutating func add(_ coherence: TopicCoherence, _ labels: WordLabels) {
        func add(_ name: String, _ figure: Double?, _ standardError: Double? = nil) {
            self.add(labels.prefix + name + labels.suffix, figure, standardError)
        }
        func text(_ measure: ListMeasure) -> String { Self.text((measure.mean, measure.standardError)) }
        fields.add("coherence_window", "document")
        add("npmi", coherence.npmi, coherence.npmiStandardError)
        add("coherence_c_v", coherence.cV.mean, coherence.cV.standardError)
        add("coherence_c_uci", coherence.cUCI.mean, coherence.cUCI.standardError)
        add("coherence_u_mass", coherence.uMass.mean, coherence.uMass.standardError)
        add("topic_diversity", coherence.diversity)
        add("inverted_rbo", coherence.invertedRBO)
        func line(_ name: String, _ text: String) { lines.append(name.padded(to: 16) + text) }
        let npmi = Self.text((coherence.npmi, coherence.npmiStandardError))
        line(labels.lines.npmi, "\(npmi) between the 10 strongest words of a list")
        if coherence.cV.mean != nil {
            let others = "c_uci \(text(coherence.cUCI)), u_mass \(text(coherence.uMass))"
            line(labels.lines.cV, "\(text(coherence.cV)), \(others): every document is one window")
        }
        let overlap = coherence.invertedRBO.map { ", inverted RBO \(Self.text($0))" } ?? ""
        let diversity = Self.text(coherence.diversity)
        line(labels.lines.diversity, "\(diversity) of the 25 strongest words are distinct\(overlap)")
    }

    var text: String {
        (lines + ["\(Format.count(documents)) documents in \(Format.duration(seconds))"]).joined(separator: "\n")
    }

    /// Printed in place of a measure that is undefined, such as without documents, variance or word pairs.
    private static let undefined = "undefined (too little data):"

    private static func text(_ share: Double?) -> String { share.map { Format.fixed($0, 4) } ?? undefined }

    private static func perplexities(_ report: LossReport) -> String {
        let errors = report.standardErrors
        return "\(text((report.perplexityPerCorpus, errors.perplexityPerCorpus))) by corpus, "
            + "\(text((report.perplexityPerDocument, errors.perplexityPerDocument))) by document"
    }

    /// The text of a measure ± its standard error.
    private static func text(_ figure: Figure) -> String {
        guard let value = figure.0?.ifFinite else { return undefined }
        return Format.figure(value)
            + (figure.1?.ifFinite.map { " ± \(Format.fixed($0, Format.decimals(of: value)))" } ?? "")
    }
}
