import ArgumentParser
import Corpora
import Evaluation

struct CoherenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coherence",
        abstract: "How well the words of units belong together, beside those of NMF and LSA, over several splits.",
        discussion: """
            The documents are divided into parts. Each part in turn is held out: the models learn from the others, \
            and the npmi of their words is measured in it. Words are ranked by their weight in the decoder or the \
            component, for every model alike; Gossamer's are ranked by lift as well. Each figure is the mean over the \
            splits, with its standard error.
            """)

    @Argument(help: "A corpus of any format that has words.")
    var file: String

    @Option(help: ArgumentHelp("A file of words, one a line, for formats that have none.", valueName: "file"))
    var vocabulary: String?

    @Option(help: ArgumentHelp("The number of latent units, and of the peers' components.", valueName: "n"))
    var latent = 128

    @Option(help: ArgumentHelp("The number of parts, each of which is held out once.", valueName: "n"))
    var splits = 5

    @OptionGroup var peers: PeerOptions

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if latent < 1 || splits < 2 {
            throw ValidationError("--latent starts at 1, --splits at 2")
        }
    }

    func run() throws {
        let settings = CompareSettings(
            file: file, latent: latent, runs: 1, peers: peers.peers)
        var options = CorpusReadingOptions()
        options.vocabularyPath = vocabulary
        let corpus = try CorpusReader.read(file, options: options, parallelism: settings.parallelism)
        let comparison = try CoherenceComparison(of: corpus, settings, splits: splits)
        if json { try print(json: comparison) } else { print(comparison.markdown) }
    }
}
