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
            the encoder's (vae) (default: \(Self.refinementSteps)).
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

    /// After this many steps the bound has converged to about a thousandth.
    private static let refinementSteps = 20

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
        var summary = try summary(of: model, on: documents, training, execution)
        summary.add(largestDecoderCosines: model.largestDecoderCosines(parallelism: common.parallelism))
        try measureWords(of: model, in: documents.corpus, into: &summary)
        summary.add(
            try documents.explaining {
                try model.evaluateClusters(of: $0, seed: common.seed, execution: execution)
            })
        let byLift =
            try training?.explaining {
                try model.coherenceByLift(train: $0, test: documents.corpus, execution: execution)
            } ?? model.coherenceByLift(test: documents.corpus, execution: execution)
        if let byLift { summary.add(byLift, .lift) }
        if let training {
            announceLabels(training, documents)
            summary.add(
                try training.explaining {
                    try model.evaluateCodes(train: $0, test: documents.corpus, execution: execution)
                })
        }
        summary.seconds = start.duration(to: .now) / .seconds(1)
        try common.json ? Console.json(summary.fields) : Console.result(summary.text)
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

    private func summary(
        of model: FeatureModel, on documents: NamedCorpus, _ training: NamedCorpus?, _ execution: Execution
    ) throws -> EvaluationSummary {
        if let network = model.network as? SparseAutoencoder {
            return try evaluate(network, of: model, on: documents, training, execution)
        }
        guard let network = model.network as? VariationalNetwork else {
            preconditionFailure("nothing is known of how good a \(model.kind.rawValue) is")
        }
        return try evaluate(network.model, of: model, on: documents, execution)
    }

    private func evaluate(
        _ network: SparseAutoencoder, of model: FeatureModel, on documents: NamedCorpus, _ training: NamedCorpus?,
        _ execution: Execution
    ) throws -> EvaluationSummary {
        let report = try network.reconstruction(of: documents.explaining(model.inputs), execution: execution)
        let dead = try training.map {
            try network.deadFraction(on: $0.explaining(model.inputs), execution: execution)
        }
        return EvaluationSummary(report, deadFraction: dead)
    }

    private func evaluate(
        _ network: VariationalAutoencoder, of model: FeatureModel, on documents: NamedCorpus, _ execution: Execution
    ) throws -> EvaluationSummary {
        let inputs = try documents.explaining(model.inputs)
        let steps = refine ?? Self.refinementSteps
        guard let plain = try bound(on: inputs, by: network, steps: 0, isLast: steps == 0, execution) else {
            throw BadData(
                path: inputName(test), found: "no document with a word that the model knows",
                expected: "words to measure the perplexity of",
                advice: "check that this is the file you meant, and its index base")
        }
        let refined = steps > 0 ? try bound(on: inputs, by: network, steps: steps, isLast: true, execution) : nil
        for loss in [plain.loss, refined?.loss ?? 0] where !loss.isFinite {
            throw BadData(
                path: inputName(test), found: "a loss that is not finite", expected: "documents like those in training",
                advice: "look for values far beyond theirs: `gossamer score` names the documents")
        }
        let measured = network.measuredRows(of: inputs).count
        return EvaluationSummary(
            documents: measured, empty: inputs.rowCount - measured, plain, refined: refined,
            draws: EvaluationSummary.Draws(samples: samples, refinementSteps: steps, importance: importanceSamples),
            of: network)
    }

    /// - Parameter isLast: whether no refined posterior follows, so that the importance-weighted bound is computed with
    ///   this one.
    private func bound(
        on inputs: CSRMatrix, by network: VariationalAutoencoder, steps: Int, isLast: Bool,
        _ execution: Execution
    ) throws -> BoundReport? {
        var settings = VariationalAutoencoder.BoundSettings()
        settings.samples = samples
        settings.refinementSteps = steps
        settings.importanceSamples = isLast ? importanceSamples ?? 0 : 0
        settings.seed = common.seed
        return try network.heldOutBound(on: inputs, settings, execution: execution)
    }

    private func measureWords(
        of model: FeatureModel, in documents: Corpus, into summary: inout EvaluationSummary
    ) throws {
        summary.add(model.coherence(in: documents, parallelism: common.parallelism), .decoder)
        guard let wordLists else { return }
        let lists = try WordLists.read(
            path: wordLists, vocabulary: model.vocabulary, featureCount: model.featureCount,
            indexBase: model.indexBase?.rawValue ?? 0)
        summary.add(
            TopicCoherence(
                ofLists: lists.lists, in: documents.widened(to: model.featureCount).matrix,
                parallelism: common.parallelism), .lists)
    }

    private func read(_ path: String, for model: FeatureModel) throws -> NamedCorpus {
        NamedCorpus(
            path: path, corpus: try corpusOptions.read(path, for: model, parallelism: common.parallelism))
    }
}
