import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The options of a `train` command that a search can set: all but those that say what is read, what is written, and
/// how the program runs. They are read off the command itself, so whatever it takes can be searched.
struct SearchableOptions {
    private let options: [String: Option]
    /// Options of the command that hold for all runs of a search.
    private let others: Set<String>
    /// In the order of the command's help.
    let names: [String]

    private struct Option {
        let isFlag: Bool
        /// Of a flag, what turns it off.
        let inverse: String?
        let isRepeatable: Bool
    }

    init<Command: TrainingCommand>(of command: Command.Type) {
        others = Set(
            (Self.descriptions(of: TrainingFiles.self) + Self.descriptions(of: CorpusOptions.self)
                + Self.descriptions(of: BackendOption.self) + Self.descriptions(of: RunOptions.self))
                .flatMap(\.longNames) + ["help", "version"])
        var options: [String: Option] = [:]
        var names: [String] = []
        let descriptions = Self.descriptions(of: command)
        let flags = Set(descriptions.filter { $0.kind == "flag" }.flatMap(\.longNames))
        for description in descriptions {
            guard let name = description.longNames.first, !others.contains(name) else { continue }
            // The other half of a flag's pair.
            if name.hasPrefix("no-") && flags.contains(String(name.dropFirst(3))) { continue }
            names.append(name)
            options[name] = Option(
                isFlag: description.kind == "flag", inverse: flags.contains("no-\(name)") ? "no-\(name)" : nil,
                isRepeatable: description.isRepeating)
        }
        self.options = options
        self.names = names
    }

    /// - Throws: `ValidationError` for a name that cannot be searched.
    func check(_ axis: GridAxis) throws {
        if options[axis.name] != nil { return }
        throw ValidationError(
            "--grid \(axis.name)=\(axis.values.joined(separator: ",")): "
                + (others.contains(axis.name)
                    ? "--\(axis.name) holds for the whole search; give it as an option of its own"
                    : "there is no option --\(axis.name) to search; there are \(names.joined(separator: ", "))"))
    }

    /// What `train` is given for a value of an axis.
    ///
    /// - Throws: `ValidationError` for a flag that is neither on nor off; all other values are for `train` to judge.
    func arguments(_ name: String, _ value: String) throws -> [String] {
        guard let option = options[name], value != "default" else { return [] }
        if option.isFlag {
            switch value {
            case "yes": return ["--\(name)"]
            case "no": return option.inverse.map { ["--\($0)"] } ?? []
            default: throw ValidationError("--grid \(name)=\(value): expected yes or no")
            }
        }
        let parts = Self.parts(of: value)
        let values = option.isRepeatable ? parts : [parts.joined(separator: ",")]
        // What begins with a dash would be taken for an option of its own.
        return values.flatMap { $0.hasPrefix("-") ? ["--\(name)=\($0)"] : ["--\(name)", $0] }
    }

    /// What stands between the signs +, but for those within numbers such as 1e+3.
    private static func parts(of value: String) -> [String] {
        var parts = [""]
        for (index, character) in value.enumerated() {
            let before = value.prefix(index).suffix(2)
            let isExponent = before.count == 2 && before.first?.isNumber == true && before.lowercased().last == "e"
            if character == "+" && !isExponent {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    /// As ArgumentParser describes an option to programs that make manuals.
    private struct Description: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }
        let kind: String
        let names: [Name]?
        let isRepeating: Bool

        var longNames: [String] { (names ?? []).filter { $0.kind == "long" }.map(\.name) }
    }

    private struct Tool: Decodable {
        struct Command: Decodable { let arguments: [Description]? }
        let command: Command
    }

    private static func descriptions(of arguments: (some ParsableArguments).Type) -> [Description] {
        do {
            _ = try arguments.parse(["--experimental-dump-help"])
            preconditionFailure("ArgumentParser takes its flag for descriptions as an option")
        } catch {
            return described(arguments.fullMessage(for: error))
        }
    }

    private static func described(_ text: String) -> [Description] {
        do {
            return try JSONDecoder().decode(Tool.self, from: Data(text.utf8)).command.arguments ?? []
        } catch {
            preconditionFailure("ArgumentParser describes options in another way than it did: \(error)")
        }
    }
}
