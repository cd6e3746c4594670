import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import Gossamer

struct TrainSAECommand: TrainingCommand {
    static let configuration = CommandConfiguration(
        commandName: "sae", abstract: "Trains a sparse autoencoder.",
        discussion: """
            Documents are weighted (tf-idf and unit length for counts), part of each document's words is hidden, and \
            the model learns to reconstruct the whole document from the rest. What it learns are features: each \
            document becomes a short vector.
            """)

    @OptionGroup var files: TrainingFiles

    @Option(
        help: """
            A set of defaults: dense (relu units, most of them active on a document; best for linear classifiers) or \
            sparse (topk units, a quarter of them active; best for search and for reading).
            """)
    var preset = CodePreset.dense

    @Option(
        help: """
            What a latent unit does: \(Activation.usages.joined(separator: ", ")) (default: by the preset).
            """)
    var activation: Activation?

    @Option(
        help: ArgumentHelp(
            """
            A price on activity: \(SparsityPenalty.usages.joined(separator: ", ")), none; repeatable.
            """, valueName: "penalty"))
    var sparsity: [SparsityChoice] = []

    @Option(
        help: ArgumentHelp(
            """
            How much more the error of rare features counts in training: ln(documents/documents with it) + 1 to this \
            power, squared; 0 counts all alike (default: 1 where few entries are of features in a tenth of the \
            documents, 0 where a fifth are).
            """, valueName: "power"))
    var emphasis: Float?

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether features have mean 0 and variance 1 in training; the model still takes data as they come (default: \
            yes if at least half of all entries are stored, as in tables of measurements).
            """)
    var standardize: Bool?

    @Option(
        help: """
            What is minimised: squared-error, or how surprising a document is by a likelihood: \
            \(ReconstructionObjective.allValueStrings.dropFirst().joined(separator: ", ")).
            """)
    var objective = ReconstructionObjective.squaredError

    @Option(
        help:
            "How the decoder of squared-error comes about: optimal (always the least-squares fit) or trained (by Adam)."
    )
    var decoder = AutoencoderSettings.DecoderKind.optimal

    @Flag(inversion: .prefixedNo, help: "Whether the optimal decoder has a bias.")
    var decoderBias = true

    @Option(
        help: ArgumentHelp(
            "How far the optimal decoder is pulled towards zero (default: from the documents a unit).",
            valueName: "share"))
    var ridge: Float?

    @OptionGroup(title: "Training") var training: TrainingOptions
    @OptionGroup(title: "Corpus") var corpusOptions: CorpusOptions
    @OptionGroup var backend: BackendOption
    @OptionGroup var common: RunOptions

    func validate() throws {
        try files.check(corpusOptions)
        if let emphasis, !(emphasis >= 0 && emphasis <= 4) {
            throw ValidationError("--emphasis needs a number from 0 to 4, not \(emphasis)")
        }
        if let ridge, !(ridge > 0 && ridge.isFinite) {
            throw ValidationError("--ridge needs a number above 0, not \(ridge)")
        }
        let activation = chosenActivation
        if let k = activation.activeLimit, k > width {
            throw ValidationError("--activation \(activation) keeps more units than there are: --latent is \(width)")
        }
        for penalty in penalties where penalty.needsThresholds && !activation.learnsThresholds {
            throw ValidationError(
                "--sparsity \(penalty): only the thresholds of --activation jumprelu can learn from it; give l1 or kl")
        }
    }

    func run() throws { try trainAndSave() }

    var optionWithoutEffect: OptionWithoutEffect? {
        let ofOptimal: [(option: String, isGiven: Bool)] = [
            ("--ridge", ridge != nil), ("--no-decoder-bias", !decoderBias),
        ]
        let ofSquaredError =
            [("--emphasis", emphasis != nil), ("--decoder", decoder != .optimal)] + ofOptimal
        if objective != .squaredError, let given = ofSquaredError.first(where: \.1) {
            return OptionWithoutEffect(
                option: given.0, reason: "with --objective \(objective), only with squared-error")
        }
        if decoder == .trained, let given = ofOptimal.first(where: \.isGiven) {
            return OptionWithoutEffect(
                option: given.option, reason: "with --decoder trained, only with the optimal one")
        }
        return nil
    }

    var candidateSettings: ModelSettings { settings }

    func train(
        on input: TrainingInput, execution: Execution, checkpoints: Checkpoints?, report: (TrainingNews) -> Void
    ) throws -> (model: FeatureModel, results: TrainingResults) {
        var final: TrainingFigures?
        let model = try learn(from: input, execution: execution, checkpoints: checkpoints) { event in
            if case .finished(let figures) = event { final = figures }
            report(TrainingNews(event, isPerToken: false))
        }
        let objective = (input.start?.record.architecture as? AutoencoderSettings)?.objective ?? objective
        let whole =
            objective == .squaredError
            ? "the documents' squared length" : "what independent features lose in nats a document"
        var results = TrainingResults(final, latentWidth: model.latentWidth, whole: whole, isPerToken: false)
        if activation == nil, input.start == nil { results.adviseSparsity(latentWidth: model.latentWidth) }
        return (model, results)
    }

    var divergenceAdvice: String {
        "give a smaller --learning-rate or --sparsity, or scale the values, for example with --normalize l2"
    }

    private var width: Int { training.latent ?? AutoencoderSettings().latentWidth }
    private var chosenActivation: Activation { activation ?? preset.activation(width: width) }

    private var penalties: [SparsityPenalty] {
        sparsity.isEmpty ? SparsityPenalty.defaults(for: chosenActivation) : sparsity.compactMap(\.penalty)
    }

    private var settings: ModelSettings {
        var settings = ModelSettings()
        settings.weighting = training.weighting
        settings.normalization = training.normalize
        settings.training = training.settings(seed: common.seed)
        settings.autoencoder.latentWidth = width
        settings.autoencoder.hiddenWidths = training.hidden?.widths ?? []
        settings.autoencoder.activation = chosenActivation
        settings.autoencoder.denoising = training.denoise
        settings.autoencoder.penalties = penalties
        settings.autoencoder.objective = objective
        settings.autoencoder.emphasis = emphasis
        settings.autoencoder.standardization = standardize
        settings.autoencoder.decoder = decoder
        settings.autoencoder.hasDecoderBias = decoderBias
        settings.autoencoder.ridge = ridge
        return settings
    }
}
