import ArgumentParser
import Foundation

/// What a case measured, for people or for programs.
struct Report: Encodable {
    struct Line: Encodable {
        let name: String
        let unit: String
        let rate: Rate
    }

    private(set) var lines: [Line] = []

    mutating func add(_ name: String, _ unit: String, _ rate: Rate, printing: Bool) {
        lines.append(Line(name: name, unit: unit, rate: rate))
        if printing {
            var range = String(format: "%9.2f %@", rate.median, unit)
            if rate.minimum < rate.maximum {
                range += String(format: "   (%.2f – %.2f)", rate.minimum, rate.maximum)
            }
            print(name + String(repeating: " ", count: max(1, 44 - name.count)) + range)
            // Long cases are watched while they run, through pipes too.
            fflush(nil)
        }
    }

    func printJSON() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(self), as: UTF8.self))
    }
}

/// A fast result that is not the plain one; the bench then refuses to time it.
struct WrongResult: Error, CustomStringConvertible {
    let what: String

    var description: String { "\(what): the fast result differs from the plain one" }
}

struct MeasuringOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Timed runs a case.", valueName: "n"))
    var runs = 7

    @Option(parsing: .upToNextOption, help: "Numbers of threads to measure.")
    var threads = [1, 2]

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if runs < 1 || threads.contains(where: { $0 < 1 }) { throw ValidationError("runs and threads start at 1") }
    }
}
