import Autoencoders

extension FeatureModel {
    /// What the model was trained with and on, kept for the reader of the model file.
    public struct TrainingRecord: Sendable, Equatable {
        /// What was asked to be trained.
        package var architecture: any ModelArchitecture
        public var training: TrainingSettings
        public var documents: Int
        public var entries: Int

        public static func == (a: TrainingRecord, b: TrainingRecord) -> Bool {
            a.architecture == b.architecture && a.training == b.training && a.documents == b.documents
                && a.entries == b.entries
        }
    }
}

/// The architecture's settings stand under the name of its kind.
extension FeatureModel.TrainingRecord: Codable {
    private enum Key: String, CodingKey { case training, documents, entries }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            architecture: try RecordedArchitecture(from: decoder).architecture,
            training: try container.decode(TrainingSettings.self, forKey: .training),
            documents: try container.decode(Int.self, forKey: .documents),
            entries: try container.decode(Int.self, forKey: .entries))
    }

    public func encode(to encoder: any Encoder) throws {
        try RecordedArchitecture(architecture).encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(training, forKey: .training)
        try container.encode(documents, forKey: .documents)
        try container.encode(entries, forKey: .entries)
    }
}
