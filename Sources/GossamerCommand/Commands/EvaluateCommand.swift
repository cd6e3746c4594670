import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import FileIO
import Gossamer
import SparseMatrices

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate", abstract: "Measures how good a model is on documents it has not seen.",
        discussion: """
            Of an sae model: the share of the documents' variance that the reconstruction leaves unexplained (fvu), \
            the same for squared length (normalized_mse), the units active in a document (l0_mean), how many units are active on less \
            than 0.1, 1, 10, up to 50 and more than 50 % of the documents (unit_frequency_bands), and with --train \
            the share of units that no training document activates (dead_fraction). Of a vae model: upper bounds on the \
            loss in nats a document and, of the likelihoods of words (multinomial, dirichlet-multinomial, topic-mixture), on the perplexity by \
            corpus and by document: with the encoder's posterior, with the best Gaussian posterior of each document, \
            its covariances included (--refine), and, with --importance-samples, by averaging over the latent codes \
            of each document, which comes the closer to the truth, the more there are.

            Of both: how well the ten strongest words of a unit go together in the test documents (npmi, -1 to 1; \
            coherence_c_v, coherence_c_uci and coherence_u_mass, for which every document is one window, also of text), \
            the share of distinct words among the first 25 of all units (topic_diversity), how little the first ten of \
            two units agree (inverted_rbo, 0 to 1), and how similar what a unit adds is to what another one does \
            (largest_decoder_cosine). Where the test documents have labels that name classes: how well clusters of \
            their codes agree with these (purity, nmi by k-means; purity_unit, nmi_unit by the strongest unit).

            npmi and kin are of the words of largest weight; npmi_by_lift and kin of those that set apart the documents \
            that activate a unit most, as features shows them: documents of --train, or those of training as the model \
            remembers them.

            With --train also, where both corpora have labels that name classes: the accuracy of logistic \
            regression on the codes, its L2 strength chosen by cross-validation on the training documents \
            (probe_accuracy; probe_micro_f1 where documents have several labels), and of the ten training documents \
            nearest to a test document, the share that has its label (retrieval_precision_at_10).
            """)

    @Argument(help: "A model file.")
    var model: String

    @Option(help: ArgumentHelp("The documents to measure on.", valueName: "corpus"))
    var test: String

    @Option(help: ArgumentHelp("The documents that the model was trained on.", valueName: "corpus"))
    var train: String?

    @Option(
        help: ArgumentHelp(
            """
            Steps from the encoder's posterior to the best Gaussian of each document, of full covariance; 0 stays with \
            the encoder's (vae) (default: \(EvaluationSettings().refinementSteps)).
            """, valueName: "steps"))
    var refine: Int?

    @Option(help: ArgumentHelp("Draws from the posterior that the bound is averaged over (vae).", valueName: "n"))
    var samples = 20

    @Option(
        help: ArgumentHelp(
            "Also give the importance-weighted bound by so many draws from the refined posterior (vae).",
            valueName: "n"))
    var importanceSamples: Int?

    @Option(
        help: ArgumentHelp(
            """
            Also measure coherence and diversity of other lists of the model's words, such as another program's topics: a \
            list a line, the strongest word first.
            """, valueName: "file"))
    var wordLists: String?

    @OptionGroup(title: "Corpus") var corpusOptions: ModelCorpusOptions
    @OptionGroup var backend: BackendOption
    @OptionGroup var common: RunOptions

    func validate() throws {
        try OutputPaths.check([:], inputs: [model, test, train, wordLists, corpusOptions.source.vocabulary])
        if !(1...TrainingOptions.mostOfAnything).contains(samples) {
            throw ValidationError("--samples needs at least 1, not \(samples)")
        }
        if let refine, !(0...TrainingOptions.mostOfAnything).contains(refine) {
            throw ValidationError("--refine needs at least 0, not \(refine)")
        }
        if let importanceSamples, !(1...TrainingOptions.mostOfAnything).contains(importanceSamples) {
            throw ValidationError("--importance-samples needs at least 1, not \(importanceSamples)")
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        let execution = try backend.execution(common.parallelism)
        let model = try FeatureModel(contentsOf: model)
        if !model.network.hasPosterior {
            // Zero is accepted for a sparse autoencoder, so that one script serves both kinds of model.
            for (option, value) in [("--refine", refine), ("--importance-samples", importanceSamples)]
            where value ?? 0 > 0 {
                throw ValidationError(
                    "\(option): \(self.model) is an sae model, which has no posterior; give a vae model")
            }
        }
        let documents = try read(test, for: model)
        let training = try train.map { try read($0, for: model) }
        if let training { announceLabels(training, documents) }
        let wordLists = try wordListCoherence(of: model, in: documents.corpus)
        let evaluation = try evaluate(model, on: documents, training, execution)
        let summary = EvaluationSummary(
            evaluation, settings, wordLists: wordLists, seconds: start.duration(to: .now) / .seconds(1))
        try common.json ? Console.json(summary.fields) : Console.result(summary.text)
    }

    private var settings: EvaluationSettings {
        var settings = EvaluationSettings()
        settings.samples = samples
        settings.refinementSteps = refine ?? settings.refinementSteps
        settings.importanceSamples = importanceSamples ?? 0
        settings.seed = common.seed
        return settings
    }

    private func evaluate(
        _ model: FeatureModel, on documents: NamedCorpus, _ training: NamedCorpus?, _ execution: Execution
    ) throws -> ModelEvaluation {
        do {
            return try model.evaluate(
                on: documents.corpus, train: training?.corpus, settings, execution: execution)
        } catch let error as any EntryError {
            // Finds the file that the entry is in.
            for corpus in [documents, training] { _ = try corpus?.explaining(model.inputs) }
            throw error
        } catch let error as EvaluationError {
            throw BadData(
                path: inputName(test), found: error.found, expected: error.expected, advice: error.advice)
        }
    }

    /// Warns if the probe and the retrieval measure are missing or not meaningful, with the reason.
    private func announceLabels(_ training: NamedCorpus, _ documents: NamedCorpus) {
        guard let known = training.corpus.labels, let asked = documents.corpus.labels else { return }
        let names = ClassNames(known)
        let labelled = names.isMultilabel ? known.count : known.codes.count { $0 != RowLabels.none }
        if !names.areClasses(of: labelled) {
            Console.note(
                "\(inputName(training.path)): no probe: \(Format.count(names.count)) labels of \(Format.count(labelled)) "
                    + "documents are no classes, of which there are two at least, each of three documents on average")
        } else if names.classes(of: asked, rows: Array(0..<asked.count)).rows.allSatisfy({
            $0 == [names.count] || $0 == []
        }) {
            Console.warning(
                "\(inputName(documents.path)): none of its labels is a label of \(inputName(training.path)), so probe and "
                    + "retrieval say nothing of the vectors")
        }
    }

    private func wordListCoherence(of model: FeatureModel, in documents: Corpus) throws -> TopicCoherence? {
        guard let wordLists else { return nil }
        let lists = try WordLists.read(
            path: wordLists, vocabulary: model.vocabulary, featureCount: model.featureCount,
            indexBase: model.indexBase?.rawValue ?? 0)
        return TopicCoherence(
            ofLists: lists.lists, in: documents.widened(to: model.featureCount).matrix,
            parallelism: common.parallelism)
    }

    private func read(_ path: String, for model: FeatureModel) throws -> NamedCorpus {
        NamedCorpus(
            path: path, corpus: try corpusOptions.read(path, for: model, parallelism: common.parallelism))
    }
}
