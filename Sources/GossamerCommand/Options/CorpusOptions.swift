import ArgumentParser
import Corpora
import FileIO
import Gossamer
import SparseMatrices

/// A corpus format by name, or `auto`.
struct FormatChoice: ExpressibleByArgument {
    /// The format; nil to detect it.
    let format: CorpusFormat?

    static let auto = FormatChoice(format: nil)
    static let allValueStrings = ["auto"] + CorpusFormat.allCases.map(\.rawValue)

    init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        format = CorpusFormat(rawValue: argument)
    }

    private init(format: CorpusFormat?) { self.format = format }

    var defaultValueDescription: String { format?.rawValue ?? "auto" }
}

enum IndexBaseChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case zero = "0"
    case one = "1"

    var base: IndexBaseRule {
        switch self {
        case .auto: .auto
        case .zero: .zero
        case .one: .one
        }
    }
}

/// Options that apply to every corpus, both new ones and those read for a model.
struct SourceOptions: ParsableArguments {
    @Option(help: "The format: \(FormatChoice.allValueStrings.joined(separator: ", ")).")
    var format = FormatChoice.auto

    @Flag(help: "Treat each oddity of the corpus as an error: unsorted or duplicate indices, blank lines and kin.")
    var strict = false

    @Flag(help: "Take the columns of a matrix for the documents, as in 10x Genomics' files; a model remembers it.")
    var transpose = false

    @Option(help: ArgumentHelp("The features' words, one a line in index order.", valueName: "file"))
    var vocabulary: String?

    @Option(help: ArgumentHelp("The JSON key of a document's text.", valueName: "key"))
    var textField = TextInputOptions().textField

    @Option(help: ArgumentHelp("The JSON key of a document's label, or labels.", valueName: "key"))
    var labelField = TextInputOptions().labelField

    @Option(help: ArgumentHelp("The JSON key of a document's id.", valueName: "key"))
    var idField = TextInputOptions().idField

    @Option(
        help: ArgumentHelp(
            "The column of a .tsv or .csv with the labels: a number from 1, or a name.", valueName: "column"))
    var labelColumn: String?

    @Option(help: ArgumentHelp("The column of a .tsv or .csv with the text; several are joined.", valueName: "column"))
    var textColumn: [String] = []

    @Option(help: ArgumentHelp("The column of a .tsv or .csv with the documents' ids.", valueName: "column"))
    var idColumn: String?

    @Flag(help: "Take the first line of a .tsv or .csv for the names of its columns.")
    var header = false

    @Flag(help: "Leave out lines of text or JSON that cannot be understood, and count them.")
    var skipBadLines = false

    /// The options whose values differ from the default.
    var given: [String] {
        let usual = TextInputOptions()
        let options: [(name: String, isGiven: Bool)] = [
            ("--format", format.format != nil), ("--strict", strict), ("--transpose", transpose),
            ("--vocabulary", vocabulary != nil), ("--text-field", textField != usual.textField),
            ("--label-field", labelField != usual.labelField), ("--id-field", idField != usual.idField),
            ("--label-column", labelColumn != nil), ("--text-column", !textColumn.isEmpty),
            ("--id-column", idColumn != nil), ("--header", header), ("--skip-bad-lines", skipBadLines),
        ]
        return options.filter(\.isGiven).map(\.name)
    }

    /// The columns of a table; nil if no columns were given.
    var table: TableColumns? {
        if !header, textColumn.isEmpty, labelColumn == nil, idColumn == nil { return nil }
        return TableColumns(label: labelColumn, id: idColumn, texts: textColumn, hasHeader: header)
    }

    func options(libSVM: LibSVMOptions) -> CorpusReadingOptions {
        var options = CorpusReadingOptions(format: format.format, libSVM: libSVM)
        options.isTransposed = transpose
        options.isTable = table != nil
        options.vocabularyPath = vocabulary
        options.textInput = TextInputOptions(
            textField: textField, labelField: labelField, idField: idField, skipBadLines: skipBadLines)
        return options
    }
}

/// Options for reading a new corpus.
struct CorpusOptions: ParsableArguments {
    @OptionGroup var source: SourceOptions

    @Option(help: ArgumentHelp("Whether libsvm's feature indices count from 0 or 1.", valueName: "auto|0|1"))
    var indexBase = IndexBaseChoice.auto

    @Option(help: ArgumentHelp("The number of features, if the corpus does not show them all.", valueName: "n"))
    var features: Int?

    @OptionGroup var text: TextCountingOptions

    func validate() throws {
        if let features, !(1...Self.mostFeatures).contains(features) {
            throw ValidationError("--features needs a number from 1 to \(Self.mostFeatures), not \(features)")
        }
    }

