import ArgumentParser
import Autoencoders
import Corpora
import Gossamer

extension WeightingScheme: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public static var allValueStrings: [String] { usages }
}
extension FeatureWeighting.Normalization: ExpressibleByArgument {}
extension Activation: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
extension AutoencoderSettings.DecoderKind: ExpressibleByArgument {}
extension CodePreset: ExpressibleByArgument {}

/// Training options of every kind of model.
struct TrainingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The number of latent units (default: sae \(AutoencoderSettings().latentWidth), vae \
            \(VariationalSettings().latentWidth)).
            """, valueName: "n"))
    var latent: Int?

    @Option(
        help: ArgumentHelp(
            """
            Widths of dense layers between the input and the latent units (default: sae none, vae \
            \(VariationalSettings().hiddenWidths.map(String.init).joined(separator: ","))).
            """, valueName: "n,n"))
    var hidden: WidthList?

    @Option(
        help: ArgumentHelp(
            """
            What an entry weighs: none, binary, log, tf-idf, bm25 (bm25:K1:B for others than 1.2 and 0.75) or \
            log-entropy (default: sae tf-idf for counts, but none where the objective is of counts; else none).
            """, valueName: "weighting"))
    var weighting: WeightingScheme?

    @Option(
        help: """
            What a row is divided by: none or l2, its length (default: sae l2 for counts, but none where the objective \
            is of counts; else none).
            """)
    var normalize: FeatureWeighting.Normalization?

    @Option(help: ArgumentHelp("Visits to every document (default: from the number of documents).", valueName: "n"))
    var epochs: Int?

    @Option(help: ArgumentHelp("Documents a step (default: from the number of documents).", valueName: "n"))
    var batchSize: Int?

    @Option(
        help: ArgumentHelp("The largest step of the optimizer (default: from the data's scale).", valueName: "rate"))
    var learningRate: Float?

    @Option(
        help: ArgumentHelp(
            """
            How weights move: adam, or factored-adam, whose state takes a quarter of the memory (default: adam, unless \
            that would take more than 4 GiB).
            """))
    var optimizer: Optimizer?

    @Option(help: ArgumentHelp("The probability that a stored input entry is dropped in training.", valueName: "p"))
    var denoise: Float?

    @Option(help: ArgumentHelp("The share of documents held out to watch the error on.", valueName: "fraction"))
    var validation: Float = 0

    @Option(
        help: ArgumentHelp(
            "Stop after this many epochs without a better error on the held-out documents.", valueName: "n"))
    var patience: Int?

    @Option(
        help: ArgumentHelp(
            """
            Documents kept out of learning, whose losses tell score what is usual; 0 for none (default: one in twenty, \
            at most 1,000, none of fewer than 2,000; with --validation its documents).
            """, valueName: "n"))
    var reference: Int?

    func validate() throws {
        for (name, value) in [
            ("latent", latent), ("epochs", epochs), ("batch-size", batchSize), ("patience", patience),
        ] {
            if let value, value < 1 { throw ValidationError("--\(name) needs at least 1, not \(value)") }
            if let value, value > Self.mostOfAnything {
                throw ValidationError("--\(name) takes at most \(Self.mostOfAnything), not \(value)")
            }
        }
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate needs a number above 0, not \(learningRate)")
        }
        if let denoise, !(0..<1).contains(denoise) {
            throw ValidationError("--denoise needs a probability from 0 to below 1, not \(denoise)")
        }
        if !(0..<1).contains(validation) {
            throw ValidationError("--validation needs a fraction from 0 to below 1, not \(validation)")
        }
        if let reference, !(0...Self.mostOfAnything).contains(reference) {
            throw ValidationError("--reference needs a number from 0, not \(reference)")
        }
        if reference != nil && validation > 0 {
            throw ValidationError(
                "--reference and --validation exclude each other: the documents of the latter serve as both")
        }
        if patience != nil && validation == 0 {
            throw ValidationError("--patience needs documents to watch: give --validation a fraction, such as 0.1")
        }
    }

    /// An upper limit for numbers of units, epochs and documents per step; products of two such numbers fit in `Int`.
    static let mostOfAnything = 1_000_000_000

    func settings(seed: UInt64) -> TrainingSettings {
        var settings = TrainingSettings()
        settings.epochs = epochs
        settings.batchSize = batchSize
        settings.learningRate = learningRate
        settings.optimizer = optimizer
        settings.validationFraction = validation
        settings.patience = patience
        settings.referenceRows = reference
        settings.seed = seed
        return settings
    }
}

extension Optimizer: ExpressibleByArgument {}

/// Layer widths, such as `500,200`.
struct WidthList: ExpressibleByArgument {
    let widths: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        let widths = parts.compactMap { $0 }
        guard !widths.isEmpty, widths.count == parts.count,
            widths.allSatisfy({ (1...TrainingOptions.mostOfAnything).contains($0) })
        else { return nil }
        self.widths = widths
    }
}

/// A sparsity penalty: `l1:λ`, `l2:λ`, `kl:ρ:λ`, `l0:λ` or `none`.
enum SparsityChoice: ExpressibleByArgument {
    case none
    case penalty(SparsityPenalty)

    init?(argument: String) {
        if argument == "none" {
            self = .none
        } else if let penalty = SparsityPenalty(argument) {
            self = .penalty(penalty)
        } else {
            return nil
        }
    }

    var penalty: SparsityPenalty? {
        if case .penalty(let penalty) = self { penalty } else { nil }
    }
}

extension LikelihoodKind: ExpressibleByArgument {}
extension Concentration: ExpressibleByArgument {}
extension ReconstructionObjective: ExpressibleByArgument {}
