import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import FileIO
import Gossamer
import Report
import SparseMatrices

/// The files that training reads and writes.
struct TrainingFiles: ParsableArguments {
    @Argument(
        help: """
            The corpus: a file of any known format, compressed or not, or a folder of texts; - is stdin, which is learned \
            from in one pass, in bounded memory, unless --epochs is given.
            """)
    var corpus: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the model goes.", valueName: "file"))
    var out = "model.safetensors"

    @Option(help: ArgumentHelp("Also embed the training corpus into this file.", valueName: "file"))
    var embeddings: String?

    @Option(
        help: ArgumentHelp("Also make a page that shows the model and the corpus; see `report`.", valueName: "file"))
    var report: String?

    @OptionGroup var state: CheckpointOptions
    @OptionGroup var start: StartOptions

    func check(_ corpusOptions: CorpusOptions) throws {
        // The state that training goes on from may be replaced by that at which it is.
        try OutputPaths.check(
            [
                "--out": out, "--embeddings": embeddings, "--report": report, "--checkpoint": state.checkpoint,
            ], inputs: [corpus, corpusOptions.vocabulary, start.startFrom])
        if let resume = state.resume {
            try OutputPaths.check(
                ["--out": out, "--embeddings": embeddings, "--report": report], inputs: [resume])
        }
        if out == "-" {
            throw ValidationError("--out: a model is binary and cannot go to standard output; give a file")
        }
    }

    /// How many bytes of each document's text are kept, to be shown.
    fileprivate var keptBytes: Int { report == nil ? 0 : ReportOptions.keptBytes }
}

/// A command that trains a model of one kind.
protocol TrainingCommand: ParsableCommand {
    var files: TrainingFiles { get }
    var corpusOptions: CorpusOptions { get }
    var training: TrainingOptions { get }
    var backend: BackendOption { get }
    var common: RunOptions { get }

    /// The settings by which a search compares candidates.
    var candidateSettings: ModelSettings { get }
    /// An option that has no effect with the other options, and the reason; nil if all have an effect.
    var optionWithoutEffect: OptionWithoutEffect? { get }
    /// - Parameter checkpoints: where its state is kept; nil to keep none.
    func train(
        on input: TrainingInput, execution: Execution, checkpoints: Checkpoints?, report: (TrainingNews) -> Void
    ) throws -> (model: FeatureModel, results: TrainingResults)
    /// Advice for the user if the loss is not finite.
    var divergenceAdvice: String { get }
}

/// What a model is trained on.
enum TrainingInput {
    /// - start: the model that training goes on from; nil for a new one.
    case documents(Corpus, start: FeatureModel?)
    case stream(CorpusStream)

    fileprivate var indexBase: IndexBase? {
        switch self {
        case .documents(let documents, _): documents.provenance.indexBase
        case .stream(let stream): stream.indexBase
        }
    }

    var start: FeatureModel? {
        if case .documents(_, let start) = self { start } else { nil }
    }
}

struct OptionWithoutEffect {
    let option: String
    let reason: String

    var message: String { "\(option) has no effect \(reason); leave it out" }
}