    /// The number of features that 32-bit indices can distinguish.
    private static let mostFeatures = 1 << 32

    /// A file that is read besides the corpus.
    var vocabulary: String? { source.vocabulary }

    func readingOptions() throws -> CorpusReadingOptions {
        var options = source.options(
            libSVM: LibSVMOptions(indexBase: indexBase.base, featureCount: features, strict: source.strict))
        options.text = try text.options()
        options.text.table = source.table
        return options
    }

    /// Reads a corpus and writes to stderr what was detected, merged or dropped.
    ///
    /// - Parameters:
    ///   - keptBytes: how many bytes of each document's text are kept to be shown.
    ///   - model: one that is to go on learning from the corpus: indices count from where the model's did, and text is
    ///     counted as the model's was, unless options say otherwise.
    func read(
        _ path: String, keepingText keptBytes: Int = 0, parallelism: Parallelism, continuing model: FeatureModel? = nil
    ) throws -> Corpus {
        var options = try readingOptions()
        options.textInput.keptBytes = keptBytes
        if let model {
            if indexBase == .auto, let base = model.indexBase { options.libSVM.indexBase = IndexBaseRule(base) }
            if text.given.isEmpty, let known = model.textOptions {
                options.text = known
                options.text.table = source.table
            }
            options.isTransposed = options.isTransposed || model.isTransposed
        }
        let corpus = try CorpusReader.read([path], options: options, parallelism: parallelism)
        corpus.announce(path)
        announceUnused(corpus.provenance, path)
        return corpus
    }

    /// Writes to stderr which options had no effect on this corpus.
    func announceUnused(_ provenance: CorpusProvenance, _ path: String) {
        let isText = CorpusFormat(rawValue: provenance.format)?.isText ?? true
        let ofText = ["--text-field", "--label-field", "--id-field", "--skip-bad-lines"]
        let options =
            isText
            ? [indexBase != .auto ? "--index-base" : nil].compactMap { $0 }
            : text.given + source.given.filter { ofText.contains($0) }
        for option in options {
            Console.warning(
                "\(inputName(path)): \(option) has no effect: \(isText ? "text has no indices" : "it is no text to count")"
            )
        }
    }
}

/// Options for reading a corpus for an existing model, whose index base, number of features, vocabulary and text
/// settings apply.
struct ModelCorpusOptions: ParsableArguments {
    @OptionGroup var source: SourceOptions

    @Option(
        help: ArgumentHelp(
            "From where libsvm's feature indices count in this corpus, if not from where the model's did.",
            valueName: "auto|0|1"))
    var indexBase: IndexBaseChoice?

    /// The options whose values differ from the default.
    var given: [String] { source.given + (indexBase != nil ? ["--index-base"] : []) }

    func read(_ path: String, for model: FeatureModel, parallelism: Parallelism) throws -> Corpus {
        let corpus = try CorpusReader.read([path], options: options(for: model), parallelism: parallelism)
        corpus.announce(path)
        return corpus
    }

    /// Opens a corpus to be embedded piece by piece; what was detected, merged or dropped is known after the last
    /// piece.
    ///
    /// - Parameter keptBytes: how many bytes of each document's text are kept to be shown.
    func open(
        _ path: String, for model: FeatureModel, keepingText keptBytes: Int = 0, parallelism: Parallelism
    ) throws -> CorpusPieces {
        var options = options(for: model)
        options.textInput.keptBytes = keptBytes
        return try CorpusPieces(
            path, options: options, rowMultiple: FeatureModel.rowsPerPiece, parallelism: parallelism)
    }

    private func options(for model: FeatureModel) -> CorpusReadingOptions {
        let known = model.readingOptions
        var options = source.options(libSVM: known.libSVM)
        options.isStrict = source.strict
        if let indexBase { (options.libSVM.indexBase, options.libSVM.isBaseOfModel) = (indexBase.base, false) }
        options.isTransposedForModel = known.isTransposedForModel
        options.knownWords = known.knownWords
        options.isForModel = true
        options.text = known.text
        if let table = source.table { options.text.table = table }
        return options
    }
}

extension Corpus {
    /// Writes to stderr how the corpus was read.
    func announce(_ path: String) { provenance.announce(path) }
}

extension CorpusProvenance {
    /// Writes to stderr how the corpus was read.
    func announce(_ path: String) {
        let path = inputName(path)
        if format != CorpusFormat.libSVM.rawValue, let reason = formatReason {
            Console.note("\(path): read as \(format): \(reason)")
        }
        if let base = indexBase, let reason = indexBaseReason, origin == nil {
            Console.note("\(path): indices count from \(base.rawValue) (\(reason))")
        }
        for note in notes { Console.note("\(path): \(note)") }
        for warning in warnings { Console.warning("\(path): \(warning)") }
    }
}
