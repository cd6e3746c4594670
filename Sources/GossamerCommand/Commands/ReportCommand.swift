import ArgumentParser
import Corpora
import FileIO
import Gossamer
import Report
import SparseMatrices

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Makes a page that shows what a model has learned.",
        discussion: """
            The page is one file of HTML that opens in any browser, without a network: maps of the units and of the \
            documents, each unit's words, activity, documents and labels, a search, and figures of the model and the \
            corpus. Without --corpus it shows what the model remembers of its training: up to 1,024 codes, but no \
            texts and no labels.

            The corpus is read once, in a stream. Its figures are of all documents; on the map are at most \
            --documents of them, drawn by --seed.
            """)

    @Argument(help: "A model file.")
    var model: String

    @Option(
        help: ArgumentHelp("Documents to show the model by, such as those it was trained on.", valueName: "corpus"))
    var corpus: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the page goes.", valueName: "file"))
    var out: String?

    @OptionGroup(title: "Page") var page: ReportOptions
    @OptionGroup(title: "Corpus") var corpusOptions: ModelCorpusOptions
    @OptionGroup var common: RunOptions

    private struct Summary: Encodable {
        let report: String?
        let ldavis: String?
        let units: Int
        let documents: Int
        let documentsShown: Int
        let bytes: Int?
        let seconds: Double
        let peakMemoryBytes: Int
    }

    func validate() throws {
        try OutputPaths.check(
            ["--out": out, "--ldavis": page.ldavis], inputs: [model, corpus, corpusOptions.source.vocabulary],
            json: common.json)
        for file in page.tensorboard.map(TensorBoardLog.paths) ?? [] {
            try OutputPaths.check(
                ["--tensorboard": file, "--out": out, "--ldavis": page.ldavis],
                inputs: [model, corpus, corpusOptions.source.vocabulary])
        }
        if out == nil && page.ldavis == nil && page.tensorboard == nil {
            throw ValidationError("give --out, the file of the page")
        }
        if corpus == nil, let option = corpusOptions.given.first(where: { $0 != "--vocabulary" }) {
            throw ValidationError("\(option) is about how a corpus is read; give --corpus, or leave it out")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        for case let path? in [out, page.ldavis] { try AtomicFile.checkCreatable(path) }
        if let folder = page.tensorboard { try makeFolder(folder) }
        Interruption.cleanUp()
        var model = try FeatureModel(contentsOf: model)
        if corpus == nil, let path = corpusOptions.source.vocabulary { model = try model.naming(path) }
        let settings = try page.settings(for: model, seed: common.seed)
        let pieces = try corpus.map {
            try corpusOptions.open(
                $0, for: model, keepingText: ReportOptions.keptBytes, parallelism: common.parallelism)
        }
        let outputs = ReportOutputs(
            page: out, ldavis: page.ldavis, tensorboard: page.tensorboard, title: Self.title(of: self.model))
        let (report, bytes) = try outputs.write(
            model, on: pieces, named: corpus ?? "", settings, common: common)
        if let corpus { pieces?.provenance?.announce(corpus) }
        let summary = Summary(
            report: out, ldavis: page.ldavis, units: report.units.count, documents: report.figures.documents,
            documentsShown: report.documents.count, bytes: bytes, seconds: start.duration(to: .now) / .seconds(1),
            peakMemoryBytes: Memory.peakBytes)
        if common.json {
            try Console.json(summary)
        } else {
            for case let path? in [out, page.ldavis, page.tensorboard] {
                Console.note("\(path): \(outputs.description(of: report)) in \(Format.duration(summary.seconds))")
            }
        }
    }

    /// The name of a file without its folder and ending.
    static func title(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.hasSuffix(".safetensors") ? String(name.dropLast(".safetensors".count)) : name
    }
}

/// Makes a folder unless it is there.
private func makeFolder(_ path: String) throws(FileError) {
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw .cannotCreate(path: path, reason: "it cannot be made a folder")
    }
}

/// What a page shows.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How many documents are on the map at most.", valueName: "n"))
    var documents = ReportSettings().documents

    @Option(
        help: ArgumentHelp(
            "Documents are pictures of so many rows and columns, and 3 if they have colours.", valueName: "h,w[,c]"))
    var imageShape: ImageShape?

    @Option(help: ArgumentHelp("Also write what pyLDAvis shows, as it prepares it.", valueName: "file.json"))
    var ldavis: String?

    @Option(
        help: ArgumentHelp(
            "Also write the training curve and the documents' codes as TensorBoard shows them.", valueName: "folder"))
    var tensorboard: String?

    func validate() throws {
        if tensorboard == "" || tensorboard == "-" { throw ValidationError("--tensorboard needs the name of a folder") }
        if !(1...200_000).contains(documents) {
            throw ValidationError("--documents needs a number from 1 to 200,000, not \(documents)")
        }
    }

    /// How many bytes of each document's text are kept until it is known which are shown.
    static var keptBytes: Int { 2048 }

    /// - Throws: `ValidationError` if documents of the model cannot be pictures of that shape.
    func settings(for model: FeatureModel, seed: UInt64) throws -> ReportSettings {
        var settings = ReportSettings()
        (settings.documents, settings.seed, settings.imageShape) = (documents, seed, imageShape)
        settings.hasLDAvis = ldavis != nil
        try imageShape?.requireFit(model)
        return settings
    }
}

extension ImageShape {
    /// - Throws: `ValidationError` if documents of a model cannot be pictures of that shape.
    func requireFit(_ model: FeatureModel) throws {
        if count == model.featureCount { return }
        throw ValidationError(
            "--image-shape: \(height) × \(width) × \(colours) are \(count) numbers, and the model has "
                + "\(model.featureCount) features")
    }
}

extension ImageShape: ExpressibleByArgument {
    public init?(argument: String) {
        let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard (2...3).contains(numbers.count), let height = numbers[0], let width = numbers[1],
            let colours = numbers.count == 3 ? numbers[2] : 1
        else { return nil }
        self.init(height: height, width: width, colours: colours)
    }
}

/// The files of a report.
struct ReportOutputs {
    let page: String?
    let ldavis: String?
    var tensorboard: String?
    let title: String

    /// Collects and writes a report.
    ///
    /// - Parameter name: of the corpus, as given.
    /// - Returns: the report, and the page's size in bytes.
    func write(
        _ model: FeatureModel, on pieces: CorpusPieces?, named name: String, _ settings: ReportSettings,
        common: RunOptions
    ) throws -> (report: ModelReport, bytes: Int?) {
        let progress = RowProgress(common.progress, "read", of: pieces?.announcedRowCount)
        let report: ModelReport
        do {
            defer { progress.finish() }
            report = try ModelReport(
                of: model, on: pieces, named: inputName(name), settings,
                execution: Execution(parallelism: common.parallelism)
            ) { progress.show(done: $0) }
        } catch let error as any EntryError {
            throw CorpusValueError(path: name, cause: error, indexBase: pieces?.indexBase)
        }
        if let ldavis { try report.ldavis?.write(to: ldavis) }
        if let tensorboard { try TensorBoardLog(report).write(to: tensorboard) }
        var bytes: Int?
        if let page {
            let html = try ReportPage(report, title: title)
            try html.write(to: page)
            bytes = html.html.utf8.count
        }
        return (report, bytes)
    }

    func description(of report: ModelReport) -> String {
        let (shown, all) = (report.documents.count, report.figures.documents)
        return "\(Format.count(report.units.count)) units and \(Format.count(shown)) documents"
            + (shown < all ? " of \(Format.count(all))" : "")
    }
}
