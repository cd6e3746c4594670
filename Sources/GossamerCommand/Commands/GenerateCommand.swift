import ArgumentParser
import Corpora
import Evaluation
import FileIO
import Gossamer
import SparseMatrices

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Draws new sparse documents from a vae model.",
        discussion: """
            Each document has a latent vector from the prior, the length of some training document, and that many \
            words drawn from the model's distribution. The ending of the output chooses its format: .svm (libsvm, \
            counted from the training corpus' index base) or .txt (a document a line, each word as often as it was \
            drawn; needs a model with a vocabulary).
            """)

    @Argument(help: "A vae model file.")
    var model: String

    @Option(help: ArgumentHelp("How many documents.", valueName: "n"))
    var count: Int

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the documents go.", valueName: "file"))
    var out: String

    @Option(help: "The output's format if its name does not tell, as with - for stdout: svm or txt.")
    var outFormat: GeneratedFormat?

    @Option(help: ArgumentHelp("Compare the documents with these, such as the training corpus.", valueName: "corpus"))
    var compare: String?

    @OptionGroup(title: "Corpus to compare with") var corpusOptions: ModelCorpusOptions
    @OptionGroup var common: RunOptions

    func validate() throws {
        try OutputPaths.check(
            ["--out": out], inputs: [model, compare, corpusOptions.source.vocabulary], json: common.json)
        if !(1...TrainingOptions.mostOfAnything).contains(count) {
            throw ValidationError("--count needs 1 to \(TrainingOptions.mostOfAnything), not \(count)")
        }
        if outFormat == nil && GeneratedFormat(path: out) == nil {
            throw ValidationError("--out: the ending of '\(out)' is not .svm or .txt; give one, or --out-format")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        try AtomicFile.checkCreatable(out)
        Interruption.cleanUp([out])
        let model = try FeatureModel(contentsOf: model)
        guard let format = outFormat ?? GeneratedFormat(path: out) else { return }
        if format == .txt && model.vocabulary == nil {
            throw ValidationError("--out: \(self.model) has no vocabulary to write words with; give a name in .svm")
        }
        guard let documents = model.generate(count, seed: common.seed, parallelism: common.parallelism) else {
            throw ValidationError(
                "\(self.model) is an sae model, which cannot generate documents yet; give one of `gossamer train vae`")
        }
        let comparison = try compare.map {
            DocumentComparison(
                documents, try corpusOptions.read($0, for: model, parallelism: common.parallelism).matrix)
        }
        try format.write(documents, of: model, to: out)
        let summary = GenerationSummary(
            out: out, documents: documents, comparison: comparison, seconds: start.duration(to: .now) / .seconds(1))
        if common.json {
            try Console.json(summary)
        } else if out == "-" {
            Console.note(summary.text)
        } else {
            try Console.result(summary.text)
        }
    }
}

/// What generated documents are written as.
enum GeneratedFormat: String, ExpressibleByArgument, CaseIterable {
    case svm, txt

    init?(path: String) {
        guard let format = Self.allCases.first(where: { path.hasSuffix("." + $0.rawValue) }) else { return nil }
        self = format
    }

    func write(_ documents: CSRMatrix, of model: FeatureModel, to path: String) throws(FileError) {
        switch self {
        case .svm: try LibSVMWriter.write(matrix: documents, to: path, indexBase: model.indexBase ?? .one)
        case .txt: try writeText(documents, words: model.vocabulary?.words ?? [], to: path)
        }
    }

    /// A document a line, each word repeated by its count.
    private func writeText(_ documents: CSRMatrix, words: [String], to path: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        for row in 0..<documents.rowCount {
            let (columns, counts) = documents.row(row)
            let text = zip(columns, counts).flatMap { Array(repeating: words[Int($0)], count: Int($1)) }
            try file.write(text.joined(separator: " ") + "\n")
        }
        try file.commit()
    }
}

/// What `generate` reports.
private struct GenerationSummary: Encodable {
    struct Spread: Encodable {
        let mean: Double
        let median: Double
    }

    let out: String
    let documents: Int
    let entriesPerRow: Spread
    /// Kolmogorov and Smirnov's distance between the entries a row of these documents and of those to compare with.
    let ksEntriesPerRow: Double?
    /// Of the features used in either, those used in both.
    let sharedFeatures: Double?
    let seconds: Double

    init(out: String, documents: CSRMatrix, comparison: DocumentComparison?, seconds: Double) {
        self.out = out
        self.documents = documents.rowCount
        entriesPerRow = Spread(
            mean: Double(documents.entryCount) / Double(max(1, documents.rowCount)),
            median: median(documents.entryCounts))
        ksEntriesPerRow = comparison?.entriesPerRowDistance
        sharedFeatures = comparison?.sharedFeatures
        self.seconds = seconds
    }

    var text: String {
        let (mean, median) = (Format.fixed(entriesPerRow.mean, 1), Format.fixed(entriesPerRow.median, 1))
        var lines = [
            "documents  \(Format.count(documents)) in \(out)",
            "entries    mean \(mean), median \(median) a row",
        ]
        if let ksEntriesPerRow, let sharedFeatures {
            lines.append("compared   Kolmogorov–Smirnov distance of entries a row \(Format.fixed(ksEntriesPerRow, 4))")
            lines.append("features   \(Format.fixed(100 * sharedFeatures, 1)) % of those in either are in both")
        }
        lines.append("time       \(Format.duration(seconds))")
        return lines.joined(separator: "\n")
    }
}
