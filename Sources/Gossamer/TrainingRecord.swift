import Autoencoders

extension FeatureModel {
    /// What the model was trained with and on, kept for the reader of the model file.
    public struct TrainingRecord: Sendable, Equatable {
        public var architecture: Architecture
        public var training: TrainingSettings
        public var documents: Int
        public var entries: Int
    }

    /// What was asked to be trained.
    public enum Architecture: Sendable, Equatable {
        case sparse(AutoencoderSettings)
        case variational(VariationalSettings)

        public var hiddenWidths: [Int] {
            switch self {
            case .sparse(let settings): settings.hiddenWidths
            case .variational(let settings): settings.hiddenWidths
            }
        }
    }
}

/// The architecture's settings stand under the name of its kind.
extension FeatureModel.TrainingRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case autoencoder, variational, training, documents, entries
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let variational = try container.decodeIfPresent(VariationalSettings.self, forKey: .variational)
        self.init(
            architecture: try variational.map { .variational($0) }
                ?? .sparse(container.decode(AutoencoderSettings.self, forKey: .autoencoder)),
            training: try container.decode(TrainingSettings.self, forKey: .training),
            documents: try container.decode(Int.self, forKey: .documents),
            entries: try container.decode(Int.self, forKey: .entries))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch architecture {
        case .sparse(let settings): try container.encode(settings, forKey: .autoencoder)
        case .variational(let settings): try container.encode(settings, forKey: .variational)
        }
        try container.encode(training, forKey: .training)
        try container.encode(documents, forKey: .documents)
        try container.encode(entries, forKey: .entries)
    }
}
