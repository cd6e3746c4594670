import ArgumentParser
import Autoencoders
import Corpora
import FileIO
import Gossamer

struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Writes an embedding of every document, in order.",
        discussion: """
            The corpus is read and weighted as the model's training corpus was. Features that the model has not seen \
            are left out and counted. Of a vae model the embedding is the mean of each document's posterior. The ending \
            of the output chooses its format: .npy .npz .csv .tsv .vec .svm .safetensors .jsonl.

            The corpus is read and the embeddings are written in a stream, so neither has to fit in memory: from stdin \
            to stdout rows come out while others still go in, some 4,000 at a time. What has to be laid out first is \
            read as a whole: .npz, transposed and symmetric matrices, lists of entries that do not stand by rows or \
            come from a pipe, and libsvm if the model does not know from where indices count.
            """)

    @Argument(help: "A model file.")
    var model: String

    @Argument(help: "The corpus: a file of any known format, compressed or not, or a folder of texts; - is stdin.")
    var corpus: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the embeddings go.", valueName: "file"))
    var out: String

    @Option(
        help: ArgumentHelp("The output's format if its name does not tell, as with - for stdout.", valueName: "ending"))
    var outFormat: EmbeddingFormat?

    @Option(help: ArgumentHelp("Also write the documents' ids, one a line.", valueName: "file"))
    var ids: String?

    @Option(
        help: ArgumentHelp(
            "Also write ids and labels as the TensorFlow Projector takes them, a line a document.", valueName: "file"))
    var metadata: String?

    @Flag(help: "Give the documents' ids a column (.csv .tsv .jsonl).")
    var withIds = false

    @Flag(help: "Give the documents' labels a column (.csv .tsv .jsonl).")
    var withLabels = false

    @Flag(help: "Append the log-variances of a vae model's latent units as further columns.")
    var withVariance = false

    @Flag(help: "Give each document's shares of the topics of a topic-mixture model, which sum to 1, not the mean.")
    var mixture = false

    @OptionGroup(title: "Corpus") var corpusOptions: ModelCorpusOptions
    @OptionGroup var backend: BackendOption
    @OptionGroup var common: RunOptions

    private struct Summary: Encodable {
        let embeddings: String
        let documents: Int
        let latent: Int
        let columns: Int
        let unseenFeatureEntries: Int
        let seconds: Double
        let peakMemoryBytes: Int
    }

    func validate() throws {
        try OutputPaths.check(
            ["--out": out, "--ids": ids, "--metadata": metadata],
            inputs: [model, corpus, corpusOptions.source.vocabulary], json: common.json)
        if out == "-", let outFormat, !outFormat.isText {
            throw ValidationError(
                "--out: \(outFormat.rawValue) is binary and cannot go to standard output; give a file")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        let execution = try backend.execution(common.parallelism)
        let format = try outFormat ?? EmbeddingFormat(path: out)
        let columns = RowFields(ids: withIds, labels: withLabels)
        if columns != RowFields() && !format.takesColumns {
            throw ValidationError(
                "\(withIds ? "--with-ids" : "--with-labels"): .\(format.rawValue) has no columns for texts; give .csv, .tsv "
                    + "or .jsonl, or write them to a file of their own with --ids or --metadata")
        }
        try AtomicFile.checkCreatable(out)
        for case let path? in [ids, metadata] { try AtomicFile.checkCreatable(path) }
        Interruption.cleanUp()
        let model = try FeatureModel(contentsOf: model)
        if withVariance && !model.network.hasPosterior {
            throw ValidationError("--with-variance: \(self.model) is an sae model, which has none; give a vae model")
        }
        if mixture, !model.isMixture {
            throw ValidationError(
                "--mixture: \(self.model) is \(model.kindDescription) model, which has no topics; give a model of "
                    + "`gossamer train vae --likelihood topic-mixture`")
        }
        let documents = try corpusOptions.open(corpus, for: model, parallelism: common.parallelism)
        let outputs = try EmbeddingOutputs(
            embeddings: format.makeWriter(
                path: out, columnCount: model.codeWidth(withVariance: withVariance), columns: columns),
            ids: ids.map(IDWriter.init), metadata: metadata.map(ProjectorMetadataWriter.init))
        let provenance = try outputs.write(
            documents, from: corpus, by: model, withVariance: withVariance, asMixture: mixture,
            execution: execution, progress: common.progress)
        provenance.announce(corpus)
        outputs.announce(out)
        let summary = Summary(
            embeddings: out, documents: documents.rowCount, latent: model.latentWidth,
            columns: model.codeWidth(withVariance: withVariance),
            unseenFeatureEntries: provenance.excessFeaturesDropped + (provenance.text?.outOfVocabulary ?? 0),
            seconds: start.duration(to: .now) / .seconds(1), peakMemoryBytes: Memory.peakBytes)
        if common.json {
            try Console.json(summary)
        } else {
            Console.note(
                "\(out): \(Format.count(summary.documents)) × \(summary.columns) embeddings in "
                    + "\(Format.duration(summary.seconds))")
        }
    }
}

extension FeatureModel {
    fileprivate var kindDescription: String {
        network.hasPosterior ? network.likelihood.map { "a \($0.rawValue) vae" } ?? "a vae" : "an sae"
    }
}

extension EmbeddingFormat: ExpressibleByArgument {}
