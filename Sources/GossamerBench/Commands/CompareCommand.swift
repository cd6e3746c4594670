import ArgumentParser
import Corpora
import SparseMatrices

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Gossamer and its peers on one corpus, side by side, as a Markdown table.",
        discussion: """
            Products with a sparse matrix, reading, training, accuracy and embedding, beside MKL, GraphBLAS, SciPy, \
            scikit-learn, XGBoost and Keras, one after the other on the same machine with the same number of threads. \
            Short jobs are run once to warm up, and the median of several runs counts; Keras' epoch is run once. \
            Memory is that of the whole process at its peak. Peers that are not installed are left out with a message.
            """)

    @Argument(help: "An uncompressed libsvm file, one-based.")
    var file: String

    @Option(help: ArgumentHelp("The number of latent units.", valueName: "n"))
    var latent = 128

    @Option(help: ArgumentHelp("Timed runs of a job; of training and fitting at most 3.", valueName: "n"))
    var runs = 7

    @OptionGroup var peers: PeerOptions

    @Flag(help: "Leave Keras out, which needs a dense matrix in memory.")
    var noKeras = false

    @Flag(help: "Print one JSON object.")
    var json = false

    @OptionGroup(title: "The sparse matrix of the products") var zipf: ZipfOptions

    func validate() throws {
        if latent < 1 || runs < 1 {
            throw ValidationError("--latent and --runs start at 1")
        }
    }

    func run() throws {
        let settings = CompareSettings(
            file: file, latent: latent, runs: runs, peers: peers.peers)
        let corpus = try LibSVMReader.read(path: file, parallelism: settings.parallelism)
        var comparison = Comparison()
        let training = TrainingComparison(settings: settings, withKeras: !noKeras)
        note("training")
        let own = try training.measureOwn(corpus)
        note("products")
        try ProductComparison(settings: settings, zipf: zipf).add(to: &comparison)
        note("reading")
        try ReadingComparison(settings: settings).add(corpus, to: &comparison)
        note("peers' training and embedding")
        training.add(own, corpus, to: &comparison)
        note("accuracy")
        try AccuracyComparison(settings: settings).add(corpus, to: &comparison)
        note("hashed features")
        try HashedComparison(settings: settings).add(corpus, to: &comparison)
        if json { try print(json: comparison) } else { print(comparison.markdown) }
    }
}
