import ArgumentParser
import FileIO
import Gossamer
import SparseMatrices
import SuiteSparse

@main
struct GossamerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gossamer",
        abstract: "Learns features of sparse data, bag-of-words text above all, with autoencoders.",
        discussion: """
            Results go to stdout, everything else to stderr. Exit codes: 0 done, 64 wrong usage, 65 bad data in a \
            file, 66 input missing or unreadable, 70 a defect of the program, 71 out of memory, 73 output cannot be created, 74 reading \
            or writing failed. --version --json also tells the kernels in use and the versions of the libraries.
            """,
        version: "gossamer \(gossamerVersion)",
        subcommands: [
            ImportCommand.self, InspectCommand.self, TrainCommand.self, SearchCommand.self, EmbedCommand.self,
            FeaturesCommand.self, EvaluateCommand.self, ReportCommand.self, ScoreCommand.self, GenerateCommand.self,
        ])

    static func main() {
        Console.openMissingStreams()
        Interruption.prepare()
        ComputingLibraries.chooseOpenBLASCore()
        if VersionReport.isRequested(by: CommandLine.arguments.dropFirst()) {
            return run { try Console.json(VersionReport(graphblas: GraphBLASInstallation.version)) }
        }
        do {
            var command = try parseAsRoot(PathText.arguments)
            run { try command.run() }
        } catch {
            exit(withError: error)
        }
    }

    private static func run(_ body: () throws -> Void) {
        do {
            try body()
            WatchedInputs.requireUnaltered()
        } catch let error where exitCode(for: error) != .failure {
            // Requests for help, and commands without the subcommand they need.
            exit(withError: error)
        } catch {
            // If an input was modified meanwhile, that is the error to report.
            WatchedInputs.requireUnaltered()
            Console.error(error)
            exit(withError: ExitCode(ExitStatus(of: error).rawValue))
        }
    }
}
