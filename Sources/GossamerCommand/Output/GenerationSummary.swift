import Autoencoders
import Evaluation
import Gossamer

/// What `generate` reports; what does not apply is nil, as is what is not finite.
struct GenerationSummary: Encodable {
    /// How documents look from outside, and what the model makes of them.
    struct Documents: Encodable {
        struct Spread: Encodable {
            let mean: Double
            let median: Double
        }

        let documents: Int
        let entriesPerRow: Spread
        /// The share of the model's features that occur.
        let usedFeatures: Double
        /// Of the first `measuredDocuments`.
        var perplexityCorpus: Double?
        var perplexityDocument: Double?
        var lossNatsPerDocument: Double?
        var fvu: Double?

        init(_ profile: DocumentProfile, _ fit: ModelFit?, featureCount: Int) {
            documents = profile.entryCounts.count
            entriesPerRow = Spread(mean: profile.meanEntries, median: profile.medianEntries)
            usedFeatures = Double(profile.usedFeatures.count) / Double(max(1, featureCount))
            perplexityCorpus = fit?.perplexityPerCorpus?.ifFinite
            perplexityDocument = fit?.perplexityPerDocument?.ifFinite
            lossNatsPerDocument = fit?.lossPerDocument?.ifFinite
            fvu = fit?.unexplainedVariance
        }
    }

    /// How the model's judgement came about.
    struct Measurement {
        let documents: Int
        /// Of a bound.
        let settings: VariationalAutoencoder.BoundSettings?
    }

    let out: String
    /// `prior`, `codes`, `near` or `interpolate`.
    let source: String
    let documents: Int
    let entriesPerRow: Documents.Spread
    let usedFeatures: Double
    let perplexityCorpus: Double?
    let perplexityDocument: Double?
    let lossNatsPerDocument: Double?
    let fvu: Double?
    let measuredDocuments: Int
    let samples: Int?
    let refinementSteps: Int?
    /// The documents that these are held against: those of the file given, or those that the model was trained on.
    let comparedWith: String?
    let compared: Documents?
    /// Kolmogorov and Smirnov's distance between the entries a row of both.
    let ksEntriesPerRow: Double?
    /// Of the features used in either, those used in both.
    let sharedFeatures: Double?
    var seconds = 0.0

    init(
        out: String, source: String, _ generated: Documents, _ measurement: Measurement,
        compared: (name: String, Documents, DocumentComparison)?
    ) {
        self.out = out
        self.source = source
        documents = generated.documents
        entriesPerRow = generated.entriesPerRow
        usedFeatures = generated.usedFeatures
        perplexityCorpus = generated.perplexityCorpus
        perplexityDocument = generated.perplexityDocument
        lossNatsPerDocument = generated.lossNatsPerDocument
        fvu = generated.fvu
        measuredDocuments = measurement.documents
        samples = measurement.settings?.samples
        refinementSteps = measurement.settings?.refinementSteps
        comparedWith = compared?.name
        self.compared = compared?.1
        ksEntriesPerRow = compared?.2.entriesPerRowDistance
        sharedFeatures = compared?.2.sharedFeatures
    }
}

extension GenerationSummary {
    var text: String {
        var rows = [("documents", "\(Format.count(documents)) in \(out), \(origin)")]
        let name = comparedWith ?? ""
        func row(_ title: String, _ own: String, _ other: String?) {
            rows.append((title, own + (other.map { "; \(name): \($0)" } ?? "")))
        }
        row("entries", Self.spread(entriesPerRow), compared.map { Self.spread($0.entriesPerRow) })
        if let ksEntriesPerRow {
            rows.append(("", "Kolmogorov–Smirnov distance \(Format.fixed(ksEntriesPerRow, 4))"))
        }
        row("features", Self.percent(usedFeatures) + " used", compared.map { Self.percent($0.usedFeatures) })
        if let sharedFeatures { rows.append(("", Self.percent(sharedFeatures) + " of those in either are in both")) }
        rows += judgement
        rows.append(("time", Format.duration(seconds)))
        return rows.map { $0.padded(to: 12) + $1 }.joined(separator: "\n")
    }

    private var origin: String {
        switch source {
        case "prior": "latent vectors from the prior"
        case "codes": "near codes of training documents"
        case "near": "near given documents, taken in turn"
        default: "on the line between two documents"
        }
    }

    private var judgement: [(String, String)] {
        let of = measuredDocuments < documents ? " of the first \(Format.count(measuredDocuments)) documents" : ""
        let name = comparedWith ?? ""
        func other(_ value: Double?, _ decimals: Int) -> String {
            value.map { "; \(name): \(Format.fixed($0, decimals))" } ?? ""
        }
        if let fvu {
            let both = Format.fixed(fvu, 4) + other(compared?.fvu, 4)
            return [("fvu", "\(both) of the variance\(of) is left by the model's own reconstruction")]
        }
        guard let lossNatsPerDocument else { return [] }
        let how =
            if let samples, let refinementSteps {
                [("", "upper bounds by this model, \(samples) samples, posteriors refined by \(refinementSteps) steps")]
            } else { [(String, String)]() }
        guard let perplexityCorpus, let perplexityDocument else {
            let both = Format.fixed(lossNatsPerDocument, 1) + other(compared?.lossNatsPerDocument, 1)
            return [("loss", "\(both) nats a document\(of)")] + how
        }
        return [
            (
                "perplexity",
                "\(Format.fixed(perplexityCorpus, 1)) by corpus\(of)" + other(compared?.perplexityCorpus, 1)
            ),
            ("", "\(Format.fixed(perplexityDocument, 1)) by document" + other(compared?.perplexityDocument, 1)),
        ] + how
    }

    private static func spread(_ spread: Documents.Spread) -> String {
        "mean \(Format.fixed(spread.mean, 1)), median \(Format.fixed(spread.median, 1)) a row"
    }

    private static func percent(_ share: Double) -> String { Format.fixed(100 * share, 1) + " %" }
}
