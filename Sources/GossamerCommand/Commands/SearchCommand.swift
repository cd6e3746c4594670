import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import FileIO
import Gossamer

struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Compares settings of a model by cross-validation.",
        subcommands: [SearchSAECommand.self, SearchVAECommand.self])
}

struct SearchSAECommand: SearchingCommand {
    typealias Training = TrainSAECommand
    static let kind = FeatureModel.Kind.sparse
    static let configuration: CommandConfiguration = described(
        example: "gossamer search sae corpus.svm --grid latent=64,128 --grid sparsity=none,topk:16")

    @OptionGroup var search: SearchOptions
    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("The corpus, and options of train sae that hold for all runs.", valueName: "corpus"))
    var given: [String] = []
    @OptionGroup var common: RunOptions

    /// Accepts an activation as a value of `sparsity`, as in `sparsity=topk:16`, since some activations limit the
    /// number of active units and replace a penalty.
    static func shorthand(_ name: String, _ value: String) -> (name: String, value: String)? {
        guard name == "sparsity", SparsityChoice(argument: value) == nil, Activation(value)?.isSparse == true else {
            return nil
        }
        return ("activation", value)
    }
}

struct SearchVAECommand: SearchingCommand {
    typealias Training = TrainVAECommand
    static let kind = FeatureModel.Kind.variational
    static let configuration: CommandConfiguration = described(
        example: "gossamer search vae corpus.svm --grid latent=20,50 --grid beta=0.5,1")

    @OptionGroup var search: SearchOptions
    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("The corpus, and options of train vae that hold for all runs.", valueName: "corpus"))
    var given: [String] = []
    @OptionGroup var common: RunOptions

    static func shorthand(_ name: String, _ value: String) -> (name: String, value: String)? { nil }
}

/// A command that searches settings of one kind of model.
protocol SearchingCommand: ParsableCommand {
    associatedtype Training: TrainingCommand
    static var kind: FeatureModel.Kind { get }
    var search: SearchOptions { get }
    /// The corpus and the options of the training command.
    var given: [String] { get }
    var common: RunOptions { get }
    static func shorthand(_ name: String, _ value: String) -> (name: String, value: String)?
}

extension SearchingCommand {
    /// The options that can be searched, only if help is to be shown: querying the parser for them takes longer than
    /// everything else that the program does at start.
    private static var namesForHelp: String {
        let asks = ["search", "--experimental-dump-help"]
        guard CommandLine.arguments.dropFirst().contains(where: asks.contains) else { return "" }
        return ": " + SearchableOptions(of: Training.self).names.joined(separator: ", ")
    }

    static func described(example: String) -> CommandConfiguration {
        let kind = kind.rawValue
        return CommandConfiguration(
            commandName: kind, abstract: "Compares settings of train \(kind) by cross-validation.",
            usage: "gossamer search \(kind) <corpus> [--grid <name=value,value> ...] [<options>]",
            discussion: """
                Every combination of the grid is trained on all parts of the corpus but one and measured on that one, \
                for each part in turn, all on the same parts. Each result is written down at once: a search that was \
                stopped goes on when the same command is given again, with --checkpoint FILE in the middle of a \
                training. For example:

                  \(example)

                Any option of `gossamer train \(kind)` can be searched, or given for all runs\(namesForHelp). Its options \
                for reading a corpus hold as well: --format, --vocabulary, --min-df and so on.
                """)
    }

    func validate() throws { _ = try job() }

    func run() throws {
        let start = ContinuousClock.now
        let job = try job()
        if let bestOut = search.bestOut { try AtomicFile.checkCreatable(bestOut) }
        try job.common.files.state.checkFiles()
        let execution = try job.common.backend.execution(common.parallelism)
        Interruption.cleanUp(saying: adviceAfterInterruption)
        let corpus = try job.common.corpusOptions.read(job.common.files.corpus, parallelism: common.parallelism)
        if job.repeats > 0 { Console.note("\(job.repeats) combinations mean the same as others and are left out") }
        let found = try finishingSteps(job, execution) {
            let progress = SearchProgress(common.progress)
            let found = try report(on: corpus, job, execution: execution) { progress.show($0) }
            try trainBest(of: found, on: corpus, job, execution: execution)
            return found
        }
        let summary = SearchSummary(
            found, kind: Self.kind, documents: corpus, results: search.out, bestModel: search.bestOut,
            seconds: start.duration(to: .now) / .seconds(1)
        ) { job.trainCommand(Self.kind.rawValue, $0, seed: common.seed) }
        try common.json ? Console.json(summary) : Console.result(summary.text)
    }

    private var adviceAfterInterruption: String { "stopped; the same command goes on from what \(search.out) holds" }

    /// Performs work that ends after the step that it is in when a signal asks it to end, if its state is kept.
    private func finishingSteps<Result>(
        _ job: SearchJob<Training>, _ execution: Execution, _ work: () throws -> Result
    ) throws -> Result {
        if job.common.files.state.path == nil { return try work() }
        return try Interruption.after(adviceAfterInterruption, { execution.cancel() }, work)
    }

    /// Trains the best settings on all documents, if that is asked for.
    private func trainBest(
        of report: SearchReport, on corpus: Corpus, _ job: SearchJob<Training>, execution: Execution
    ) throws {
        guard let best = report.best else { throw SearchFailure(path: job.common.files.corpus, report: report) }
        guard let training = job.candidates.first(where: { $0.candidate == best.candidate })?.training,
            let bestOut = search.bestOut
        else { return }
        Console.note("training \(best.candidate.name) on all documents")
        let progress = common.progress.trainingProgress()
        let state = training.files.state
        let (model, _) = try training.trainOrExplain(
            on: .documents(corpus, start: nil), execution: execution, checkpoints: state.checkpointsOfSearch
        ) { progress.show($0) }
        try model.save(to: bestOut)
        state.path.map(AtomicFile.discard)
    }

    private func job() throws -> SearchJob<Training> {
        try SearchJob(search, given: given, run: common, shorthand: Self.shorthand)
    }

    /// Reports a failure with its place in the corpus.
    private func report(
        on corpus: Corpus, _ job: SearchJob<Training>, execution: Execution, _ onEvent: (SearchEvent) -> Void
    ) throws -> SearchReport {
        do {
            return try ModelSearch(
                job.candidates.map(\.candidate), folds: search.folds, by: search.by, seed: common.seed
            ).run(
                on: corpus, resultsPath: search.out, checkpoints: job.common.files.state.checkpointsOfSearch,
                execution: execution, onEvent: onEvent)
        } catch let error as ModelTrainingError {
            throw TrainingFailure(path: job.common.files.corpus, cause: error, advice: job.common.divergenceAdvice)
        } catch let error as any EntryError {
            throw CorpusValueError(
                path: job.common.files.corpus, cause: error, indexBase: corpus.provenance.indexBase)
        } catch let error as MemoryError {
            throw ExcessiveModel(path: job.common.files.corpus, cause: error)
        }
    }
}

/// The error if no candidate could be trained.
struct SearchFailure: Error, CustomStringConvertible {
    let path: String
    let report: SearchReport

    var description: String {
        let entry = report.entries.first
        return "\(inputName(path)): no settings could be trained and measured on every fold; of "
            + "\(entry?.candidate.name ?? "them"): \(entry?.failure ?? "nothing could be measured"); give a smaller "
            + "--learning-rate, or scale the values"
    }
}
