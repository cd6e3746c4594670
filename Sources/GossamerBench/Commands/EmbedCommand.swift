import ArgumentParser
import Autoencoders
import Corpora
import Gossamer
import SparseMatrices

struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Documents a second that a trained sparse autoencoder embeds.",
        discussion: """
            The corpus is in memory, and weighting it counts; nothing is written. The share is that of the product of \
            documents and weights in what the machine can multiply and add.
            """)

    @Argument(help: "A corpus of any format; synthetic documents if left out.")
    var file: String?

    @Option(parsing: .upToNextOption, help: "Numbers of latent units.")
    var latent = [128]

    @OptionGroup var limitOptions: LimitOptions
    @OptionGroup var measuring: MeasuringOptions

    func validate() throws {
        if latent.isEmpty || latent.contains(where: { $0 < 1 }) { throw ValidationError("--latent starts at 1") }
    }

    func run() throws {
        let corpus =
            try file.map { try CorpusReader.read($0) }
            ?? SyntheticDocuments(count: 20_000, features: 50_000, wordsPerDocument: 100, seed: 1).corpus()
        var report = Report()
        let limits = limitOptions.measure(measuring, &report)
        for width in latent {
            var settings = ModelSettings()
            settings.autoencoder.latentWidth = width
            settings.training.epochs = 1
            let model = try FeatureModel.train(on: corpus, settings)
            try check(model, corpus)
            for (threads, limit) in limits.sorted(by: { $0.key < $1.key }) {
                let execution = Execution(parallelism: Parallelism(threads: threads))
                let timing = try Timing(runs: measuring.runs) { _ = try model.embed(corpus, execution: execution) }
                let operations = 2 * Double(corpus.matrix.entryCount * width) / 1e9 / timing.median
                report.add(
                    "embed rows=\(corpus.rowCount) H=\(width) threads=\(threads)", "rows/s",
                    timing.rate(Double(corpus.rowCount)),
                    also: [
                        .init(unit: "GFLOP/s", value: operations),
                        .share(operations / limit.multiplyAdd, of: "multiply-add"),
                    ],
                    printing: !measuring.json)
            }
        }
        if measuring.json { try report.printJSON() }
    }

    /// Compares embeddings with those of plain loops with the same weights.
    private func check(_ model: FeatureModel, _ corpus: Corpus) throws {
        guard let network = model.network as? SparseAutoencoder else { return }
        let few = corpus.rows(0..<min(200, corpus.rowCount))
        let fast = try model.embed(few), inputs = try model.inputs(from: few)
        let plain = PlainAutoencoder(
            weights: network.encoder.input.weights.plainRows, bias: network.encoder.input.bias.map(Double.init))
        for row in 0..<few.rowCount {
            let expected = plain.codes(inputs.rows([row]).plainRows)[0]
            for (unit, value) in expected.enumerated() {
                guard abs(Double(fast[row, unit]) - value) <= 1e-4 * max(1, abs(value)) else {
                    throw WrongResult(
                        what: "unit \(unit + 1) of document \(row + 1): \(fast[row, unit]), which should be \(value)")
                }
            }
        }
    }
}
