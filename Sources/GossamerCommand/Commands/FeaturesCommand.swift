import ArgumentParser
import Gossamer

struct FeaturesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "features", abstract: "Shows the strongest words of every latent unit.",
        discussion: """
            A unit's words are those that it adds most to a reconstructed document (sae) or to the log-probability of \
            (vae), strongest first. Without a \
            vocabulary in the model, the features' indices stand instead.
            """)

    @Argument(help: "A model file.")
    var model: String

    @Option(help: ArgumentHelp("How many words a unit.", valueName: "n"))
    var top = 10

    @OptionGroup var common: RunOptions

    func validate() throws {
        if top < 1 { throw ValidationError("--top needs at least 1, not \(top)") }
    }

    func run() throws {
        let table = FeatureTable(model: try FeatureModel(contentsOf: model), count: top)
        try common.json
            ? Console.json(["units": table.units])
            : Console.result(table.lines.joined(separator: "\n"))
    }
}