extension TrainingCommand {
    /// Reads the corpus, trains the model, writes the outputs and prints the report.
    func trainAndSave() throws {
        if let useless = optionWithoutEffect { throw ValidationError(useless.message) }
        if let warning = candidateSettings.warningOfWeightedCounts { Console.warning(warning) }
        let start = ContinuousClock.now
        try AtomicFile.checkCreatable(files.out)
        let embeddingFormat = try files.embeddings.map { try EmbeddingFormat(path: $0) }
        for case let path? in [files.embeddings, files.report] { try AtomicFile.checkCreatable(path) }
        try files.state.checkFiles()
        let execution = try backend.execution(common.parallelism)
        Interruption.cleanUp()
        if isStream { return try trainOnStream(execution, since: start) }
        let known = try files.start.model(of: candidateSettings.kind)
        if known != nil { try requireOptionsOfTrainingOnly() }
        let documents = try corpusOptions.read(
            files.corpus, keepingText: files.keptBytes, parallelism: common.parallelism, continuing: known)
        var watch = TrainingWatch(progress: common.progress.trainingProgress())
        let (model, results) = try Interruption.after(files.state.adviceAfterInterruption, { execution.cancel() }) {
            try trainOrExplain(
                on: .documents(documents, start: known), execution: execution, checkpoints: files.state.checkpoints
            ) { watch.notice($0) }
        }
        try model.save(to: files.out)
        // In the columns of the model, where those of the corpus are others.
        let learned = known == nil ? documents : try documents.matched(to: model.vocabulary, count: model.featureCount)
        if let embeddings = files.embeddings, let embeddingFormat {
            let outputs = EmbeddingOutputs(
                embeddings: try embeddingFormat.makeWriter(
                    path: embeddings, columnCount: model.codeWidth(withVariance: false)))
            _ = try outputs.write(
                CorpusPieces(learned, rowMultiple: FeatureModel.rowsPerPiece), from: files.corpus, by: model,
                execution: execution, progress: common.progress)
        }
        if let path = files.report { try show(model, learned, on: path) }
        let report = TrainingSummary(
            model: files.out, documents: documents.rowCount, features: documents.featureCount,
            nonzeros: documents.matrix.entryCount, watch: watch, results: results,
            seconds: start.duration(to: .now) / .seconds(1))
        try common.json ? Console.json(report) : Console.result(report.text(for: model, embeddings: files.embeddings))
    }

    /// Trains a new model by the settings, on all documents or on a stream, or goes on with one.
    func learn(
        from input: TrainingInput, execution: Execution, checkpoints: Checkpoints?, _ onEvent: (TrainingEvent) -> Void
    ) throws -> FeatureModel {
        let settings = candidateSettings
        switch input {
        case .documents(let documents, nil):
            return try FeatureModel.train(
                on: documents, settings, execution: execution, checkpoints: checkpoints, onEvent: onEvent)
        case .documents(let documents, let start?):
            return try start.continued(
                on: documents, training: settings.training, keepingWeighting: files.start.keepWeighting,
                execution: execution, checkpoints: checkpoints, onEvent: onEvent)
        case .stream(let stream):
            return try FeatureModel.train(
                on: stream, settings, execution: execution, checkpoints: checkpoints, onEvent: onEvent)
        }
    }

    /// - Throws: `ValidationError` if an option is given that is a model's and not one of its training.
    private func requireOptionsOfTrainingOnly() throws {
        var plain = try Self.parse([files.corpus]).candidateSettings
        plain.training = candidateSettings.training
        if plain == candidateSettings { return }
        throw ValidationError(
            "--start-from: the model has units, activation, weighting and the like of its own; leave out options for them"
        )
    }

    private func show(_ model: FeatureModel, _ documents: Corpus, on path: String) throws {
        var settings = ReportSettings()
        settings.seed = common.seed
        _ = try ReportOutputs(page: path, ldavis: nil, title: ReportCommand.title(of: files.out)).write(
            model, on: CorpusPieces(documents, rowMultiple: FeatureModel.rowsPerPiece), named: files.corpus, settings,
            common: common)
    }

    /// Adds the place in the corpus to an error, and saves the last good model if training diverged, or the finished one
    /// if only its state could not be kept.
    func trainOrExplain(
        on input: TrainingInput, execution: Execution, checkpoints: Checkpoints?, report: (TrainingNews) -> Void
    ) throws -> (model: FeatureModel, results: TrainingResults) {
        do {
            return try train(on: input, execution: execution, checkpoints: checkpoints, report: report)
        } catch let error as UnkeptState {
            try error.model.save(to: files.out)
            Console.note("\(files.out): holds the finished model")
            throw error.cause
        } catch let error as any EntryError {
            throw CorpusValueError(path: files.corpus, cause: error, indexBase: input.indexBase)
        } catch let error as OtherStream {
            throw FileError.badData(
                BadData(
                    path: inputName(files.corpus), found: "other documents", expected: Message("\(error)"),
                    advice: "start a new training for other documents"))
        } catch let error as MemoryError {
            throw ExcessiveModel(path: files.corpus, cause: error)
        } catch let error as ModelTrainingError {
            if let model = error.lastGood {
                try model.save(to: files.out)
                Console.note("\(files.out): holds the model as it stood before that step")
            }
            throw TrainingFailure(path: files.corpus, cause: error, advice: divergenceAdvice)
        }
    }
}

