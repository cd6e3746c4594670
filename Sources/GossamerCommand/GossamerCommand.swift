import ArgumentParser
import FileIO

@main
struct GossamerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gossamer",
        abstract: "Learns features of sparse data, bag-of-words text above all, with autoencoders.",
        discussion: """
            Results go to stdout, everything else to stderr. Exit codes: 0 done, 64 wrong usage, 65 bad data in a \
            file, 66 input missing or unreadable, 70 a defect of the program, 73 output cannot be created, 74 reading \
            or writing failed.
            """,
        subcommands: [
            ImportCommand.self, InspectCommand.self, TrainCommand.self, SearchCommand.self, EmbedCommand.self,
            FeaturesCommand.self, EvaluateCommand.self, ScoreCommand.self, GenerateCommand.self,
        ])

    static func main() {
        Console.openMissingStreams()
        var command: any ParsableCommand
        do {
            command = try parseAsRoot(PathText.arguments)
        } catch {
            exit(withError: error)
        }
        do {
            try command.run()
        } catch let error where exitCode(for: error) != .failure {
            // Requests for help, which a command without subcommand turns into.
            exit(withError: error)
        } catch {
            Console.error("\(error)")
            exit(withError: ExitCode(ExitStatus(of: error).rawValue))
        }
    }
}
