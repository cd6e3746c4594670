import Autoencoders
import Evaluation

/// The lines of an evaluation, for people.
struct EvaluationLines {
    private var lines: [String] = []

    var text: String { lines.joined(separator: "\n") }

    mutating func add(_ line: String) { lines.append(line) }

    mutating func add(_ report: ReconstructionReport, deadFraction: Double?) {
        if let loss = report.lossPerDocument {
            add("loss            \(Format.figure(loss)) nats a document")
        } else {
            add("fvu             \(Self.text(report.unexplainedVariance)) of the variance is not explained")
            add("normalized mse  \(Self.text(report.normalizedError)) of the squared length")
        }
        add("active          \(Format.fixed(report.activeUnits, 1)) units a document")
        let bands = zip(report.unitFrequencies.counts, UnitFrequencies.names).map { "\(Format.count($0)) on \($1)" }
        add("frequency       units: \(bands.joined(separator: ", ")) of the documents")
        if let deadFraction {
            add("dead            \(Format.fixed(100 * deadFraction, 1)) % of the units in training")
        }
    }

    mutating func add(_ bound: BoundEvaluation, _ settings: EvaluationSettings) {
        let (isPerToken, plain) = (bound.isPerToken, bound.plain)
        func add(_ name: String, _ report: LossReport?, samples: Int, _ posterior: String) {
            guard let report else { return }
            let samples = samples == 1 ? "1 sample" : "\(samples) samples"
            let measured =
                isPerToken
                ? "\(Self.perplexities(report)): upper bounds"
                : "\(Self.text((report.loss, report.standardErrors.loss))) nats a document: an upper bound"
            lines.append("\(name.padded(to: 12))\(measured), \(samples), \(posterior)")
        }
        add(
            isPerToken ? "perplexity" : "loss", plain.elbo, samples: settings.samples,
            "the encoder's posterior, not refined")
        add(
            "refined", bound.refined?.elbo, samples: settings.samples,
            "each document's posterior, with covariances, refined by \(settings.refinementSteps) steps")
        add(
            "importance", bound.importanceWeighted, samples: settings.importanceSamples,
            "weighted, from \(bound.refined == nil ? "the encoder's" : "the refined") posterior")
        if isPerToken { lines.append("ELBO        \(Format.figure(-plain.lossPerToken)) nats a token") }
        lines.append("KL          \(Format.figure(plain.klDivergence)) nats a document")
        lines.append("active      \(plain.activeUnits) of \(bound.latentWidth) units")
        if bound.emptyDocuments > 0 {
            lines.append(
                "left out    \(Format.count(bound.emptyDocuments)) documents without a word that the model knows")
        }
    }

    mutating func add(_ report: CodeReport) {
        if let probe = report.probe {
            let note = probe.isConverged ? "" : ", not converged"
            let (name, what) =
                probe.isMultilabel
                ? ("probe F1", "of labels (micro-F1)") : ("probe", "of documents classified rightly")
            add(
                "\(name.padded(to: 16))\(Self.text((probe.score, probe.standardError))) \(what): logistic regression, C "
                    + "\(probe.strength) by cross-validation (\(Self.text(probe.validationScore)))\(note)")
        }
        if let precision = report.retrievalPrecision {
            add("retrieval       \(Self.text(precision)) of the 10 nearest training documents have the label")
        }
    }

    mutating func add(_ report: ClusterReport) {
        let means = "\(Self.text(report.purity)) purity, \(Self.text(report.nmi)) NMI"
        let units = "\(Self.text(report.unitPurity)) purity, \(Self.text(report.unitNMI)) NMI"
        add("clusters        \(means): k-means of the codes, as many clusters as labels (\(report.classes))")
        add("unit clusters   \(units): each document with its strongest unit")
    }

    /// - Parameter cosines: of the units with a decoder column that is not zero; empty if there are fewer than two.
    mutating func add(largestDecoderCosines cosines: [Double]) {
        guard let largest = cosines.max(), cosines.mean.isFinite else { return }
        add(
            "decoder cosine  \(Self.text(cosines.mean)) on average, \(Self.text(largest)) at most: of a unit with the most "
                + "similar one")
    }

    /// What the lines of a set of word lists begin with.
    struct WordLabels {
        fileprivate let npmi: String
        fileprivate let cV: String
        fileprivate let diversity: String

        /// The words of largest decoder weight of each unit.
        static let decoder = WordLabels(npmi: "npmi", cV: "c_v", diversity: "diversity")
        /// The words that distinguish the documents of each unit.
        static let lift = WordLabels(npmi: "npmi by lift", cV: "c_v by lift", diversity: "distinct")
        /// Word lists read from a file.
        static let lists = WordLabels(npmi: "lists: npmi", cV: "lists: c_v", diversity: "lists: distinct")
    }

    mutating func add(_ coherence: TopicCoherence, _ labels: WordLabels) {
        func text(_ measure: ListMeasure) -> String { Self.text((measure.mean, measure.standardError)) }
        func line(_ name: String, _ text: String) { lines.append(name.padded(to: 16) + text) }
        let npmi = Self.text((coherence.npmi, coherence.npmiStandardError))
        line(labels.npmi, "\(npmi) between the 10 strongest words of a list")
        if coherence.cV.mean != nil {
            let others = "c_uci \(text(coherence.cUCI)), u_mass \(text(coherence.uMass))"
            line(labels.cV, "\(text(coherence.cV)), \(others): every document is one window")
        }
        let overlap = coherence.invertedRBO.map { ", inverted RBO \(Self.text($0))" } ?? ""
        let diversity = Self.text(coherence.diversity)
        line(labels.diversity, "\(diversity) of the 25 strongest words are distinct\(overlap)")
    }

    /// A measure and its standard error; nil if it does not apply.
    private typealias Figure = (Double?, Double?)

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
