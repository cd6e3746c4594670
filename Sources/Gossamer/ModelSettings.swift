import Autoencoders
import Corpora
import SparseMatrices

/// The settings of a model's training and of its inputs; nil values are chosen from the data.
public struct ModelSettings: Sendable, Equatable {
    package var architecture: any ModelArchitecture
    /// If `referenceRows` is nil, it is chosen by `ScoreReference.suitableRows(of:)`.
    public var training = TrainingSettings()
    public var weighting: WeightingScheme?
    public var normalization: FeatureWeighting.Normalization?

    /// Creates the settings of a sparse autoencoder with default values.
    public init() { self.init(AutoencoderSettings()) }

    /// Creates the settings of a sparse autoencoder.
    public init(_ autoencoder: AutoencoderSettings) { architecture = autoencoder }

    /// Creates the settings of a variational autoencoder, with unweighted counts unless another weighting is set.
    public init(_ variational: VariationalSettings) { architecture = variational }

    init(any architecture: any ModelArchitecture) { self.architecture = architecture }

    /// The settings of a sparse autoencoder; the defaults if these are settings of another kind. Setting them changes
    /// the kind to a sparse autoencoder.
    public var autoencoder: AutoencoderSettings {
        get { architecture as? AutoencoderSettings ?? AutoencoderSettings() }
        set { architecture = newValue }
    }

    /// The settings of a variational autoencoder; the defaults if these are settings of another kind. Setting them
    /// changes the kind to a variational autoencoder.
    public var variational: VariationalSettings {
        get { architecture as? VariationalSettings ?? VariationalSettings() }
        set { architecture = newValue }
    }

    public static func == (a: ModelSettings, b: ModelSettings) -> Bool {
        a.architecture == b.architecture && a.training == b.training && a.weighting == b.weighting
            && a.normalization == b.normalization
    }
}

extension ModelSettings {
    public var kind: FeatureModel.Kind { type(of: architecture).kind }

    /// The same settings with the weighting and normalisation chosen for a corpus where they are nil.
    package func resolved(for matrix: CSRMatrix) -> ModelSettings {
        let suitable = architecture.suitableInputs(for: matrix)
        var settings = self
        settings.weighting = weighting ?? suitable.scheme
        settings.normalization = normalization ?? suitable.normalization
        return settings
    }

    /// - Precondition: the settings are resolved; see `resolved(for:)`.
    package var inputSpace: InputSpace {
        InputSpace(scheme: weighting ?? .none, normalization: normalization ?? .none)
    }
}

/// The architecture's settings are stored under the name of its kind.
extension ModelSettings: Codable {
    private enum Key: String, CodingKey { case training, weighting, normalization }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(any: try RecordedArchitecture(from: decoder).architecture)
        training = try container.decode(TrainingSettings.self, forKey: .training)
        weighting = try container.decodeIfPresent(WeightingScheme.self, forKey: .weighting)
        normalization = try container.decodeIfPresent(FeatureWeighting.Normalization.self, forKey: .normalization)
    }

    public func encode(to encoder: any Encoder) throws {
        try RecordedArchitecture(architecture).encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(training, forKey: .training)
        try container.encodeIfPresent(weighting, forKey: .weighting)
        try container.encodeIfPresent(normalization, forKey: .normalization)
    }
}

/// An architecture stored under the key of its kind, beside other keys.
struct RecordedArchitecture: Codable {
    let architecture: any ModelArchitecture

    init(_ architecture: any ModelArchitecture) { self.architecture = architecture }

    init(from decoder: any Decoder) throws { self.init(try Self.architecture(from: decoder)) }

    private static func architecture(from decoder: any Decoder) throws -> any ModelArchitecture {
        let container = try decoder.container(keyedBy: RecordKey.self)
        for kind in FeatureModel.Kind.allCases {
            if let architecture = try recorded(kind.architecture, in: container) { return architecture }
        }
        let keys = FeatureModel.Kind.allCases.map { $0.architecture.recordKey }
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: decoder.codingPath, debugDescription: "none of the keys \(keys.joined(separator: ", "))"))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: RecordKey.self)
        try architecture.record(in: &container)
    }
}

private struct RecordKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension ModelArchitecture {
    fileprivate func record(in container: inout KeyedEncodingContainer<RecordKey>) throws {
        try container.encode(self, forKey: RecordKey(stringValue: Self.recordKey))
    }
}

/// - Returns: nil if there are no settings of this kind.
private func recorded<A: ModelArchitecture>(
    _ type: A.Type, in container: KeyedDecodingContainer<RecordKey>
) throws -> (any ModelArchitecture)? {
    try container.decodeIfPresent(type, forKey: RecordKey(stringValue: A.recordKey))
}
