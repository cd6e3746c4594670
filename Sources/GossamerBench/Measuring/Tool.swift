import Foundation

/// Another program, found by its name in PATH, run to its end.
struct Tool {
    /// The program and its arguments.
    let command: [String]
    /// Added to this process's.
    var environment: [String: String] = [:]
    var folder: URL?
    var silently = false

    /// What it prints, and its exit code: -1 if a signal ended it, 127 if there is no such program.
    func run() throws -> (output: Data, status: Int32) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = folder
        let pipe = Pipe()
        process.standardOutput = pipe
        if silently { process.standardError = FileHandle.nullDevice }
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (output, process.terminationReason == .exit ? process.terminationStatus : -1)
    }

    /// What it prints.
    ///
    /// - Throws: `ToolFailure` unless it succeeds.
    func output() throws -> Data {
        let (output, status) = try run()
        if status != 0 { throw ToolFailure(program: command[0], status: status) }
        return output
    }
}

/// A program that is not there, or that failed; it has told why on stderr.
struct ToolFailure: Error, CustomStringConvertible {
    let program: String
    let status: Int32

    var description: String {
        status == 127 ? "\(program) is not installed; on Debian and Ubuntu: apt install binutils dpkg-dev"
            : "\(program) failed with exit code \(status)"
    }
}
