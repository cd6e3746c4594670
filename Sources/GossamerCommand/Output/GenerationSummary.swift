import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import FileIO
import Gossamer
import Report

/// The report of `generate`; values that do not apply or are not finite are nil.
struct GenerationSummary: Encodable {
    /// Statistics of documents, and measures of how well the model fits them.
    struct Documents: Encodable {
        struct Spread: Encodable {
            let mean: Double
            let median: Double
        }

        let documents: Int
        let entriesPerRow: Spread
        /// The fraction of the model's features that occur.
        let usedFeatures: Double
        /// This and the following measures are those of the first `measuredDocuments`.
        var perplexityCorpus: Double?
        var perplexityDocument: Double?
        var lossNatsPerDocument: Double?
        var fvu: Double?

        init(_ profile: DocumentProfile, _ fit: ModelFit?, featureCount: Int) {
            documents = profile.documentCount
            entriesPerRow = Spread(mean: profile.entryCounts.mean, median: profile.entryCounts.median)
            usedFeatures = Double(profile.usedFeatures.count) / Double(max(1, featureCount))
            perplexityCorpus = fit?.perplexityPerCorpus?.ifFinite
            perplexityDocument = fit?.perplexityPerDocument?.ifFinite
            lossNatsPerDocument = fit?.lossPerDocument?.ifFinite
            fvu = fit?.unexplainedVariance
        }
    }

    /// How the measures of fit were computed.
    struct Measurement {
        let documents: Int
        /// The settings of the bound; nil without a bound.
        let settings: VariationalAutoencoder.BoundSettings?
    }

    let out: String
    /// `prior`, `training`, `near` or `interpolate`.
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
    /// The documents compared with: the name of a file, or `trainingName`.
    let comparedWith: String?
    let compared: Documents?
    /// The Kolmogorov–Smirnov distance between the distributions of entries per row.
    let ksEntriesPerRow: Double?
    /// The fraction of the features used in either corpus that are used in both.
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
        if let compared, let comparedWith {
            let name = comparedWith == Self.trainingName ? "the training corpus" : comparedWith
            rows.append(("compared", "with \(name): \(Format.count(compared.documents)) documents, in brackets"))
        }
        let mean = both(entriesPerRow.mean, compared?.entriesPerRow.mean, 1)
        let median = both(entriesPerRow.median, compared?.entriesPerRow.median, 1)
        rows.append(("entries", "mean \(mean), median \(median) a row"))
        if let ksEntriesPerRow {
            rows.append(("", "Kolmogorov–Smirnov distance \(Format.fixed(ksEntriesPerRow, 4))"))
        }
        let used = both(100 * usedFeatures, compared.map { 100 * $0.usedFeatures }, 1)
        let shared = sharedFeatures.map { "; of those in either, \(Format.fixed(100 * $0, 1)) % in both" } ?? ""
        rows.append(("features", "\(used) % used" + shared))
        rows += judgement
        rows.append(("time", Format.duration(seconds)))
        return rows.map { $0.padded(to: 12) + $1 }.joined(separator: "\n")
    }

    /// The name of the training corpus in reports.
    static let trainingName = "training"

    private var origin: String {
        switch source {
        case "prior": "latent vectors from the prior"
        case "training": "near training documents, picked at random"
        case "near": "near given documents, taken in turn"
        default: "on the line between two documents"
        }
    }

    private var judgement: [(String, String)] {
        let of = measuredDocuments < documents ? ", the first \(Format.count(measuredDocuments)) documents" : ""
        if let fvu {
            return [("fvu", "\(both(fvu, compared?.fvu, 4)) of the variance, by the model's own reconstruction" + of)]
        }
        guard let lossNatsPerDocument else { return [] }
        var rows = [("loss", both(lossNatsPerDocument, compared?.lossNatsPerDocument, 1) + " nats a document" + of)]
        if let perplexityCorpus, let perplexityDocument {
            let corpus = both(perplexityCorpus, compared?.perplexityCorpus, 1)
            let document = both(perplexityDocument, compared?.perplexityDocument, 1)
            rows.append(("perplexity", "\(corpus) by corpus, \(document) by document"))
        }
        if let samples, let refinementSteps {
            rows.append(
                ("", "upper bounds by this model, \(samples) samples, posteriors refined by \(refinementSteps) steps"))
        }
        return rows
    }

    /// The value for these documents, followed by that of the compared documents in brackets: `3.1 (2.9)`.
    private func both(_ own: Double, _ other: Double?, _ decimals: Int) -> String {
        Format.fixed(own, decimals) + (other.map { " (\(Format.fixed($0, decimals)))" } ?? "")
    }
}

/// The output formats of generated documents.
enum GeneratedFormat: String, ExpressibleByArgument, CaseIterable {
    case svm, txt, png, pgm

    var isPicture: Bool { self == .png || self == .pgm }

    init?(path: String) {
        guard let format = Self.allCases.first(where: { path.hasSuffix("." + $0.rawValue) }) else { return nil }
        self = format
    }

    /// - Parameter top: the number of distinct words of a document that are written as text, the most salient first;
    ///   nil for all.
    func write(
        _ documents: GeneratedDocuments, of model: FeatureModel, top: Int?, to path: String
    ) throws(FileError) {
        switch self {
        case .svm: try LibSVMWriter.write(matrix: documents.matrix, to: path, indexBase: model.indexBase ?? .one)
        case .txt: try writeText(documents, words: model.vocabulary?.words ?? [], top: top, to: path)
        case .png, .pgm: preconditionFailure("pictures are written as a grid")
        }
    }

    /// - Precondition: the format is one of pictures.
    func write(_ grid: PictureGrid, to path: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        try file.write(self == .png ? grid.png : grid.netpbm)
        try file.commit()
    }

    /// One line per document; each word is repeated by its count, but at most `mostRepeats` times.
    private func writeText(
        _ documents: GeneratedDocuments, words: [String], top: Int?, to path: String
    ) throws(FileError) {
        let file = try AtomicFile(path: path)
        let (columns, values) = (documents.matrix.columnIndices, documents.matrix.values)
        for row in 0..<documents.matrix.rowCount {
            let entries = documents.entriesBySalience(ofRow: row).prefix(top ?? .max)
            var separator = ""
            for entry in entries {
                for _ in 0..<Self.repeats(values[entry]) {
                    try file.write(separator + words[Int(columns[entry])])
                    separator = " "
                }
            }
            try file.write("\n")
        }
        try file.commit()
    }

    /// The maximum number of times that a word is repeated in text, which limits the length of lines.
    static let mostRepeats: Float = 1e6

    /// A value that is not an integer is rounded; a word that occurs is written at least once.
    private static func repeats(_ value: Float) -> Int { Int(min(max(1, value.rounded()), mostRepeats)) }
}
