import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The options of a `train` command that a search can set: all except those for inputs, outputs and how the program
/// runs. They are read from the command's declaration.
struct SearchableOptions {
    private let options: [String: Option]
    /// Options of the command that are the same for all runs of a search.
    private let others: Set<String>
    /// The names of the options, in the order of the command's help.
    let names: [String]

    private struct Option {
        let isFlag: Bool
        /// The name that turns a flag off; nil for other options, and for flags that cannot be turned off.
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
            // The name that turns a flag off is not a separate option.
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

    /// The arguments of `train` for a value of an axis.
    ///
    /// - Throws: `ValidationError` for a flag whose value is neither yes nor no; other values are checked by `train`.
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
        // A separate argument that begins with a dash would be parsed as an option.
        return values.flatMap { $0.hasPrefix("-") ? ["--\(name)=\($0)"] : ["--\(name)", $0] }
    }

    /// The parts of a value between plus signs; plus signs within numbers such as 1e+3 do not separate.
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

    /// An option in the description that ArgumentParser generates for tools.
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
