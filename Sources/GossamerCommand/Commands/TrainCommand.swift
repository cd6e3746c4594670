import ArgumentParser

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Trains a model on a corpus.",
        subcommands: [TrainSAECommand.self, TrainVAECommand.self])
}
