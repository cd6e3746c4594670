import Autoencoders
import Corpora
import Gossamer

/// One of the settings that a search compares.
public struct SearchCandidate: Sendable, Equatable {
    /// What sets it apart from the others, for people, such as `latent` and `64`.
    public let choices: [Choice]
    public let settings: Settings

    public struct Choice: Sendable, Equatable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public enum Settings: Sendable, Equatable {
        case sparse(ModelSettings)
        case variational(VariationalModelSettings)
    }

    public init(_ choices: KeyValuePairs<String, String>, _ settings: Settings) {
        self.init(choices: choices.map { Choice(name: $0.key, value: $0.value) }, settings)
    }

    public init(choices: [Choice], _ settings: Settings) {
        self.choices = choices
        self.settings = settings
    }

    /// `latent=64 sparsity=l1:1e-4`
    public var name: String {
        choices.isEmpty ? "as given" : choices.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }
}

extension SearchCandidate.Settings {
    /// With the weighting that suits a corpus, where none is named: a part of the corpus alone could look different.
    func resolved(for corpus: Corpus) -> Self {
        guard case .sparse(var settings) = self else { return self }
        let suitable = FeatureWeighting.suitable(for: corpus.matrix)
        settings.weighting = settings.weighting ?? suitable.scheme
        settings.normalization = settings.normalization ?? suitable.normalization
        return .sparse(settings)
    }

    /// The numbers that the model learns for every feature and between its layers, without biases.
    public func parameterCount(features: Int) -> Int {
        let widths =
            switch self {
            case .sparse(let settings): settings.autoencoder.hiddenWidths + [settings.autoencoder.latentWidth]
            // Two heads, for mean and log-variance.
            case .variational(let settings):
                settings.variational.hiddenWidths + [2 * settings.variational.latentWidth]
            }
        let encoder = zip([features] + widths, widths).reduce(0) { $0 + $1.0 * $1.1 }
        return encoder + latentWidth * features * (likelihood?.family.hasLogVariance == true ? 2 : 1)
    }

    public var latentWidth: Int {
        switch self {
        case .sparse(let settings): settings.autoencoder.latentWidth
        case .variational(let settings): settings.variational.latentWidth
        }
    }

    /// What documents are given a code or a latent vector; nil for the squared error.
    var likelihood: LikelihoodKind? {
        switch self {
        case .sparse(let settings): settings.autoencoder.objective.likelihood
        case .variational(let settings): settings.variational.likelihood
        }
    }

    /// What documents are turned into before a model sees them.
    ///
    /// - Precondition: resolved.
    var space: InputSpace {
        switch self {
        case .sparse(let settings):
            InputSpace(scheme: settings.weighting ?? .none, normalization: settings.normalization ?? .none)
        case .variational(let settings):
            InputSpace(scheme: settings.weighting, normalization: settings.normalization)
        }
    }
}

/// A kind of input; errors measured in different ones cannot be compared.
struct InputSpace: Hashable {
    let scheme: FeatureWeighting.Scheme
    let normalization: FeatureWeighting.Normalization
}

/// As results files hold settings: the network's under the name of its kind.
extension SearchCandidate.Settings: Codable {
    private enum CodingKeys: String, CodingKey {
        case autoencoder, variational, training, weighting, normalization
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let training = try container.decode(TrainingSettings.self, forKey: .training)
        let weighting = try container.decodeIfPresent(FeatureWeighting.Scheme.self, forKey: .weighting)
        let normalization = try container.decodeIfPresent(
            FeatureWeighting.Normalization.self, forKey: .normalization)
        if let variational = try container.decodeIfPresent(VariationalSettings.self, forKey: .variational) {
            var settings = VariationalModelSettings()
            settings.variational = variational
            settings.training = training
            settings.weighting = weighting ?? settings.weighting
            settings.normalization = normalization ?? settings.normalization
            self = .variational(settings)
        } else {
            var settings = ModelSettings()
            settings.autoencoder = try container.decode(AutoencoderSettings.self, forKey: .autoencoder)
            settings.training = training
            settings.weighting = weighting
            settings.normalization = normalization
            self = .sparse(settings)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .sparse(let settings):
            try container.encode(settings.autoencoder, forKey: .autoencoder)
            try container.encode(settings.training, forKey: .training)
            try container.encodeIfPresent(settings.weighting, forKey: .weighting)
            try container.encodeIfPresent(settings.normalization, forKey: .normalization)
        case .variational(let settings):
            try container.encode(settings.variational, forKey: .variational)
            try container.encode(settings.training, forKey: .training)
            try container.encode(settings.weighting, forKey: .weighting)
            try container.encode(settings.normalization, forKey: .normalization)
        }
    }
}
