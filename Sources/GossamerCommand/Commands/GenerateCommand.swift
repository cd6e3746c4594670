import ArgumentParser
import Autoencoders
import Corpora
import Evaluation
import FileIO
import Gossamer
import Report
import SparseMatrices

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Draws new sparse documents from a model.",
        discussion: """
            A vae model draws from its distribution: a latent vector from the prior, then the document given it. An \
            sae model takes the code of a training document and adds noise of a fifth of each active unit's standard \
            deviation. Documents are as long as some training document (multinomial, dirichlet-multinomial, \
            topic-mixture), hold each feature with its probability (bernoulli), or each as often as its rate says (poisson). Where what comes \
            out is dense (sae with the squared error, gaussian, weighted poisson), as many entries are kept, the \
            largest, as some training document has, and are turned back into what entries were before weighting: \
            with tf-idf and log counts, rounded, at least 1, that sum to that training document's length; with \
            binary 1; with none values as they are.

            The ending of the output chooses its format: .svm (libsvm, counted from the training corpus' index base) \
            or .txt (a document a line, each word repeated by its count; needs a model with a vocabulary). The order \
            of the words in a line carries no meaning, so those that set the document apart come first: by lift, the \
            word's probability or rate in this document over its mean one; of reconstructions by weight.

            The report holds the documents against the training corpus, or against --compare: entries a row, \
            features used, and how well the model itself accounts for them, by perplexity (vae) or unexplained \
            variance (sae).
            """)

    @Argument(help: "A model file.")
    var model: String

    @Option(help: ArgumentHelp("How many documents.", valueName: "n"))
    var count: Int

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the documents go.", valueName: "file"))
    var out: String

    @Option(help: "The output's format if its name does not tell, as with - for stdout: svm, txt, png or pgm.")
    var outFormat: GeneratedFormat?

    @Option(help: ArgumentHelp("Write this many distinct words of each document only (.txt).", valueName: "n"))
    var top: Int?

    @Option(
        help: ArgumentHelp(
            "Documents are pictures of so many rows and columns, and 3 if they have colours (.png, .pgm).",
            valueName: "h,w[,c]"))
    var imageShape: ImageShape?

    @OptionGroup(title: "Origin") var origin: GenerationOptions

    @Option(help: ArgumentHelp("Hold the documents against these, not the training corpus.", valueName: "corpus"))
    var compare: String?

    @OptionGroup(title: "Corpora given") var corpusOptions: ModelCorpusOptions
    @OptionGroup var common: RunOptions

    func validate() throws {
        try OutputPaths.check(
            ["--out": out], inputs: [model, compare, origin.near, corpusOptions.source.vocabulary], json: common.json)
        if !(1...TrainingOptions.mostOfAnything).contains(count) {
            throw ValidationError("--count needs 1 to \(TrainingOptions.mostOfAnything), not \(count)")
        }
        if origin.interpolate != nil && count < 2 {
            throw ValidationError("--interpolate makes both ends at the least; give --count 2 or more")
        }
        if format == nil {
            throw ValidationError(
                "--out: the ending of '\(out)' is not .svm, .txt, .png or .pgm; give one, or --out-format")
        }
        if let format, format.isPicture != (imageShape != nil) {
            throw ValidationError(
                format.isPicture
                    ? "--out: pictures need --image-shape, the rows and columns of a document"
                    : "--image-shape: .\(format.rawValue) holds no pictures; give a name in .png or .pgm")
        }
        if let top {
            if top < 1 { throw ValidationError("--top needs at least 1, not \(top)") }
            if format != .txt { throw ValidationError("--top: only text leaves words out; give a name in .txt") }
        }
    }

    func run() throws {
        let start = ContinuousClock.now
        try AtomicFile.checkCreatable(out)
        Interruption.cleanUp()
        let model = try FeatureModel(contentsOf: model)
        guard let format else { return }
        try imageShape?.requireFit(model)
        if format == .txt && model.vocabulary == nil {
            throw ValidationError("--out: \(self.model) has no vocabulary to write words with; give a name in .svm")
        }
        if origin.temperature != nil && !model.hasTemperature {
            throw ValidationError(
                "--temperature: only the likelihoods multinomial and dirichlet-multinomial have a softmax over words")
        }
        let documents = try generate(by: model)
        if format == .txt && documents.matrix.values.contains(where: { $0 < 0 }) {
            throw ValidationError("--out: values below zero cannot be told by words; give a name in .svm")
        }
        warnOfCuts(in: documents.matrix)
        var summary = try summary(of: documents.matrix, by: model)
        if format.isPicture, let imageShape {
            try format.write(PictureGrid(documents.matrix.denseRows, shape: imageShape), to: out)
        } else {
            try format.write(documents, of: model, top: top, to: out)
        }
        summary.seconds = start.duration(to: .now) / .seconds(1)
        if common.json {
            try Console.json(summary)
        } else if out == "-" {
            Console.line(summary.text)
        } else {
            try Console.result(summary.text)
        }
    }

    private func warnOfCuts(in documents: CSRMatrix) {
        let longest = documents.withUnsafeView { view in
            (0..<view.rowCount).count { row in
                view.entries(ofRow: row).reduce(0.0) { $0 + Double(view.values[$1]) } >= Double(UInt32.max)
            }
        }
        if longest > 0 {
            Console.warning("\(Format.count(longest)) documents were cut to \(Format.count(Int(UInt32.max))) words")
        }
        let repeats = documents.values.count { $0 > GeneratedFormat.mostRepeats }
        if format == .txt, repeats > 0 {
            Console.warning(
                "\(Format.count(repeats)) counts are above \(Format.count(Int(GeneratedFormat.mostRepeats))), which is "
                    + "how often text repeats a word at most; give a name in .svm for all of them")
        }
    }

    private var format: GeneratedFormat? { outFormat ?? GeneratedFormat(path: out) }

    private var execution: Execution { Execution(parallelism: common.parallelism) }

    private func generate(by model: FeatureModel) throws -> GeneratedDocuments {
        let near = try origin.near.map { try corpusOptions.read($0, for: model, parallelism: common.parallelism) }
        do {
            return try model.generate(count, origin.settings(near: near, seed: common.seed), execution: execution)
        } catch let error as GenerationError {
            throw ValidationError("\(self.model): \(error.message.optionText)")
        } catch let error as any EntryError {
            throw CorpusValueError(
                path: origin.near ?? "", cause: error, indexBase: near?.provenance.indexBase)
        }
    }
}

