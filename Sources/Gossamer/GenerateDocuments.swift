import Autoencoders
import Corpora
import FileIO
import SparseMatrices

/// How new documents are generated.
public struct GenerationSettings: Sendable {
    /// Where latent vectors come from.
    public var origin = Origin.prior
    /// The factor that the standard deviations of latent vectors are multiplied by; not used for `Origin.between`.
    public var spread: Float = 1
    /// The temperature T of the softmax over words; has an effect only for likelihoods with a softmax. Values below 1
    /// favour likely words. Only 1 samples from the model's distribution.
    public var temperature: Float = 1
    public var seed: UInt64 = 0

    public enum Origin: Sendable {
        /// The prior of a variational model. A sparse autoencoder has no prior; for it this is the same as `training`.
        case prior
        /// Training documents, picked at random. For a variational model, a draw from the posterior of one of them, so
        /// that latent vectors follow the mixture of posteriors that the decoder was trained on rather than the prior
        /// (Tomczak & Welling, "VAE with a VampPrior", AISTATS 2018); for a sparse autoencoder, a code near that of one
        /// of them.
        case training
        /// The documents of a corpus in turn: a draw from each one's posterior, or a code near its code.
        case near(Corpus)
        /// Points on the straight line between two documents of a corpus, both ends included; rows are counted from 0.
        case between(Corpus, Int, Int)
    }

    public init() {}
}

/// The reason why a model cannot generate documents as requested.
public enum GenerationError: ExplainedError, Equatable {
    /// The model was saved before model files contained codes or sizes of training documents.
    case nothingObserved
    case noDocuments
    case lineTooShort
    /// The row, counted from 1, and the number of documents.
    case noSuchRow(Int, documents: Int)
    /// So many documents would take more memory than there is; sizes in bytes.
    case tooMany(Int, neededBytes: Double, availableBytes: Int)

    public var message: Message {
        switch self {
        case .nothingObserved:
            "this model was written before model files held what training documents are like; give documents to be "
                + "near to with \(setting: "near"), or train the model again"
        case .noDocuments: "the corpus to generate near to has no documents; expected at least one"
        case .lineTooShort: "a line between two documents has at least both of them; give \(setting: "count") 2 or more"
        case .noSuchRow(let row, let documents):
            "found row \(row) to interpolate between; expected 1 to \(documents), the rows of the documents given"
        case .tooMany(let count, let needed, let available):
            "found \(count.grouped) documents to generate, which take about \(MemoryError.gigabytes(needed)) GB; expected "
                + "at most the \(MemoryError.gigabytes(Double(available))) GB that there are; generate fewer at a time, with "
                + "another \(setting: "seed") each"
        }
    }
}

extension FeatureModel {
    /// Generates new documents like those the model was trained on, documents × features.
    ///
    /// A variational model draws from its distribution: a latent vector, then the document given it. A sparse
    /// autoencoder describes no distribution of codes; it takes codes near observed ones. Given a latent vector or a
    /// code:
    ///
    /// - multinomial, dirichlet-multinomial and topic-mixture: as many words as some training document has;
    /// - bernoulli: each feature with its probability, as 1;
    /// - poisson, of counts as they are: each feature as often as its rate says;
    /// - gaussian: a normal number for each feature; squared error: the reconstruction; poisson, of weighted counts:
    ///   the rates; of these the largest entries, as many as some training document has, turned back into what they
    ///   were before weighting (see `FeatureWeighting.rawEntries`).
    ///
    /// - Parameter onProgress: is told after some thousand documents how many there are; an error that it throws ends the
    ///   work.
    /// - Throws: `GenerationError`; `WeightingError` or `LikelihoodError` for a corpus given as the origin; any error of
    ///   `onProgress`.
    public func generate(
        _ count: Int, _ settings: GenerationSettings = GenerationSettings(), execution: Execution = Execution(),
        onProgress: (Int) throws -> Void = { _ in }
    ) throws -> GeneratedDocuments {
        try requireMemory(for: count)
        let source = try latentSource(count, settings, execution: execution)
        let family = network.likelihood?.family
        func documents(drawnBy draw: some EntryDraw) throws -> GeneratedDocuments {
            try DocumentGenerator(
                family?.featureMeans(decoder, temperature: settings.temperature) ?? FeatureMeans(decoder, .identity),
                dispersion: network.dispersion, from: source, draw, seed: settings.seed,
                reference: family?.measuresLift == true ? try? priorSource(spread: 1) : nil
            ).documents(count, parallelism: execution.parallelism, onProgress: onProgress)
        }
        let data = ModelGenerationData(model: self, origin: settings.origin)
        let draw = try family?.draw(for: data) ?? data.largestEntries()
        return try documents(drawnBy: draw)
    }

    /// - Throws: `GenerationError.tooMany`, by the mean size of the training documents.
    func requireMemory(for count: Int, available: Int = MemoryLimit.bytes) throws(GenerationError) {
        // A document as it is drawn and as a row of the matrix: columns, values and what they are compared with.
        let (bytesPerDocument, bytesPerEntry) = (96.0, 20.0)
        let needed = Double(count) * (bytesPerDocument + bytesPerEntry * (observed?.meanEntries ?? 0))
        if needed > Double(available) { throw .tooMany(count, neededBytes: needed, availableBytes: available) }
    }

    /// Whether the probabilities of words are a softmax, to which a temperature applies.
    public var hasTemperature: Bool { network.likelihood?.family.hasTemperature ?? false }
}

/// What is known of the sizes and entries of documents: from the model's training documents or, if the model stores
/// nothing of them, from the documents of the origin.
private struct ModelGenerationData: GenerationData {
    let model: FeatureModel
    let origin: GenerationSettings.Origin

    var isUnweighted: Bool { model.weighting.scheme == .none && model.weighting.normalization == .none }

    func words() throws -> any EntryDraw {
        if let lengths = model.network.lengths { return WordDraws { Int(lengths.draw(using: &$0)) } }
        let sizes = try documentSizes()
        return WordDraws { Int(sizes.draw(using: &$0).tokens) }
    }

    func largestEntries() throws -> any EntryDraw {
        ThresholdedDraws(
            weighting: model.weighting, sizes: try documentSizes(),
            // Other weightings give no negative values.
            keepsNegatives: model.weighting.scheme == .none && model.observed?.holdsNegatives ?? false)
    }

    private func documentSizes() throws -> Histogram<DocumentSize> {
        if let observed = model.observed { return observed.sizes }
        switch origin {
        case .prior, .training: throw GenerationError.nothingObserved
        case .near(let corpus), .between(let corpus, _, _): return ObservedDocuments(corpus.matrix).sizes
        }
    }
}

/// Keeps the largest weighted entries of a dense row and returns them as raw entries.
private struct ThresholdedDraws: EntryDraw {
    let weighting: FeatureWeighting
    let sizes: Histogram<DocumentSize>
    /// Whether negative entries are kept as well.
    let keepsNegatives: Bool

    func entries(given features: FeatureConditions, using generator: inout RandomGenerator) -> DocumentEntries {
        let size = sizes.draw(using: &generator)
        let kept = DocumentEntries(
            largest: Int(size.entries), of: features.normalNumbers(using: &generator), keepsNegatives: keepsNegatives)
        return DocumentEntries(
            columns: kept.columns,
            values: weighting.rawEntries(columns: kept.columns, weighted: kept.values, tokens: Int(size.tokens)))
    }
}
