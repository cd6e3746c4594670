import Autoencoders
import Corpora
import Gossamer

/// One of the settings that a search compares.
package struct SearchCandidate: Sendable, Equatable {
    /// What sets it apart from the others, for people, such as `latent` and `64`.
    package let choices: [Choice]
    package let settings: ModelSettings

    package struct Choice: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(_ choices: KeyValuePairs<String, String>, _ settings: ModelSettings) {
        self.init(choices: choices.map { Choice(name: $0.key, value: $0.value) }, settings)
    }

    package init(choices: [Choice], _ settings: ModelSettings) {
        self.choices = choices
        self.settings = settings
    }

    /// `latent=64 sparsity=l1:1e-4`
    package var name: String {
        choices.isEmpty ? "as given" : choices.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }
}
