import ArgumentParser
import Foundation

/// Seconds of repeated runs.
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

    /// `amount` a second: at the median, the slowest and the fastest run.
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
    /// Of a single run.
    init(_ value: Double) { self.init(median: value, minimum: value, maximum: value) }

    /// Of one run or more.
    init(of runs: [Double]) {
        let sorted = runs.sorted()
        self.init(median: sorted[sorted.count / 2], minimum: sorted[0], maximum: sorted[sorted.count - 1])
    }
}

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

/// What a case measured, for people or for programs.
struct Report: Encodable {
    /// A number that follows from a case's rate, such as its share of a limit, which is 1 at most, or the memory.
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
            // Long cases are watched while they run, through pipes too.
            fflush(nil)
        }
    }

    func printJSON() throws { try print(json: self) }
}

/// Prints the one JSON object of `--json`.
func print(json value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// A message for people, apart from the results.
func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }

/// A fast result that is not the plain one; the bench then refuses to time it.
struct WrongResult: Error, CustomStringConvertible {
    let what: String

    var description: String { "\(what): the fast result differs from the plain one" }
}
