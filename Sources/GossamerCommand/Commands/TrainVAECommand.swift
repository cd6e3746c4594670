import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import Gossamer

struct TrainVAECommand: TrainingCommand {
    static let configuration = CommandConfiguration(
        commandName: "vae", abstract: "Trains a variational autoencoder.",
        discussion: """
            Documents are word counts. The model learns a distribution of documents: a latent vector from a normal \
            prior, and from it how probable each word is. It gives embeddings (the mean of each document's \
            posterior), perplexities (`gossamer evaluate`) and new documents (`gossamer generate`). Other likelihoods \
            describe words that come in bursts (dirichlet-multinomial), counts that are independent (poisson), what is there or not (bernoulli), and any numbers \
            (gaussian).
            """)

    @OptionGroup var files: TrainingFiles

    @Option(
        help: """
            What distribution the entries of a document have: \
            \(LikelihoodKind.allValueStrings.joined(separator: ", ")).
            """)
    var likelihood = VariationalSettings().likelihood

    @Option(
        help: ArgumentHelp(
            """
            Of dirichlet-multinomial: whether all documents come in bursts alike, with one concentration, or each has \
            its own: \(Concentration.allValueStrings.joined(separator: ", ")) (default: \
            \(Concentration.document.rawValue)).
            """))
    var concentration: Concentration?

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

    @Option(
        help: ArgumentHelp(
            """
            How many times longer than the average of those before a gradient may be, or 0 for any length (default: \
            \(VariationalSettings().gradientClip.map { "\($0)" } ?? "0")).
            """, valueName: "ratio"))
    var clip: Float?

    @Option(
        help: ArgumentHelp(
            """
            The share of steps after which the encoder also learns from documents that the model makes up; for counts \
            and the likelihoods of words, multinomial, dirichlet-multinomial and topic-mixture (default: \
            \(VariationalSettings().dreaming.map { "\($0)" } ?? "0")).
            """, valueName: "share"))
    var dream: Float?

    @Option(
        help: ArgumentHelp(
            """
            Of multinomial and dirichlet-multinomial: train with a softmax over a batch's own features and this many others, drawn for each \
            batch, instead of all; for large vocabularies (default: all).
            """, valueName: "s"))
    var sampledSoftmax: Int?

    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Corpus") var corpusOptions: CorpusOptions
    @OptionGroup var backend: BackendOption
    @OptionGroup var common: RunOptions

    func validate() throws {
        try files.check(corpusOptions)
        if let beta, !(beta > 0 && beta.isFinite) {
            throw ValidationError("--beta needs a number above 0, not \(beta)")
        }
        if let clip, !(clip >= 0 && clip.isFinite) {
            throw ValidationError("--clip needs a ratio above 0, or 0 for none, not \(clip)")
        }
        if let dream, !(0...1).contains(dream) {
            throw ValidationError("--dream needs a share from 0 to 1, not \(dream)")
        }
        if let sampledSoftmax {
            guard (1...TrainingOptions.mostOfAnything).contains(sampledSoftmax) else {
                throw ValidationError(
                    "--sampled-softmax needs 1 to \(TrainingOptions.mostOfAnything), not \(sampledSoftmax)")
            }
            guard likelihood.family.hasSampledSoftmax else {
                throw ValidationError(
                    "--sampled-softmax: \(likelihood.rawValue) has no softmax over all features; leave the option out, "
                        + "or give --likelihood multinomial")
            }
        }
        if let concentration, likelihood.family.dispersion != .concentration {
            throw ValidationError(
                "--concentration \(concentration.rawValue): \(likelihood.rawValue) has no concentration; leave the option "
                    + "out, or give --likelihood \(LikelihoodKind.dirichletMultinomial.rawValue)")
        }
        for (name, value) in [("kl-warmup", klWarmup), ("inner-steps", innerSteps)] {
            if let value, !(0...TrainingOptions.mostOfAnything).contains(value) {
                throw ValidationError("--\(name) needs 0 to \(TrainingOptions.mostOfAnything), not \(value)")
            }
        }
    }

    func run() throws { try trainAndSave() }

    var optionWithoutEffect: OptionWithoutEffect? {
        guard let dream, dream > 0, !likelihood.isPerToken else { return nil }
        return OptionWithoutEffect(
            option: "--dream",
            reason: "with --likelihood \(likelihood.rawValue), only with likelihoods of counts of words")
    }

    var candidateSettings: ModelSettings { settings }

    func train(
        on input: TrainingInput, execution: Execution, checkpoints: Checkpoints?, report: (TrainingNews) -> Void
    ) throws -> (model: FeatureModel, results: TrainingResults) {
        let isPerToken = (input.start?.record.architecture.namedLikelihood ?? likelihood).isPerToken
        var final: TrainingFigures?
        let model = try learn(from: input, execution: execution, checkpoints: checkpoints) { event in
            if case .finished(let figures) = event { final = figures }
            report(TrainingNews(event, isPerToken: isPerToken))
        }
        return (model, TrainingResults(final, latentWidth: model.latentWidth, isPerToken: isPerToken))
    }

    var divergenceAdvice: String {
        "give a smaller --learning-rate, or scale the values, for example with --weighting log"
    }

    private var settings: ModelSettings {
        var settings = ModelSettings(VariationalSettings())
        settings.weighting = training.weighting
        settings.normalization = training.normalize
        settings.training = training.settings(seed: common.seed)
        settings.variational.latentWidth = training.latent ?? settings.variational.latentWidth
        settings.variational.hiddenWidths = training.hidden?.widths ?? settings.variational.hiddenWidths
        settings.variational.denoising = training.denoise
        settings.variational.likelihood = likelihood
        settings.variational.concentration = concentration
        settings.variational.beta = beta ?? settings.variational.beta
        settings.variational.klWarmupEpochs = klWarmup ?? settings.variational.klWarmupEpochs
        settings.variational.refinementSteps = innerSteps ?? settings.variational.refinementSteps
        if let dream { settings.variational.dreaming = dream > 0 ? dream : nil }
        settings.variational.sampledSoftmax = sampledSoftmax
        if let clip { settings.variational.gradientClip = clip > 0 ? clip : nil }
        return settings
    }
}
