import Autoencoders
import Corpora
import Gossamer

/// One of the settings that a search compares.
public struct SearchCandidate: Sendable, Equatable {
    /// What sets it apart from the others, for people, such as `latent` and `64`.
    public let choices: [Choice]
    public let settings: ModelSettings

    public struct Choice: Sendable, Equatable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(_ choices: KeyValuePairs<String, String>, _ settings: ModelSettings) {
        self.init(choices: choices.map { Choice(name: $0.key, value: $0.value) }, settings)
    }

    public init(choices: [Choice], _ settings: ModelSettings) {
        self.choices = choices
        self.settings = settings
    }

    /// `latent=64 sparsity=l1:1e-4`
    public var name: String {
        choices.isEmpty ? "as given" : choices.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }
}
