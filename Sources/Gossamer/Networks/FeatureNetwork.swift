import Autoencoders
import SparseMatrices

/// A trained network of one kind, as a `FeatureModel` uses it: it turns weighted documents into codes, and codes into
/// documents.
package protocol FeatureNetwork: Sendable {
    static var kind: FeatureModel.Kind { get }

    /// The path from sparse rows to the last hidden layer or to the codes.
    var encoder: SparseEncoder { get }
    /// What each latent unit adds to a document: to its entries or, for a likelihood, to its parameters, such as the
    /// log-probabilities of words.
    var decoder: LinearDecoder { get }
    /// The distribution of entries given a code or a latent vector; nil for reconstructions by squared error.
    var likelihood: LikelihoodKind? { get }
    /// Of likelihoods that learn more than a decoder.
    var dispersion: DispersionDecoder? { get }
    /// The distribution of the lengths of new documents; nil if the network does not store one.
    var lengths: LengthDistribution? { get }
    /// Whether a document's code is a distribution with a mean and a variance.
    var hasPosterior: Bool { get }

    /// - Throws: `LikelihoodError` if weighted inputs do not suit the network.
    func check(_ inputs: CSRMatrix) throws(LikelihoodError)

    /// The codes of weighted inputs in row order, some hundred rows at a time.
    ///
    /// - Parameters:
    ///   - withVariance: whether the posterior's log-variances follow as further columns.
    ///   - asMixture: whether the means are turned into shares of topics, softmax(mean), which sum to one.
    ///   - body: receives the codes of a range of rows, row-major; valid within the call only.
    /// - Precondition: only posteriors have variances, and only mixtures of topics have shares.
    func encodeBlocks<E: Error>(
        of inputs: CSRMatrix, withVariance: Bool, asMixture: Bool, execution: Execution,
        _ body: (UnsafePointer<Float>, Range<Int>) throws(E) -> Void
    ) throws(E)

    /// The loss of each document, in row order, a few hundred documents at a time.
    ///
    /// - Parameters:
    ///   - samples: the number of draws from the posterior that a bound is averaged over; not used without posteriors.
    ///   - seed: the seed of those draws.
    func forEachBlockOfLosses<E: Error>(
        of inputs: CSRMatrix, samples: Int, seed: UInt64, execution: Execution,
        _ body: (BlockLosses) throws(E) -> Void
    ) throws(E)

    /// The source of latent vectors of new documents if no documents are given; nil for a network that defines no
    /// distribution of them.
    func prior(spread: Float) -> LatentSource?

    /// The source of latent vectors near those of given documents.
    ///
    /// - Parameters:
    ///   - codes: rows × K, or means and log-variances for networks with posteriors.
    ///   - reference: the codes that the units' standard deviations are computed from, for networks without posteriors.
    func source(codes: DenseMatrix, reference: DenseMatrix, spread: Float, inTurn: Bool) -> LatentSource

    /// How much each entry of a document adds to its loss.
    var entryLosses: EntryLosses { get }

    /// The tensors of a model file besides the encoder and the decoder.
    var ownTensors: NetworkTensors { get }
}

extension FeatureNetwork {
    package var featureCount: Int { decoder.featureCount }
    package var latentWidth: Int { decoder.latentWidth }

    /// The widths of the layers before the latent units, which are the encoder's last layer unless they have posteriors.
    package var hiddenWidths: [Int] {
        let widths = [encoder.input.width] + encoder.layers.map(\.width)
        return hasPosterior ? widths : widths.dropLast()
    }

    /// The number of columns of an embedding.
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
        if dispersion.bound != DispersionDecoder.usualBound { contents["\(name).bound"] = .vector([dispersion.bound]) }
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
