import ArgumentParser
import Foundation

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
