import ArgumentParser
import Foundation

/// The times of repeated runs, in seconds.
struct Timing {
    let seconds: Rate

    var median: Double { seconds.median }

    /// Runs `body` once to warm up, then `runs` times.
    init(runs: Int, _ body: () throws -> Void) rethrows {
        try body()
        var seconds: [Double] = []
        for _ in 0..<runs {
            let start = ContinuousClock.now
            try body()
            seconds.append(start.duration(to: .now) / .seconds(1))
        }
        self.seconds = Rate(of: seconds)
    }

    /// The rate for `amount` per run, per second: of the median, the slowest and the fastest run.
    func rate(_ amount: Double) -> Rate {
        Rate(
            median: amount / seconds.median, minimum: amount / seconds.maximum, maximum: amount / seconds.minimum)
    }
}

struct Rate: Encodable {
    let median: Double
    let minimum: Double
    let maximum: Double
}

extension Rate {
    /// The time of a single run.
    init(_ value: Double) { self.init(median: value, minimum: value, maximum: value) }

    /// The times of one run or more.
    init(of runs: [Double]) {
        let sorted = runs.sorted()
        self.init(median: sorted[sorted.count / 2], minimum: sorted[0], maximum: sorted[sorted.count - 1])
    }
}

/// An external program, found by its name in PATH and run to its end.
struct Tool {
    /// The name of the program and its arguments.
    let command: [String]
    /// Variables that are added to this process' environment.
    var environment: [String: String] = [:]
    var folder: URL?
    var silently = false

    /// The output and the exit code: -1 if the program was ended by a signal, 127 if there is no such program.
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

    /// The output of the program.
    ///
    /// - Throws: `ToolFailure` unless the program succeeds.
    func output() throws -> Data {
        let (output, status) = try run()
        if status != 0 { throw ToolFailure(program: command[0], status: status) }
        return output
    }
}

/// A program that is not installed or that failed; it has written the reason to stderr.
struct ToolFailure: Error, CustomStringConvertible {
    let program: String
    let status: Int32

    var description: String {
        status == 127 ? "\(program) is not installed; on Debian and Ubuntu: apt install binutils dpkg-dev"
            : "\(program) failed with exit code \(status)"
    }
}

/// The measurements of a case, in human-readable form or as JSON.
struct Report: Encodable {
    /// A number derived from the rate of a case, such as its fraction of a limit, which is at most 1, or the memory.
    struct Figure: Encodable {
        let unit: String
        let value: Double

        static func share(_ value: Double, of limit: String) -> Figure {
            Figure(unit: "of \(limit)", value: value)
        }

        fileprivate var text: String {
            unit.hasPrefix("of ") ? String(format: "%.0f %% %@", 100 * value, unit)
                : String(format: "%.4g %@", value, unit)
        }
    }

    struct Line: Encodable {
        let name: String
        let unit: String
        let rate: Rate
        let also: [Figure]
    }

    private(set) var lines: [Line] = []

    mutating func add(_ name: String, _ unit: String, _ rate: Rate, also: [Figure] = [], printing: Bool) {
        lines.append(Line(name: name, unit: unit, rate: rate, also: also))
        if printing {
            var range = String(format: "%9.2f %@", rate.median, unit)
            if rate.minimum < rate.maximum {
                range += String(format: "   (%.2f – %.2f)", rate.minimum, rate.maximum)
            }
            if !also.isEmpty { range += "   " + also.map(\.text).joined(separator: ", ") }
            print(name + String(repeating: " ", count: max(1, 60 - name.count)) + range)
            // Flushed so that long cases can be followed while they run, through pipes as well.
            fflush(nil)
        }
    }

    func printJSON() throws { try print(json: self) }
}

/// Prints the JSON object of `--json`.
func print(json value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Writes a human-readable message to stderr.
func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

/// The error for a fast result that differs from the plain one; it is then not timed.
struct WrongResult: Error, CustomStringConvertible {
    let what: String

    var description: String { "\(what): the fast result differs from the plain one" }
}
