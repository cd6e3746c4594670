import Autoencoders
import Corpora
import SparseMatrices

/// How new documents are made.
public struct GenerationSettings: Sendable {
    /// Where latent vectors come from.
    public var origin = Origin.training
    /// What latent vectors' standard deviations are multiplied by; not used between documents.
    public var spread: Float = 1
    /// T of the softmax over words, of likelihoods that have one: below 1 likely words become likelier. Only 1 gives
    /// documents of the model's own distribution.
    public var temperature: Float = 1
    public var seed: UInt64 = 0

    public enum Origin: Sendable {
        /// The prior of a variational model; of a sparse autoencoder near the codes of documents that it was trained
        /// on.
        case training
        /// Each document of a corpus in turn: a draw from its posterior, or near its code.
        case near(Corpus)
        /// On the straight line between two documents of a corpus, rows counted from 0, both ends included.
        case between(Corpus, Int, Int)
    }

    public init() {}
}

/// Why a model cannot make documents as asked.
public enum GenerationError: Error, Equatable, CustomStringConvertible {
    /// A sparse autoencoder from before model files held codes.
    case noCodes
    case noDocuments
    case lineTooShort
    /// Counted from 1.
    case noSuchRow(Int, documents: Int)

    public var description: String {
        switch self {
        case .noCodes:
            "this sae model was written before model files held codes of training documents; give the documents to be "
                + "near to with --near, or train the model again"
        case .noDocuments: "found no document to be near to; expected at least one"
        case .lineTooShort: "a line between two documents has at least both of them; give --count 2 or more"
        case .noSuchRow(let row, let documents):
            "found row \(row) to interpolate between; expected 1 to \(documents), the rows of the documents given"
        }
    }
}

extension FeatureModel {
    /// Makes new documents of the kind that the model was trained on, documents × features.
    ///
    /// A variational model draws from its distribution: a latent vector, then the document given it. A sparse
    /// autoencoder describes no distribution; its documents are reconstructions of codes near observed ones, of which
    /// as many entries are kept, the largest, as some training document has. The entries are turned back into what they
    /// were before weighting; see `FeatureWeighting.rawEntries`.
    ///
    /// - Throws: `GenerationError`; `WeightingError` or `LikelihoodError` for a corpus to be near to.
    public func generate(
        _ count: Int, _ settings: GenerationSettings = GenerationSettings(), execution: Execution = Execution()
    ) throws -> GeneratedDocuments {
        let source = try latentSource(count, settings, execution: execution)
        switch network {
        case .sparse(let model):
            let sizes = try documentSizes(settings.origin)
            let draw = ReconstructionDraw(
                weighting: weighting, sizes: sizes, keepsNegatives: observed?.holdsNegatives ?? false)
            return DocumentGenerator(
                FeatureMeans(model.decoder, .identity), from: source, draw, seed: settings.seed, measuresLift: false
            ).documents(count, parallelism: execution.parallelism)
        case .variational(let model, let lengths):
            let means = FeatureMeans(model.decoder, .shares(temperature: settings.temperature))
            return DocumentGenerator(
                means, from: source, WordDraws { Int(lengths.draw(using: &$0)) }, seed: settings.seed,
                measuresLift: true
            ).documents(count, parallelism: execution.parallelism)
        }
    }

    private func documentSizes(_ origin: GenerationSettings.Origin) throws -> Histogram<DocumentSize> {
        if let observed { return observed.sizes }
        switch origin {
        case .training: throw GenerationError.noCodes
        case .near(let corpus), .between(let corpus, _, _): return ObservedDocuments(corpus.matrix).sizes
        }
    }
}

/// The largest entries of a reconstruction, as raw entries.
private struct ReconstructionDraw: EntryDraw {
    let weighting: FeatureWeighting
    let sizes: Histogram<DocumentSize>
    /// Whether entries below zero are entries too.
    let keepsNegatives: Bool

    func entries(
        given means: UnsafeBufferPointer<Float>, using generator: inout RandomGenerator
    ) -> DocumentEntries {
        let size = sizes.draw(using: &generator)
        let kept = DocumentEntries(largest: Int(size.entries), of: means, keepsNegatives: keepsNegatives)
        return DocumentEntries(
            columns: kept.columns,
            values: weighting.rawEntries(columns: kept.columns, weighted: kept.values, tokens: Int(size.tokens)))
    }
}
