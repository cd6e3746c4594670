import Autoencoders
import Corpora
import FileIO
import SparseMatrices

/// What a network is made of, and how one of its kind is trained and read again.
package protocol ModelArchitecture: Sendable, Codable, Equatable {
    static var kind: FeatureModel.Kind { get }
    /// What the settings stand under in records of training.
    static var recordKey: String { get }

    var latentWidth: Int { get }
    var hiddenWidths: [Int] { get }
    /// What entries are given a code or a latent vector; nil for the squared error.
    var namedLikelihood: LikelihoodKind? { get }

    /// The numbers that the model learns for every feature and between its layers, without biases.
    func parameterCount(features: Int) -> Int

    /// The memory that training takes at the least, in bytes; `available` are there.
    func trainingBytes(on matrix: CSRMatrix, optimizer: Optimizer?, available: Double) -> Double

    /// What documents are turned into before the model sees them, if nobody says otherwise.
    func suitableInputs(for matrix: CSRMatrix) -> InputSpace

    /// - Throws: `LikelihoodError` if there is nothing that could be learned of a weighted entry.
    func check(_ inputs: WeightedRows) throws(LikelihoodError)

    func train(
        on material: TrainingMaterial, _ training: TrainingSettings, execution: Execution,
        onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<any FeatureNetwork>) -> any FeatureNetwork

    /// The network of a model file whose training record holds these settings.
    func network(from reader: ModelReader, features: Int, width: Int) throws(FileError) -> any FeatureNetwork
}

extension ModelArchitecture {
    func parameterCount(features: Int, widths: [Int], decoders: Int) -> Int {
        let encoder = zip([features] + widths, widths).reduce(0) { $0 + $1.0 * $1.1 }
        return encoder + decoders * latentWidth * features
    }

    fileprivate func isEqual(to other: any ModelArchitecture) -> Bool { other as? Self == self }
}

package func == (a: any ModelArchitecture, b: any ModelArchitecture) -> Bool { a.isEqual(to: b) }

/// What documents are turned into before a model sees them; errors measured in different ones cannot be compared.
package struct InputSpace: Sendable, Hashable {
    package let scheme: WeightingScheme
    package let normalization: FeatureWeighting.Normalization

    package init(scheme: WeightingScheme, normalization: FeatureWeighting.Normalization) {
        self.scheme = scheme
        self.normalization = normalization
    }
}

extension FeatureModel {
    /// The network's kind, as model files name it.
    public enum Kind: String, Sendable, CaseIterable {
        case sparse = "sae"
        case variational = "vae"

        package var architecture: any ModelArchitecture.Type {
            switch self {
            case .sparse: AutoencoderSettings.self
            case .variational: VariationalSettings.self
            }
        }
    }

    public var kind: Kind { type(of: network).kind }
}
