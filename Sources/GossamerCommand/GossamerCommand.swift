import ArgumentParser

@main
struct GossamerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gossamer",
        abstract: "Learns features of sparse data, bag-of-words text above all, with sparse autoencoders.",
        discussion: """
            Results go to stdout, everything else to stderr. Exit codes: 0 done, 64 wrong usage, 65 bad data in a \
            file, 66 input missing or unreadable, 70 a defect of the program, 73 output cannot be created, 74 reading \
            or writing failed.
            """,
        subcommands: [InspectCommand.self, TrainCommand.self, EmbedCommand.self, FeaturesCommand.self])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error where ExitStatus(of: error) != nil {
            Console.error("\(error)")
            exit(withError: ExitCode(ExitStatus(of: error)?.rawValue ?? ExitStatus.defect.rawValue))
        } catch {
            exit(withError: error)
        }
    }
}
