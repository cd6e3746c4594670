import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import FileIO
import Gossamer

struct FeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features", abstract: "Lists what each latent unit stands for.",
        discussion: """
            A unit's words are those that set apart the documents that activate it most, one in two hundred (at least \
            20): the words of largest P·ln(P/p), where P is the share of these documents that hold a word and p the \
            share of all documents. Without a vocabulary in the model, the features' indices stand instead. The \
            importance is the unit's share of what all units add to documents, in squares; active is the share of \
            documents that activate it (sae); nearest are the units whose words' weights are most similar, with the \
            cosine. All of it is of the documents of training, as the model remembers them, or of --corpus.

            With --corpus there follow the words by weight, those that a unit adds most to a reconstructed document \
            (sae) or to the log-probability of (vae), and the documents that activate it most, by id or by row, \
            counted from 1. --json has both lists of words always.
            """)

    enum Order: String, ExpressibleByArgument, CaseIterable {
        case importance, unit
    }

    @Argument(help: "A model file.")
    var model: String

    @Option(help: ArgumentHelp("How many words a unit.", valueName: "n"))
    var top = 10

    @Option(
        help: ArgumentHelp("Documents to judge the units by, such as those it was trained on.", valueName: "corpus"))
    var corpus: String?

    @Option(help: ArgumentHelp("How many documents a unit, with --corpus.", valueName: "n"))
    var documents = 5

    @Option(help: ArgumentHelp("How many nearest units a unit.", valueName: "n"))
    var nearest = 3

    @Option(help: "What comes first: the most important unit (importance), or unit 0 (unit).")
    var sort = Order.importance

    @Option(help: ArgumentHelp("Print a picture of this unit's words instead, as SVG.", valueName: "unit"))
    var svg: Int?

    @OptionGroup(title: "Corpus") var corpusOptions: ModelCorpusOptions
    @OptionGroup var common: RunOptions

    func validate() throws {
        try OutputPaths.check([:], inputs: [model, corpus, corpusOptions.source.vocabulary])
        if top < 1 { throw ValidationError("--top needs at least 1, not \(top)") }
        for (name, value) in [("documents", documents), ("nearest", nearest)] where value < 0 {
            throw ValidationError("--\(name) needs a number from 0, not \(value)")
        }
        if svg != nil && common.json { throw ValidationError("--svg and --json cannot both be printed; give one") }
        if corpus == nil, let option = corpusOptions.given.first(where: { $0 != "--vocabulary" }) {
            throw ValidationError("\(option) is about how a corpus is read; give --corpus, or leave it out")
        }
    }

    func run() throws {
        var model = try FeatureModel(contentsOf: model)
        if corpus == nil, let path = corpusOptions.source.vocabulary { model = try model.naming(path) }
        let execution = Execution(parallelism: common.parallelism)
        var settings = UnitReportSettings()
        (settings.words, settings.documents, settings.neighbours) = (top, documents, nearest)
        let named = try corpus.map { path in
            NamedCorpus(
                path: path, corpus: try corpusOptions.read(path, for: model, parallelism: common.parallelism))
        }
        var reports =
            try named.map { try $0.explaining { try model.units(in: $0, settings, execution: execution) } }
            ?? model.units(in: nil, settings, execution: execution)
        if sort == .unit { reports.sort { $0.unit < $1.unit } }
        if let svg {
            guard let unit = reports.first(where: { $0.unit == svg }) else {
                throw ValidationError("--svg: \(svg) is no unit; the model's are 0 to \(model.latentWidth - 1)")
            }
            let base = model.indexBase?.rawValue ?? 0
            let bars = unit.words.map {
                (model.vocabulary?[$0.feature] ?? String($0.feature + base), Double(max(0, $0.weight)))
            }
            return try Console.result(UnitChart(title: "Unit \(svg)", bars: bars).svg)
        }
        let table = FeatureTable(reports, of: model, corpus: named?.corpus)
        try common.json
            ? Console.json(["units": table.units])
            : Console.result(table.lines(withBars: Console.isResultTerminal).joined(separator: "\n"))
    }
}

extension FeatureModel {
    /// The same model with the words of a file as the names of its features.
    func naming(_ path: String) throws -> FeatureModel {
        let words = try Vocabulary.read(path: path)
        guard words.count == featureCount else {
            throw FileError.badData(
                BadData(
                    path: path, found: "\(words.count) words",
                    expected: "\(featureCount), one for each feature of the model",
                    advice: "check that these are the words of the corpus that the model was trained on"))
        }
        return FeatureModel(
            network: network, weighting: weighting, indexBase: indexBase, vocabulary: words, isTransposed: isTransposed,
            textOptions: textOptions, record: record, observed: observed, words: self.words, reference: reference)
    }
}
