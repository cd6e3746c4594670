/// What swift-argument-parser's `--experimental-dump-help` tells of a program; the parts that manual pages are made
/// of.
struct ProgramDescription: Decodable {
    let command: Command

    struct Command: Decodable {
        let commandName: String
        /// From the program down; missing for the program itself.
        let superCommands: [String]?
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool
        let arguments: [Argument]?
        let subcommands: [Command]?

        var path: [String] { (superCommands ?? []) + [commandName] }

        var visibleArguments: [Argument] { (arguments ?? []).filter(\.shouldDisplay) }

        /// Without `help`, which tells nothing that the pages do not.
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
