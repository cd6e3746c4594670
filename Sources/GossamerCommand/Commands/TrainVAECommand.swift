import ArgumentParser
import Autoencoders
import Corpora
import Gossamer

struct TrainVAECommand: TrainingCommand {
    static let configuration = CommandConfiguration(
        commandName: "vae", abstract: "Trains a variational autoencoder.",
        discussion: """
            Documents are word counts. The model learns a distribution of documents: a latent vector from a normal \
            prior, and from it how probable each word is. It gives embeddings (the mean of each document's \
            posterior), perplexities (`gossamer evaluate`) and new documents (`gossamer generate`).
            """)

    @OptionGroup var files: TrainingFiles

    @Option(help: "What distribution the words of a document have: multinomial.")
    var likelihood = LikelihoodKind.multinomial

    @Option(
        help: ArgumentHelp(
            "The weight of the KL divergence in the bound (default: \(VariationalSettings().beta)).",
            valueName: "weight"))
    var beta: Float?

    @Option(
        help: ArgumentHelp(
            "Epochs over which that weight rises (default: \(VariationalSettings().klWarmupEpochs)).",
            valueName: "epochs"))
    var klWarmup: Int?

    @Option(
        help: ArgumentHelp(
            """
            Steps from the encoder's posterior towards each document's own before the decoder learns from it \
            (default: \(VariationalSettings().refinementSteps)).
            """, valueName: "steps"))
    var innerSteps: Int?

    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Corpus") var corpusOptions: CorpusOptions
    @OptionGroup var backend: BackendOption
    @OptionGroup var common: RunOptions

    func validate() throws {
        try files.check(corpusOptions)
        if let beta, !(beta > 0 && beta.isFinite) {
            throw ValidationError("--beta needs a number above 0, not \(beta)")
        }
        for (name, value) in [("kl-warmup", klWarmup), ("inner-steps", innerSteps)] {
            if let value, !(0...TrainingOptions.mostOfAnything).contains(value) {
                throw ValidationError("--\(name) needs 0 to \(TrainingOptions.mostOfAnything), not \(value)")
            }
        }
    }

    func run() throws { try trainAndSave() }

    func memoryNeed(on documents: Corpus) -> MemoryNeed { MemoryNeed(of: settings.variational, on: documents) }

    func train(
        on documents: Corpus, execution: Execution, report: (TrainingNews) -> Void
    ) throws -> (model: FeatureModel, results: TrainingResults) {
        var final: BoundReport?
        let model = try FeatureModel.trainVariational(on: documents, settings, execution: execution) { event in
            if case .finished(let report) = event { final = report }
            report(TrainingNews(event))
        }
        return (model, TrainingResults(final, latentWidth: model.latentWidth))
    }

    var divergenceAdvice: String {
        "give a smaller --learning-rate, or scale the values, for example with --weighting log"
    }

    private var settings: VariationalModelSettings {
        var settings = VariationalModelSettings()
        settings.weighting = training.weighting ?? settings.weighting
        settings.normalization = training.normalize ?? settings.normalization
        settings.training = training.settings(seed: common.seed)
        settings.variational.latentWidth = training.latent ?? settings.variational.latentWidth
        settings.variational.hiddenWidths = training.hidden?.widths ?? settings.variational.hiddenWidths
        settings.variational.denoising = training.denoise ?? settings.variational.denoising
        settings.variational.likelihood = likelihood
        settings.variational.beta = beta ?? settings.variational.beta
        settings.variational.klWarmupEpochs = klWarmup ?? settings.variational.klWarmupEpochs
        settings.variational.refinementSteps = innerSteps ?? settings.variational.refinementSteps
        return settings
    }
}
