import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import FileIO
import Gossamer

struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Says of every document how badly a model accounts for it, to find odd ones.",
        discussion: """
            The loss of a document is its reconstruction error (sae), or the negative evidence lower bound in nats \
            (vae). The score is the loss made comparable between documents, the higher, the stranger: where the \
            likelihood is about words given the length, the loss divided by the number of words, else the loss itself. \
            With --train it is held against the training documents of about the same size (stored entries): the score \
            is then the number of standard deviations above their mean, and tail is the share of all training \
            documents that score as high.

            The output is a table with tabs and a header: row (counted from 1), id and label where the corpus has \
            them, entries, loss, score, tail (with --train), and features: the stored entries that add most to the \
            loss, each with what it adds, as word:loss.
            """)

    @Argument(help: "A model file.")
    var model: String

    @Argument(help: "The corpus: a file of any known format, compressed or not, or a folder of texts; - is stdin.")
    var corpus: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the table goes; - is stdout.", valueName: "file"))
    var out: String

    @Option(
        help: ArgumentHelp("Documents that are usual, best those that the model was trained on.", valueName: "corpus"))
    var train: String?

    @Option(help: ArgumentHelp("How many features of each document are named.", valueName: "n"))
    var top = 5

    @Option(help: ArgumentHelp("Draws from the posterior that the bound is averaged over (vae).", valueName: "n"))
    var samples = 5

    @OptionGroup(title: "Corpus") var corpusOptions: ModelCorpusOptions
    @OptionGroup var backend: BackendOption
    @OptionGroup var common: RunOptions

    func validate() throws {
        try OutputPaths.check(
            ["--out": out], inputs: [model, corpus, train, corpusOptions.source.vocabulary], json: common.json)
        if !(0...TrainingOptions.mostOfAnything).contains(top) {
            throw ValidationError("--top needs a number from 0, not \(top)")
        }
        if !(1...TrainingOptions.mostOfAnything).contains(samples) {
            throw ValidationError("--samples needs at least 1, not \(samples)")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        try AtomicFile.checkCreatable(out)
        Interruption.cleanUp()
        let model = try FeatureModel(contentsOf: model)
        let documents = try read(corpus, for: model)
        let settings = try settings(for: model)
        let table = try ScoreTable(path: out, documents, model, hasTail: settings.reference != nil)
        let progress = RowProgress(common.progress, "scored", of: documents.corpus.rowCount)
        defer { progress.finish() }
        try documents.explaining { corpus in
            try model.scoreBlocks(of: corpus, settings, execution: execution) { scores in
                try table.append(scores)
                progress.show(done: (scores.last?.row ?? 0) + 1)
            }
        }
        progress.finish()
        try table.finish()
        let summary = table.summary(out: out, seconds: start.duration(to: .now) / .seconds(1))
        if common.json {
            try Console.json(summary)
        } else if out == "-" {
            Console.note(summary.text)
        } else {
            try Console.result(summary.text)
        }
    }

    private func settings(for model: FeatureModel) throws -> ScoreSettings {
        var settings = ScoreSettings()
        settings.featureCount = top
        settings.samples = samples
        settings.seed = common.seed
        if let train {
            settings.reference = try read(train, for: model).explaining {
                try ScoreReference(model, on: $0, settings, execution: execution)
            }
        }
        return settings
    }

    private var execution: Execution { get throws { try backend.execution(common.parallelism) } }

    private func read(_ path: String, for model: FeatureModel) throws -> NamedCorpus {
        NamedCorpus(
            path: path, corpus: try corpusOptions.read(path, for: model, parallelism: common.parallelism))
    }
}
