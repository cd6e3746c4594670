import Foundation

/// The manual page of one command, in the macros of man(7).
struct ManualPage {
    /// The name of the page, such as `gossamer-train-sae`.
    let name: String
    let text: String

    /// The page of a command, and those of all its subcommands.
    static func all(of command: ProgramDescription.Command, version: String, day: String) -> [ManualPage] {
        [ManualPage(command, version: version, day: day)]
            + command.visibleSubcommands.flatMap { all(of: $0, version: version, day: day) }
    }

    private init(_ command: ProgramDescription.Command, version: String, day: String) {
        name = command.path.joined(separator: "-")
        let call = Self.escaped(command.path.joined(separator: " "))
        var lines = [
            ".TH \(Self.escaped(name.uppercased())) 1 \"\(day)\" \"\(version)\" \"User Commands\"",
            ".SH NAME", "\(Self.escaped(name)) \\- \(Self.escaped(Self.withoutStop(command.abstract ?? name)))",
            ".SH SYNOPSIS", ".B \(call)", Self.synopsis(of: command),
        ]
        if let discussion = command.discussion {
            lines.append(".SH DESCRIPTION")
            lines += discussion.split(separator: "\n").flatMap { [".PP", Self.line(String($0))] }
        }
        if !command.visibleSubcommands.isEmpty {
            lines.append(".SH COMMANDS")
            for below in command.visibleSubcommands {
                lines += [
                    ".TP", ".B \(Self.escaped(below.path.joined(separator: " ")))", Self.line(below.abstract ?? ""),
                ]
            }
        }
        let (positional, options) = (
            command.visibleArguments.filter { $0.kind == .positional },
            command.visibleArguments.filter { $0.kind != .positional }
        )
        for (title, arguments) in [("ARGUMENTS", positional), ("OPTIONS", options)] where !arguments.isEmpty {
            lines.append(".SH \(title)")
            for argument in arguments { lines += Self.entry(of: argument) }
        }
        let others = command.visibleSubcommands.map(\.path) + [command.superCommands ?? []].filter { !$0.isEmpty }
        if !others.isEmpty {
            lines.append(".SH SEE ALSO")
            lines.append(
                others.map { "\\fB\(Self.escaped($0.joined(separator: "-")))\\fR(1)" }.joined(separator: ",\n"))
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    private static func synopsis(of command: ProgramDescription.Command) -> String {
        if !command.visibleSubcommands.isEmpty { return "\\fIcommand\\fR [\\fIoptions\\fR]" }
        let operands = command.visibleArguments.filter { $0.kind == .positional }.map { operand in
            let value = value(of: operand) + (operand.isRepeating ? " ..." : "")
            return operand.isOptional ? "[\(value)]" : value
        }
        return (operands + ["[\\fIoptions\\fR]"]).joined(separator: " ")
    }

    private static func entry(of argument: ProgramDescription.Argument) -> [String] {
        let names = (argument.names ?? []).map { "\\fB\(escaped($0.text))\\fR" }.joined(separator: ", ")
        let head =
            switch argument.kind {
            case .positional: value(of: argument)
            case .option: "\(names) \(value(of: argument))"
            case .flag: names
            }
        var sentences = [argument.abstract, argument.discussion].compactMap { $0 }
        if argument.kind == .option, let preset = argument.defaultValue { sentences.append("Default: \(preset).") }
        return [".TP", head, line(sentences.joined(separator: " "))]
    }

    private static func value(of argument: ProgramDescription.Argument) -> String {
        "\\fI\(escaped(argument.valueName ?? "value"))\\fR"
    }

    private static func withoutStop(_ sentence: String) -> String {
        sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }

    /// Text on a separate line, escaped so that it is not read as a macro.
    private static func line(_ text: String) -> String {
        let escaped = escaped(text.split(whereSeparator: \.isNewline).joined(separator: " "))
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    /// Escapes backslashes, and hyphens so that they are printed as typed.
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    }
}

/// The description of a program that swift-argument-parser's `--experimental-dump-help` prints; only the parts that
/// manual pages need.
struct ProgramDescription: Decodable {
    let command: Command

    struct Command: Decodable {
        let commandName: String
        /// The names of the parent commands, from the program down; nil for the program itself.
        let superCommands: [String]?
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool
        let arguments: [Argument]?
        let subcommands: [Command]?

        var path: [String] { (superCommands ?? []) + [commandName] }

        var visibleArguments: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }

        /// The subcommands without `help`, which the pages replace.
        var visibleSubcommands: [Command] {
            (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
        }
    }

    struct Argument: Decodable {
        enum Kind: String, Decodable { case positional, option, flag }

        let kind: Kind
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let abstract: String?
        let discussion: String?
    }

    struct Name: Decodable {
        let kind: String
        let name: String

        var text: String { (kind == "long" ? "--" : "-") + name }
    }
}
