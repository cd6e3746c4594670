import ArgumentParser
import Autoencoders
import Corpora
import FileIO
import Foundation
import Gossamer
import SparseMatrices

struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "A large synthetic corpus from text to model, and the memory that takes.",
        discussion: """
            Writes a corpus, imports it into a corpus file, and trains a sparse autoencoder on the mapped file, each \
            once. Memory is what no file stands behind, at its peak. The files are removed afterwards; together they \
            take about 25 bytes an entry.
            """)

    @Option(help: ArgumentHelp("How many documents.", valueName: "n"))
    var documents = 2_000_000

    @Option(help: ArgumentHelp("How many features.", valueName: "n"))
    var features = 200_000

    @Option(help: ArgumentHelp("Distinct words a document.", valueName: "n"))
    var words = 100

    @Option(help: "What is imported: libsvm or text.")
    var format = SyntheticDocuments.Format.libsvm

    @Option(help: ArgumentHelp("The number of latent units.", valueName: "n"))
    var latent = 128

    @Option(help: ArgumentHelp("Visits to every document; 0 trains nothing.", valueName: "n"))
    var epochs = 1

    @Option(help: ArgumentHelp("How many threads to use.", valueName: "n"))
    var threads: Int?

    @Option(help: ArgumentHelp("Where the files go while the command runs.", valueName: "folder"))
    var folder = NSTemporaryDirectory()

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        let numbers = [documents, features, words, latent, threads ?? 1]
        if numbers.contains(where: { $0 < 1 }) || epochs < 0 { throw ValidationError("numbers start at 1") }
        if words > features { throw ValidationError("--words: a document cannot have more words than there are") }
    }

    func run() throws {
        let parallelism = threads.map { Parallelism(threads: $0) } ?? .allCores
        let scratch = URL(fileURLWithPath: folder).appending(path: "gossamer-scale-\(getpid())")
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: scratch) }
        let source = scratch.appending(path: format == .text ? "source.txt" : "source.svm").path
        let corpusPath = scratch.appending(path: "corpus.safetensors").path
        let made = SyntheticDocuments(count: documents, features: features, wordsPerDocument: words, seed: 1)
        var report = Report()
        try measure("write \(format)", source, in: &report) {
            try made.write(to: source, as: format, parallelism: parallelism)
        }
        let corpus = try measure("import \(format)", source, in: &report) {
            try CorpusReader.importCorpus([source], to: corpusPath, parallelism: parallelism)
        }
        try check(corpus, against: made)
        try FileManager.default.removeItem(atPath: source)
        if epochs > 0 { try train(on: corpus, parallelism, &report) }
        if json { try report.printJSON() }
    }

    /// Runs one stage and reports its throughput in megabytes of the file that it reads or writes, and its memory.
    private func measure<R>(_ name: String, _ path: String, in report: inout Report, _ body: () throws -> R) throws -> R {
        let start = ContinuousClock.now
        let (result, peak) = try MemoryWatch.peak(during: body)
        let seconds = start.duration(to: .now) / .seconds(1)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        report.add(name, "s", Rate(seconds), printing: !json)
        report.add(name, "MB/s", Rate(Double(size) / 1e6 / seconds), printing: !json)
        addMemory(name, peak, &report)
        return result
    }

    private func train(on corpus: Corpus, _ parallelism: Parallelism, _ report: inout Report) throws {
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = latent
        settings.training.epochs = epochs
        var epochSeconds: [Double] = []
        let name = "train SAE-\(latent)"
        let start = ContinuousClock.now
        let (_, peak) = try MemoryWatch.peak {
            try FeatureModel.train(on: corpus, settings, execution: Execution(parallelism: parallelism)) { event in
                if case .epoch(let epoch) = event { epochSeconds.append(epoch.seconds) }
            }
        }
        report.add("\(name), all", "s", Rate(start.duration(to: .now) / .seconds(1)), printing: !json)
        let mean = epochSeconds.reduce(0, +) / Double(max(1, epochSeconds.count))
        report.add("\(name), an epoch", "s", Rate(mean), printing: !json)
        report.add("\(name), an epoch", "rows/s", Rate(Double(corpus.rowCount) / mean), printing: !json)
        addMemory(name, peak, &report)
    }

    private func addMemory(_ name: String, _ bytes: Int?, _ report: inout Report) {
        guard let bytes else { return }
        report.add("\(name), memory beyond mapped files", "MB", Rate(Double(bytes) / 1e6), printing: !json)
    }

    /// Compares the first documents with those generated, and checks the number of all.
    private func check(_ corpus: Corpus, against made: SyntheticDocuments) throws {
        let matrix = corpus.matrix
        guard matrix.rowCount == documents, matrix.entryCount == documents * words else {
            throw WrongResult(what: "\(matrix.rowCount) × \(matrix.columnCount) with \(matrix.entryCount) entries")
        }
        for (row, expected) in made.firstRows().enumerated() {
            var columns = matrix.row(row).columnIndices.map { Int($0) }
            var values = matrix.row(row).values
            if let vocabulary = corpus.vocabulary {
                // The words are numbered by their spelling.
                let numbers = columns.map { Int(vocabulary[$0].dropFirst()) ?? -1 }
                let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
                (columns, values) = (order.map { numbers[$0] }, order.map { values[$0] })
            }
            guard columns == expected.map(\.column), values == expected.map({ Float($0.count) }) else {
                throw WrongResult(what: "document \(row + 1) of the synthetic corpus")
            }
        }
    }
}

extension SyntheticDocuments.Format: ExpressibleByArgument {}