extension ModelSettings {
    /// What to know of a likelihood of counts that is given something else; nil if it is not.
    fileprivate var warningOfWeightedCounts: Message? {
        guard let likelihood = architecture.namedLikelihood, likelihood.needsCounts else { return nil }
        let weighting = self.weighting ?? .none, normalization = self.normalization ?? .none
        if [.none, .binary].contains(weighting) && normalization == .none { return nil }
        return
            "\(likelihood.rawValue) is about counts, and is given weighted values: losses are then in nats of what nobody "
            + "counted, and compare with no others; leave out \(setting: "weighting") and \(setting: "normalize")"
    }
}

/// Forwards training events to the progress display and collects what the summary needs.
struct TrainingWatch {
    let progress: any TrainingProgress
    /// Those of earlier runs that this one goes on from included.
    private(set) var epochs = 0
    private var seconds = 0.0
    private var rows = 0
    private var rowsPerEpoch = 0

    init(progress: any TrainingProgress) { self.progress = progress }

    mutating func notice(_ news: TrainingNews) {
        progress.show(news)
        switch news {
        case .started(let plan): rowsPerEpoch = plan.trainingRows.count
        case .resumed(let epochs, _): self.epochs = epochs
        case .epoch(let report):
            // If the corpus has been modified meanwhile, further epochs are useless.
            WatchedInputs.requireUnaltered()
            epochs = report.epoch
            seconds += report.seconds
            rows += report.rows
        case .step, .warning, .stoppedEarly, .finished: break
        }
    }

    /// The mean over this run's epochs, of which the first may have begun in an earlier run.
    var secondsPerEpoch: Double { rows == 0 ? 0 : seconds * Double(rowsPerEpoch) / Double(rows) }
}

/// The report that `train` prints at the end.
struct TrainingSummary: Encodable {
    let model: String
    let epochs: Int
    let documents: Int
    let features: Int
    let nonzeros: Int
    let seconds: Double
    let secondsPerEpoch: Double
    let peakMemoryBytes: Int
    let results: TrainingResults

    private enum CodingKeys: String, CodingKey {
        case model, epochs, documents, features, nonzeros, seconds, secondsPerEpoch, peakMemoryBytes
    }

    init(
        model: String, documents: Int, features: Int, nonzeros: Int, watch: TrainingWatch, results: TrainingResults,
        seconds: Double
    ) {
        self.model = model
        epochs = watch.epochs
        (self.documents, self.features, self.nonzeros) = (documents, features, nonzeros)
        self.seconds = seconds
        secondsPerEpoch = watch.secondsPerEpoch
        peakMemoryBytes = Memory.peakBytes
        self.results = results
    }

    /// The results are encoded beside the other keys, in the same object.
    func encode(to encoder: any Encoder) throws {
        try results.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model, forKey: .model)
        try container.encode(epochs, forKey: .epochs)
        try container.encode(documents, forKey: .documents)
        try container.encode(features, forKey: .features)
        try container.encode(nonzeros, forKey: .nonzeros)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(secondsPerEpoch, forKey: .secondsPerEpoch)
        try container.encode(peakMemoryBytes, forKey: .peakMemoryBytes)
    }

    func text(for model: FeatureModel, embeddings: String?) -> String {
        var lines =
            results.lines + [
                "time         \(Format.duration(seconds)), \(Format.duration(secondsPerEpoch)) an epoch",
                "memory       \(Format.bytes(peakMemoryBytes)) at the peak",
                "model        \(self.model)",
            ]
        if let embeddings { lines.append("embeddings   \(embeddings), \(Format.count(documents)) rows") }
        lines.append("")
        lines.append("what some units stand for:")
        let units = TopEntries(8, of: model.decoder.columnNorms().map(Double.init)).sorted.map(\.index)
        lines += FeatureTable.shortLines(of: units, of: model, words: 8)
        return lines.joined(separator: "\n")
    }
}
