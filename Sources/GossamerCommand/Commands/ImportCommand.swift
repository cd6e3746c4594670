import ArgumentParser
import Corpora
import FileIO

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Reads a corpus of any format and writes it in another.",
        discussion: """
            The usual output is Gossamer's corpus file (.safetensors), which keeps everything and is mapped into \
            memory when it is used; .svm, .mtx and .npz are for other programs. Several sources become one corpus, in the \
            order given; texts are counted together.
            """)

    @Argument(help: "Files or folders of any format, compressed or not; - is stdin.")
    var sources: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the corpus goes; the ending chooses the format.", valueName: "file"))
    var out: String

    @Option(help: ArgumentHelp("Also write the features' words, one a line in column order.", valueName: "file"))
    var writeVocabulary: String?

    @Option(
        help: ArgumentHelp(
            "Also write the labels, a line a document; several with commas between, none as an empty line.",
            valueName: "file"))
    var writeLabels: String?

    @Option(
        help: ArgumentHelp(
            "Also write the documents' ids, one a line; without any, their numbers from 1.", valueName: "file"))
    var writeIds: String?

    @OptionGroup(title: "Corpus") var corpusOptions: CorpusOptions
    @OptionGroup var common: RunOptions

    private struct Summary: Encodable {
        let corpus: String
        let format: String
        let sources: [String]
        let documents: Int
        let features: Int
        let nonzeros: Int
        let labels: Int
        let ids: Bool
        let vocabulary: Bool
        let warnings: [String]
        let seconds: Double
        let peakMemoryBytes: Int
    }

    func validate() throws {
        if sources.isEmpty { throw ValidationError("import needs a source") }
        try OutputPaths.check(
            [
                "--out": out, "--write-vocabulary": writeVocabulary, "--write-labels": writeLabels,
                "--write-ids": writeIds,
            ],
            inputs: sources + [corpusOptions.vocabulary], json: common.json)
        if out == "-" { throw ValidationError("--out: give a file, whose ending says what to write") }
    }

    func run() throws {
        let start = ContinuousClock.now
        let format = try CorpusOutputFormat(path: out)
        let lists = [writeVocabulary, writeLabels, writeIds]
        for case let path? in [out] + lists { try AtomicFile.checkCreatable(path) }
        Interruption.cleanUp()
        let corpus = try corpus(as: format)
        try writeLists(of: corpus)
        let lost = format.losses(of: corpus)
        if !lost.isEmpty {
            let what = lost.joined(separator: " and ")
            Console.warning("\(out): \(format.rawValue) has no place for \(what); they are lost")
        }
        for change in format.changes(to: corpus) { Console.warning("\(out): \(change)") }
        let summary = Summary(
            corpus: out, format: corpus.provenance.origin ?? corpus.provenance.format, sources: sources,
            documents: corpus.rowCount, features: corpus.featureCount, nonzeros: corpus.matrix.entryCount,
            labels: corpus.labels?.names.count ?? 0, ids: corpus.ids != nil, vocabulary: corpus.vocabulary != nil,
            warnings: corpus.provenance.warnings, seconds: start.duration(to: .now) / .seconds(1),
            peakMemoryBytes: Memory.peakBytes)
        if common.json {
            try Console.json(summary)
        } else {
            try Console.result(
                "\(out): \(Format.count(summary.documents)) documents × \(Format.count(summary.features)) features, "
                    + "\(Format.count(summary.nonzeros)) entries in \(Format.duration(summary.seconds))")
        }
    }

    /// Checks that the corpus has the lists that are to be written.
    private func checkLists(_ contents: CorpusContents) throws {
        func require(_ isThere: Bool, _ what: String, _ advice: Message) throws {
            if isThere { return }
            throw FileError.badData(
                BadData(
                    path: sources.map(inputName).joined(separator: ", "), found: "a corpus without \(what)",
                    expected: "\(what), which were asked for as a list", advice: advice))
        }
        if writeVocabulary != nil {
            try require(contents.hasWords, "words", "give --vocabulary, or leave out --write-vocabulary")
        }
        if writeLabels != nil { try require(contents.hasLabels, "labels", "leave out --write-labels") }
    }

    /// Writes the lists that other programs read beside a matrix.
    private func writeLists(of corpus: Corpus) throws {
        if let writeVocabulary { try corpus.writeVocabulary(to: writeVocabulary) }
        if let writeLabels { try corpus.writeLabels(to: writeLabels) }
        if let writeIds { try corpus.writeIDs(to: writeIds) }
    }

    /// Reads the sources and writes them: to a corpus file as a stream, to other formats as a whole.
    private func corpus(as format: CorpusOutputFormat) throws -> Corpus {
        let options = try corpusOptions.readingOptions()
        let name = sources.map(inputName).joined(separator: ", ")
        if format == .safetensors {
            let corpus = try CorpusReader.importCorpus(
                sources, to: out, options: options, parallelism: common.parallelism, check: checkLists)
            corpus.announce(name)
            corpusOptions.announceUnused(corpus.provenance, name)
            return corpus
        }
        let corpus = try CorpusReader.read(sources, options: options, parallelism: common.parallelism)
        corpus.announce(name)
        corpusOptions.announceUnused(corpus.provenance, name)
        try checkLists(corpus.contents)
        try format.write(corpus, to: out)
        return corpus
    }
}
