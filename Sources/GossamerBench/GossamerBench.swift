import ArgumentParser
import Corpora
import FileIO
import Gossamer
import SparseMatrices
import SuiteSparse

@main
struct GossamerBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gossamer-bench",
        abstract: "Measures Gossamer's speed; every case first checks the fast result against a plain one.",
        discussion: """
            Every rate is the median of several runs after one to warm up; the slowest and the fastest stand beside \
            it. Results go to stdout, everything else to stderr. Exit codes are those of gossamer. \
            --version --json also tells the kernels in use and the versions of the libraries.
            """,
        version: "gossamer-bench \(gossamerVersion)",
        subcommands: [
            KernelsCommand.self, IngestCommand.self, TrainCommand.self, EmbedCommand.self, CompareCommand.self,
            CoherenceCommand.self, ScaleCommand.self, FuzzCommand.self, PackageCommand.self,
        ])

    static func main() {
        ComputingLibraries.chooseOpenBLASCore()
        if VersionReport.isRequested(by: CommandLine.arguments.dropFirst()) {
            return run { try print(json: VersionReport(graphblas: GraphBLASInstallation.version)) }
        }
        do {
            var command = try parseAsRoot()
            run { try command.run() }
        } catch {
            exit(withError: error)
        }
    }

    private static func run(_ body: () throws -> Void) {
        do {
            try body()
        } catch let error where exitCode(for: error) != .failure {
            // Requests for help, and commands without the subcommand they need.
            exit(withError: error)
        } catch {
            note("error: \(error)")
            exit(withError: exitCode(ofRun: error))
        }
    }

    /// The exit codes of sysexits.h: input and output errors; anything else is a defect of the program.
    private static func exitCode(ofRun error: any Error) -> ExitCode {
        switch error {
        case FileError.unreadable, is GraphBLASNotInstalled, is ToolFailure: ExitCode(66)
        case FileError.cannotCreate: ExitCode(73)
        case FileError.readFailed, FileError.writeFailed: ExitCode(74)
        case is FileError, is BadData: ExitCode(65)
        default: ExitCode(70)
        }
    }
}
