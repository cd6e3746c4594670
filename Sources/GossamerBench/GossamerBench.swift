import ArgumentParser

@main
struct GossamerBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gossamer-bench",
        abstract: "Measures Gossamer's speed; every case first checks the fast result against a plain one.",
        subcommands: [
            KernelsCommand.self, IngestCommand.self, TrainCommand.self, EmbedCommand.self, CompareCommand.self,
            ScaleCommand.self,
        ])
}
