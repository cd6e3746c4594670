import ArgumentParser
import Corpora
import Gossamer

/// The options that determine how new documents are generated.
struct GenerationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Draw around these documents in turn: vae, from each document's posterior; sae, near its code. Default: \
            vae, from the prior; sae, near the codes of random training documents.
            """, valueName: "corpus"))
    var near: String?

    @Flag(
        help: """
            Draw around random training documents instead of from the prior: vae, from their posteriors (the model \
            keeps a thousand of them). Such documents stay on one topic; draws from the prior mix several. The \
            default for an sae.
            """)
    var nearTraining = false

    @Option(
        help: ArgumentHelp(
            """
            Generate documents at equal steps on the straight line between two rows of --near (counted from 1), both \
            ends included: vae, between the posterior means; sae, between the codes.
            """, valueName: "a,b"))
    var interpolate: RowPair?

    @Option(
        help: ArgumentHelp(
            """
            Factor of the standard deviations: of the prior or the posteriors (vae), of the noise on the codes \
            (sae); 0 uses the means.
            """, valueName: "s"))
    var spread: Float?

    @Option(
        help: ArgumentHelp(
            """
            Divide the logits of a softmax over words by this: below 1, likely words become likelier. Only with the \
            default 1 are documents samples of the model.
            """, valueName: "t"))
    var temperature: Float?

    func validate() throws {
        if near != nil && nearTraining {
            throw ValidationError("--near and --near-training exclude each other; leave out one")
        }
        if interpolate != nil && near == nil {
            throw ValidationError("--interpolate needs the documents that its rows are of: give them with --near")
        }
        if interpolate != nil && spread != nil {
            throw ValidationError("--spread: documents on a line have no spread; leave out --spread or --interpolate")
        }
        if let spread, !(spread >= 0 && spread.isFinite) {
            throw ValidationError("--spread needs a number from 0, not \(spread)")
        }
        if let temperature, !(temperature > 0 && temperature.isFinite) {
            throw ValidationError("--temperature needs a number above 0, not \(temperature)")
        }
    }

    /// - Parameter near: the documents of `--near`, if given.
    func settings(near: Corpus?, seed: UInt64) -> GenerationSettings {
        var settings = GenerationSettings()
        if nearTraining { settings.origin = .training }
        if let near {
            settings.origin = interpolate.map { .between(near, $0.first - 1, $0.last - 1) } ?? .near(near)
        }
        settings.spread = spread ?? settings.spread
        settings.temperature = temperature ?? settings.temperature
        settings.seed = seed
        return settings
    }

    /// The name of the origin in reports.
    func sourceName(of kind: FeatureModel.Kind) -> String {
        if interpolate != nil { return "interpolate" }
        if near != nil { return "near" }
        return kind == .sparse || nearTraining ? "training" : "prior"
    }
}

/// Two rows, counted from 1, such as `3,17`.
struct RowPair: ExpressibleByArgument {
    let first: Int
    let last: Int

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let first = parts[0], let last = parts[1], first >= 1, last >= 1 else { return nil }
        self.first = first
        self.last = last
    }
}
