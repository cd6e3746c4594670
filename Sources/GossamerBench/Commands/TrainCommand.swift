import ArgumentParser
import Autoencoders
import Corpora
import Foundation
import Gossamer
import SparseMatrices

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Epochs of a sparse autoencoder, and the memory they take.",
        discussion: """
            Of a corpus, or of synthetic ones that grow by rows and by entries a row, one at a time. An epoch's time is \
            the median of the epochs after the first. Memory is what no file stands behind, at its peak. Beside each \
            case after the first stands by how much more its documents' entries times its units are, and its seconds.
            """)

    @Argument(help: "A corpus of any format; synthetic documents if left out.")
    var file: String?

    @Option(parsing: .upToNextOption, help: "Numbers of latent units; all but the first with the first corpus only.")
    var latent = [128, 32, 512]

    @Option(parsing: .upToNextOption, help: "Numbers of synthetic documents.")
    var documents = [20_000, 10_000, 40_000]

    @Option(parsing: .upToNextOption, help: "Distinct words a synthetic document.")
    var words = [100, 50, 200]

    @Option(help: ArgumentHelp("Features of the synthetic documents.", valueName: "n"))
    var features = 50_000

    @Option(help: ArgumentHelp("Epochs to run; the first is not counted if there are more.", valueName: "n"))
    var epochs = 4

    @Option(parsing: .upToNextOption, help: "Numbers of threads to measure; all but the first with the first case only.")
    var threads = [2, 1]

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        let lists = [latent, documents, words, threads]
        if lists.contains(where: { $0.isEmpty || $0.contains { $0 < 1 } }) || features < 1 || epochs < 1 {
            throw ValidationError("numbers start at 1")
        }
        if words.contains(where: { $0 > features }) {
            throw ValidationError("--words: a document cannot have more words than there are")
        }
    }

    func run() throws {
        var report = Report()
        let base = try corpus(documents: documents[0], words: words[0])
        try check(base)
        let first = try measure(base, latent: latent[0], threads: threads[0], against: nil, &report)
        for other in latent.dropFirst() {
            _ = try measure(base, latent: other, threads: threads[0], against: first, &report)
        }
        for other in threads.dropFirst() {
            _ = try measure(base, latent: latent[0], threads: other, against: first, &report)
        }
        if file == nil {
            let others = documents.dropFirst().map { ($0, words[0]) } + words.dropFirst().map { (documents[0], $0) }
            for (documents, words) in others {
                let other = try corpus(documents: documents, words: words)
                _ = try measure(other, latent: latent[0], threads: threads[0], against: first, &report)
            }
        }
        if json { try report.printJSON() }
    }

    private func corpus(documents: Int, words: Int) throws -> Corpus {
        if let file { return try CorpusReader.read(file) }
        return try SyntheticDocuments(count: documents, features: features, wordsPerDocument: words, seed: 1).corpus()
    }

    /// - Parameter first: the case that growth is measured against; nil if this is the first.
    private func measure(
        _ corpus: Corpus, latent: Int, threads: Int, against first: Growth?, _ report: inout Report
    ) throws -> Growth {
        var seconds: [Double] = []
        let execution = Execution(parallelism: Parallelism(threads: threads))
        let (_, peak) = try MemoryWatch.peak {
            try FeatureModel.train(on: corpus, settings(latent: latent, epochs: epochs), execution: execution) { event in
                if case .epoch(let epoch) = event { seconds.append(epoch.seconds) }
            }
        }
        if seconds.count > 1 { seconds.removeFirst() }
        let epoch = Rate(of: seconds)
        let (rows, entries) = (corpus.rowCount, corpus.matrix.entryCount)
        var figures: [Report.Figure] = [
            .init(unit: "rows/s", value: Double(rows) / epoch.median),
            .init(unit: "Mentries/s", value: Double(entries) / epoch.median / 1e6),
        ]
        if let peak { figures.append(.init(unit: "MB", value: Double(peak) / 1e6)) }
        let growth = Growth(seconds: epoch.median, work: Double(entries) * Double(latent))
        if let first {
            figures.append(.init(unit: "times the first's entries·units", value: growth.work / first.work))
            figures.append(.init(unit: "times its seconds", value: growth.seconds / first.seconds))
        }
        report.add(
            "epoch rows=\(rows) entries=\(entries) H=\(latent) threads=\(threads)", "s", epoch, also: figures,
            printing: !json)
        return growth
    }

    /// Entries × units of a case, and the seconds that an epoch took.
    private struct Growth {
        let seconds: Double
        let work: Double
    }

    private func settings(latent: Int, epochs: Int) -> ModelSettings {
        var settings = ModelSettings()
        settings.autoencoder.latentWidth = latent
        settings.training.epochs = epochs
        return settings
    }

    /// Compares training steps on some documents with the same steps in plain loops.
    private func check(_ corpus: Corpus) throws {
        let few = corpus.matrix.rows(Array(0..<min(48, corpus.rowCount)))
        var training = TrainingCase(few, width: 16)
        try training.check()
    }
}
