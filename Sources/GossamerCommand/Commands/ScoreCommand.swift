import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import FileIO
import Gossamer

struct ScoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score", abstract: "Scores documents by reconstruction loss; finds anomalies.",
        discussion: """
            The loss of a document is its reconstruction error (sae), or the negative evidence lower bound in nats \
            (vae). The score is the loss made comparable between documents, the higher, the stranger: where the \
            likelihood is about words given the length, the loss divided by the number of words, else the loss itself. \
            It is then held against reference documents of about the same size (stored entries): the score is the \
            number of standard deviations above their mean, and tail is the share of all reference documents that \
            score as high. A model brings the losses of the documents that training kept out of learning (see train \
            sae --help: --reference); --reference CORPUS gives others. Documents that the model learned from score \
            lower than new ones, which makes tails too small. Without any reference the score is the loss alone.

            The output is a table with tabs and a header: row (counted from 1), id and label where the corpus has \
            them, entries, loss, score, tail (with a reference), and features: the stored entries that add most to the \
            loss, each with what it adds, as word:loss.
            """)

    @Argument(help: "A model file.")
    var model: String

    @Argument(help: "The corpus: a file of any known format, compressed or not, or a folder of texts; - is stdin.")
    var corpus: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the table goes; - is stdout.", valueName: "file"))
    var out: String

    @Option(
        name: [.customLong("reference"), .customLong("train")],
        help: ArgumentHelp(
            """
            Usual documents that the model did not learn from (default: those that training kept out of learning).
            """, valueName: "corpus"))
    var reference: String?

    @Option(help: ArgumentHelp("How many features of each document are named.", valueName: "n"))
    var top = 5

    @Option(help: ArgumentHelp("Draws from the posterior that the bound is averaged over (vae).", valueName: "n"))
    var samples = 5

    @OptionGroup(title: "Corpus") var corpusOptions: ModelCorpusOptions
    @OptionGroup var backend: BackendOption
    @OptionGroup var common: RunOptions

    func validate() throws {
        try OutputPaths.check(
            ["--out": out], inputs: [model, corpus, reference, corpusOptions.source.vocabulary], json: common.json)
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
        let execution = try backend.execution(common.parallelism)
        let model = try FeatureModel(contentsOf: model)
        let documents = try read(corpus, for: model)
        let settings = try settings(for: model, execution)
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
            Console.line(summary.text)
        } else {
            try Console.result(summary.text)
        }
    }

    private func settings(for model: FeatureModel, _ execution: Execution) throws -> ScoreSettings {
        var settings = ScoreSettings()
        settings.featureCount = top
        settings.samples = samples
        settings.seed = common.seed
        settings.reference = model.reference
        if reference == nil, model.reference != nil, samples != ScoreSettings().samples, model.network.hasPosterior {
            Console.warning(
                "--samples \(samples): the model's reference has losses over \(ScoreSettings().samples) draws, so the "
                    + "tails are not exact; give a --reference to compare with as many draws")
        }
        if let reference {
            settings.reference = try read(reference, for: model).explaining {
                warnOfTrainingDocuments($0, model)
                return try ScoreReference(model, on: $0, settings, execution: execution)
            }
        }
        return settings
    }

    private func warnOfTrainingDocuments(_ documents: Corpus, _ model: FeatureModel) {
        if documents.rowCount == model.record.documents && documents.matrix.entryCount == model.record.entries {
            Console.warning(
                "\(inputName(reference ?? "")): has as many documents and entries as the training corpus; the tails are too small "
                    + "if the model learned from these documents")
        }
    }

    private func read(_ path: String, for model: FeatureModel) throws -> NamedCorpus {
        NamedCorpus(
            path: path, corpus: try corpusOptions.read(path, for: model, parallelism: common.parallelism))
    }
}