extension CSRMatrix {
    /// All rows with their zeros.
    fileprivate var denseRows: [[Float]] {
        (0..<rowCount).map { index in
            let (columns, values) = row(index)
            var dense = [Float](repeating: 0, count: columnCount)
            for (column, value) in zip(columns, values) { dense[Int(column)] = value }
            return dense
        }
    }
}

extension GenerateCommand {
    /// The maximum number of documents of each corpus that the model evaluates; more would take longer than the
    /// generation.
    private static let mostMeasured = 1000

    private static let boundSettings = {
        var settings = VariationalAutoencoder.BoundSettings()
        settings.samples = 10
        settings.refinementSteps = 10
        return settings
    }()

    private func summary(of documents: CSRMatrix, by model: FeatureModel) throws -> GenerationSummary {
        let generated = Corpus(matrix: documents, provenance: CorpusProvenance(format: "generated"))
        let profile = DocumentProfile(documents)
        let fit = try fit(of: generated, by: model)
        let own = GenerationSummary.Documents(profile, fit, featureCount: model.featureCount)
        let compared: (String, GenerationSummary.Documents, DocumentComparison)? =
            try reference(for: model).map { name, reference, fit in
                (
                    name, GenerationSummary.Documents(reference, fit, featureCount: model.featureCount),
                    DocumentComparison(profile, reference)
                )
            }
        return GenerationSummary(
            out: out, source: origin.sourceName(of: model.kind), own,
            GenerationSummary.Measurement(
                documents: min(documents.rowCount, Self.mostMeasured),
                settings: fit?.isBound ?? false ? Self.boundSettings : nil),
            compared: compared)
    }

    /// The statistics that the documents are compared with: those of `--compare`, or those of the training corpus that
    /// are stored in the model.
    private func reference(for model: FeatureModel) throws -> (String, DocumentProfile, ModelFit?)? {
        guard let compare else {
            return model.observed.map { (GenerationSummary.trainingName, DocumentProfile($0), nil) }
        }
        let corpus = try corpusOptions.read(compare, for: model, parallelism: common.parallelism)
        do {
            return (compare, DocumentProfile(corpus.matrix), try fit(of: corpus, by: model))
        } catch let error as any EntryError {
            throw CorpusValueError(path: compare, cause: error, indexBase: corpus.provenance.indexBase)
        }
    }

    private func fit(of corpus: Corpus, by model: FeatureModel) throws -> ModelFit? {
        let first = Corpus(
            matrix: corpus.matrix.rows(0..<min(corpus.rowCount, Self.mostMeasured)), provenance: corpus.provenance)
        return try model.fit(of: first, Self.boundSettings, execution: execution)
    }
}
