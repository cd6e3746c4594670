import ArgumentParser
import Autoencoders
import Corpora
import FileIO
import Gossamer

struct TrainSAECommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sae", abstract: "Trains a sparse autoencoder.",
        discussion: """
            Documents are weighted (tf-idf and unit length for counts), part of each document's words is hidden, and \
            the model learns to reconstruct the whole document from the rest. What it learns are features: each \
            document becomes a short vector.
            """)

    @Argument(help: "The corpus: a libsvm file, compressed or not; - is stdin.")
    var corpus: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the model goes.", valueName: "file"))
    var out = "model.safetensors"

    @Option(help: ArgumentHelp("Also embed the training corpus into this file.", valueName: "file"))
    var embeddings: String?

    @Option(help: "What a latent unit does: relu, linear, sigmoid, tanh or topk:K.")
    var activation = Activation.relu

    @Option(help: ArgumentHelp("A price on activity: l1:λ, l2:λ or none; repeatable.", valueName: "penalty"))
    var sparsity: [SparsityChoice] = []

    @Option(help: "What is minimised: squared-error.")
    var objective = ObjectiveChoice.squaredError

    @Option(help: "How the decoder comes about: optimal (always the least-squares fit) or trained (by Adam).")
    var decoder = AutoencoderSettings.DecoderKind.optimal

    @Flag(inversion: .prefixedNo, help: "Whether the optimal decoder has a bias.")
    var decoderBias = true

    @Option(
        help: ArgumentHelp(
            "How far the optimal decoder is pulled towards zero (default: from the documents a unit).",
            valueName: "share"))
    var ridge: Float?

    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Corpus") var corpusOptions: CorpusOptions
    @OptionGroup var backend: BackendOption
    @OptionGroup var common: RunOptions

    func validate() throws {
        try OutputPaths.check(["--out": out, "--embeddings": embeddings], inputs: [corpus, corpusOptions.vocabulary])
        if out == "-" {
            throw ValidationError("--out: a model is binary and cannot go to standard output; give a file")
        }
        if let ridge, !(ridge > 0 && ridge.isFinite) {
            throw ValidationError("--ridge needs a number above 0, not \(ridge)")
        }
        let width = training.latent ?? AutoencoderSettings().latentWidth
        if case .topK(let k) = activation, k > width {
            throw ValidationError("--activation topk:\(k) keeps more units than there are: --latent is \(width)")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        try AtomicFile.checkCreatable(out)
        let embeddingFormat = try embeddings.map { try EmbeddingFormat(path: $0) }
        if let embeddings { try AtomicFile.checkCreatable(embeddings) }
        let execution = Execution(backend: backend.backend, parallelism: common.parallelism)
        Interruption.cleanUp([out, embeddings])
        let documents = try corpusOptions.read(corpus, parallelism: common.parallelism)
        try MemoryNeed(of: settings.autoencoder, on: documents).check(corpus: corpus)
        var watch = TrainingWatch(progress: common.progress.trainingProgress())
        let model = try train(on: documents, execution: execution) { watch.notice($0) }
        try model.save(to: out)
        if let embeddings, let embeddingFormat {
            try writeEmbeddings(
                of: documents, from: corpus, by: model, to: embeddings, as: embeddingFormat, execution: execution,
                progress: common.progress)
        }
        let report = TrainingSummary(
            model: out, documents: documents, watch: watch, seconds: start.duration(to: .now) / .seconds(1))
        try common.json ? Console.json(report) : Console.result(report.text(for: model, embeddings: embeddings))
    }

    private func train(
        on documents: Corpus, execution: Execution, onEvent: (TrainingEvent) -> Void
    ) throws -> FeatureModel {
        do {
            return try FeatureModel.train(on: documents, settings, execution: execution, onEvent: onEvent)
        } catch let error as WeightingError {
            throw CorpusValueError(path: corpus, cause: error, indexBase: documents.provenance.indexBase)
        } catch let error as ModelTrainingError {
            if let model = error.lastGood {
                try model.save(to: out)
                Console.note("\(out): holds the model as it stood after the last good epoch")
            }
            throw TrainingFailure(path: corpus, cause: error.cause)
        }
    }

    private var settings: ModelSettings {
        var settings = ModelSettings()
        settings.weighting = training.weighting
        settings.normalization = training.normalize
        settings.training = training.settings(seed: common.seed)
        settings.autoencoder.latentWidth = training.latent ?? settings.autoencoder.latentWidth
        settings.autoencoder.hiddenWidths = training.hidden?.widths ?? []
        settings.autoencoder.activation = activation
        settings.autoencoder.denoising = training.denoise ?? settings.autoencoder.denoising
        settings.autoencoder.penalties = sparsity.compactMap(\.penalty)
        settings.autoencoder.decoder = decoder
        settings.autoencoder.hasDecoderBias = decoderBias
        settings.autoencoder.ridge = ridge
        return settings
    }
}

/// Passes events on to the progress display and remembers what the summary needs.
private struct TrainingWatch {
    let progress: any TrainingProgress
    private(set) var epochs = 0
    private(set) var epochSeconds = 0.0
    private(set) var final: FinalReport?

    init(progress: any TrainingProgress) { self.progress = progress }

    mutating func notice(_ event: TrainingEvent) {
        progress.show(event)
        switch event {
        case .epoch(let report):
            epochs += 1
            epochSeconds += report.seconds
        case .finished(let report): final = report
        default: break
        }
    }
}

/// What `train` reports in the end.
private struct TrainingSummary: Encodable {
    let model: String
    let epochs: Int
    let documents: Int
    let features: Int
    let nonzeros: Int
    let seconds: Double
    let secondsPerEpoch: Double
    let loss: Double
    let unexplained: Double
    let activeUnits: Double
    let deadUnits: Int
    let peakMemoryBytes: Int

    init(model: String, documents: Corpus, watch: TrainingWatch, seconds: Double) {
        self.model = model
        epochs = watch.epochs
        self.documents = documents.rowCount
        features = documents.featureCount
        nonzeros = documents.matrix.entryCount
        self.seconds = seconds
        secondsPerEpoch = watch.epochSeconds / Double(max(1, watch.epochs))
        loss = watch.final?.loss ?? 0
        unexplained = watch.final?.unexplained ?? 0
        activeUnits = watch.final?.activeUnits ?? 0
        deadUnits = watch.final?.deadUnits ?? 0
        peakMemoryBytes = Memory.peakBytes
    }

    func text(for model: FeatureModel, embeddings: String?) -> String {
        var lines = [
            "unexplained  \(Format.fixed(unexplained, 4)) of the documents' squared length",
            "active       \(Format.fixed(activeUnits, 1)) of \(model.latentWidth) units a document, \(deadUnits) dead",
            "time         \(Format.duration(seconds)), \(Format.duration(secondsPerEpoch)) an epoch",
            "memory       \(Format.bytes(peakMemoryBytes)) at the peak",
            "model        \(self.model)",
        ]
        if let embeddings { lines.append("embeddings   \(embeddings), \(Format.count(documents)) rows") }
        lines.append("")
        lines.append("strongest features of some units:")
        lines += FeatureTable(model: model, count: 8).lines(heaviest: 8)
        return lines.joined(separator: "\n")
    }
}
