import Autoencoders
import SparseMatrices

/// A trained network of one kind, as a `FeatureModel` uses it: documents go in weighted, codes come out, and documents
/// are made from codes.
package protocol FeatureNetwork: Sendable {
    static var kind: FeatureModel.Kind { get }

    /// The path from sparse rows to the last hidden layer, or to the codes.
    var encoder: SparseEncoder { get }
    /// What latent units add to a document: to its entries, or to what its likelihood makes of them, such as its words'
    /// log-probabilities.
    var decoder: LinearDecoder { get }
    /// What entries are given a code or a latent vector; nil for reconstructions.
    var likelihood: LikelihoodKind? { get }
    /// Of likelihoods that learn more than a decoder.
    var dispersion: DispersionDecoder? { get }
    /// How long new documents are; nil where nothing says so.
    var lengths: LengthDistribution? { get }
    /// Whether a document's code is a distribution, with a mean and a variance.
    var hasPosterior: Bool { get }

    /// - Throws: `LikelihoodError` if weighted inputs do not suit the network.
    func check(_ inputs: CSRMatrix) throws(LikelihoodError)

    /// The codes of weighted inputs in row order, some hundred rows at a time.
    ///
    /// - Parameters:
    ///   - withVariance: whether the posterior's log-variances follow as further columns.
    ///   - asMixture: whether the means are turned into shares of topics, softmax(mean), which sum to one.
    ///   - body: gets the codes of a range of rows, row-major; valid within the call only.
    /// - Precondition: only posteriors have variances, and only mixtures of topics have shares.
    func encodeBlocks<E: Error>(
        of inputs: CSRMatrix, withVariance: Bool, asMixture: Bool, execution: Execution,
        _ body: (UnsafePointer<Float>, Range<Int>) throws(E) -> Void
    ) throws(E)

    /// How badly the network accounts for each document, in row order, some hundred at a time.
    ///
    /// - Parameters:
    ///   - samples: draws from the posterior, where there is one, that a bound is averaged over.
    ///   - seed: of those draws.
    func forEachBlockOfLosses<E: Error>(
        of inputs: CSRMatrix, samples: Int, seed: UInt64, execution: Execution,
        _ body: (BlockLosses) throws(E) -> Void
    ) throws(E)

    /// Where latent vectors of new documents come from if no documents are given; nil for a network that describes no
    /// distribution of them.
    func prior(spread: Float) -> LatentSource?

    /// Latent vectors near those of documents.
    ///
    /// - Parameters:
    ///   - codes: rows × K, or with variances where there are posteriors.
    ///   - reference: codes of usual documents.
    func source(codes: DenseMatrix, reference: DenseMatrix, spread: Float, inTurn: Bool) -> LatentSource

    /// What entries of a document add to its loss.
    var entryLosses: EntryLosses { get }

    /// What a model file holds besides the encoder and the decoder.
    var ownTensors: NetworkTensors { get }
}

extension FeatureNetwork {
    package var featureCount: Int { decoder.featureCount }
    package var latentWidth: Int { decoder.latentWidth }

    /// The columns of an embedding.
    package func codeWidth(withVariance: Bool) -> Int { withVariance ? 2 * latentWidth : latentWidth }
}

/// Tensors of a model file, by name.
package struct NetworkTensors {
    var contents: [String: TensorContent] = [:]

    mutating func add(_ layer: LinearLayer, as name: String) {
        contents["\(name).weight"] = .matrix(layer.weights)
        contents["\(name).bias"] = .vector(layer.bias)
    }

    /// What a likelihood learns besides its decoder, as `ModelReader.dispersion` reads it.
    mutating func add(_ dispersion: DispersionDecoder?, of likelihood: LikelihoodKind?) {
        guard let dispersion, let name = likelihood?.family.dispersion?.tensorName else { return }
        if dispersion.followsCode { contents["\(name).weight"] = .matrix(dispersion.linear.weights) }
        contents["\(name).bias"] = .vector(dispersion.linear.bias)
        contents["\(name).center"] = .vector(dispersion.center)
    }
}

extension DispersionKind {
    /// What the names of its tensors start with.
    var tensorName: String {
        switch self {
        case .variance: "decoder.log_variance"
        case .concentration: "decoder.log_concentration"
        }
    }
}
