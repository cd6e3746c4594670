import Autoencoders
import Corpora
import FileIO
import SparseMatrices

/// The architecture of a network, with how networks of its kind are trained and read from a model file.
package protocol ModelArchitecture: Sendable, Codable, Equatable {
    static var kind: FeatureModel.Kind { get }
    /// The key under which the settings are stored in training records.
    static var recordKey: String { get }

    var latentWidth: Int { get }
    var hiddenWidths: [Int] { get }
    /// The distribution of entries given a code or a latent vector; nil for the squared error.
    var namedLikelihood: LikelihoodKind? { get }
    /// The activation of the latent units; nil for those that have none.
    var namedActivation: Activation? { get }

    /// The number of parameters for the features and between the layers, without biases.
    func parameterCount(features: Int) -> Int

    /// The minimum memory of training, in bytes, given `available` bytes.
    ///
    /// - Parameter earlier: the number of features of a model that training goes on from; nil for a new one.
    func trainingBytes(on matrix: CSRMatrix, optimizer: Optimizer?, continuing earlier: Int?, available: Double)
        -> Double

    /// The default weighting and normalisation of documents for this architecture.
    func suitableInputs(for matrix: CSRMatrix) -> InputSpace

    /// - Throws: `SettingsError` for a setting that is out of its range, or that does not suit another.
    func checkSettings() throws(SettingsError)

    /// - Throws: `LikelihoodError` if the likelihood is not defined for a weighted entry.
    func check(_ inputs: WeightedRows) throws(LikelihoodError)

    func train(
        on material: TrainingMaterial, _ training: TrainingSettings, execution: Execution,
        checkpoints: (any CheckpointKeeper)?, onEvent: (TrainingEvent) -> Void
    ) throws(TrainingFailure<any FeatureNetwork>) -> any FeatureNetwork

    /// Reads the network of a model file whose training record holds these settings.
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

/// How documents are transformed before a model sees them; errors measured in different input spaces cannot be
/// compared.
package struct InputSpace: Sendable, Hashable {
    package let scheme: WeightingScheme
    package let normalization: FeatureWeighting.Normalization

    package init(scheme: WeightingScheme, normalization: FeatureWeighting.Normalization) {
        self.scheme = scheme
        self.normalization = normalization
    }
}

extension FeatureModel {
    /// The kind of the network, as it is named in model files.
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
