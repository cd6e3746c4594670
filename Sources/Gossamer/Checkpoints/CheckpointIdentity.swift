import Autoencoders
import Corpora
import FileIO
import TensorFiles

/// What a training is of: the state of one can only be continued by another of the same.
struct CheckpointIdentity {
    static let formatName = "gossamer-checkpoint-1"

    /// The metadata of the checkpoint file.
    let metadata: [String: String]

    /// - Throws: `FileError` if the settings have a number that JSON cannot represent.
    init(
        _ settings: ModelSettings, _ material: TrainingMaterial, execution: Execution, path: String
    ) throws(FileError) {
        metadata = [
            "format": Self.formatName, "version": gossamerVersion, "kind": settings.kind.rawValue,
            "corpus": Fingerprint.text(material.fingerprint), "documents": String(material.corpus.rowCount),
            "entries": String(material.corpus.matrix.entryCount), "backend": execution.backendName,
            "start": material.start,
            "settings": try MetadataText.json(settings, path: path),
        ]
    }

    /// Checks that a checkpoint is one of the same training.
    ///
    /// - Throws: `FileError.badData`, which names the first difference.
    func check(_ other: [String: String], path: String) throws(FileError) {
        func bad(_ found: String, _ expected: String, _ advice: Message) -> FileError {
            .badData(BadData(path: path, found: found, expected: Message(expected), advice: advice))
        }
        try Self.requireFormat(of: other, path: path)
        for (key, advice) in Self.requirements where other[key] != metadata[key] {
            let name = key == "corpus" ? "a corpus of other contents, with the fingerprint" : key
            throw bad("\(name) \(other[key] ?? "none")", metadata[key] ?? "none", advice)
        }
        if let difference = Self.difference(other["settings"], metadata["settings"]) {
            throw bad(
                "a training with \(difference.found)", difference.expected,
                "give the settings that the training had, or start a new one")
        }
    }

    private static func requireFormat(of metadata: [String: String], path: String) throws(FileError) {
        if metadata["format"] == formatName { return }
        throw .badData(
            BadData(
                path: path, found: metadata["format"].map { "the format \($0)" } ?? "a file of another kind",
                expected: "a checkpoint of the format \(formatName)",
                advice: "give a file that a training wrote as its checkpoint"))
    }

    /// Whether a file is a checkpoint of the same training; not so if there is no file.
    ///
    /// - Throws: `FileError` if the file is no checkpoint.
    func isOf(_ path: String) throws(FileError) -> Bool {
        if FileKind(path: path) == nil { return false }
        let other = try SafetensorsFile(path: path).metadata
        try Self.requireFormat(of: other, path: path)
        return Self.requirements.allSatisfy { other[$0.key] == metadata[$0.key] }
            && other["settings"] == metadata["settings"]
    }

    /// The metadata that must be equal, in the order in which a difference is told.
    private static let requirements: [(key: String, advice: Message)] = [
        ("version", "go on with the version of the program that began, or start a new training"),
        ("kind", "train the kind of model that the training was of, or start a new one"),
        ("documents", "give the corpus that the training had, read in the same way"),
        ("entries", "give the corpus that the training had, read in the same way"),
        ("corpus", "give the corpus that the training had, read in the same way"),
        ("start", "start from the model, and in the way, that the training did"),
        ("backend", "go on with the library for products that the training had"),
    ]

    /// The first setting, in alphabetical order, that differs.
    private static func difference(_ a: String?, _ b: String?) -> (found: String, expected: String)? {
        if a == b { return nil }
        let (found, expected) = (SettingsTree.leaves(of: a), SettingsTree.leaves(of: b))
        let names = Set(found.keys).union(expected.keys).sorted()
        guard let name = names.first(where: { found[$0] != expected[$0] }) else {
            return ("settings that cannot be read", "those of this training")
        }
        return ("\(name) \(found[name] ?? "by default")", expected[name] ?? "its default")
    }
}

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Settings as JSON, to be compared one by one.
private enum SettingsTree: Decodable {
    case leaf(String)
    case list([SettingsTree])
    case members([String: SettingsTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let members = try? container.decode([String: SettingsTree].self) {
            self = .members(members)
        } else if let list = try? container.decode([SettingsTree].self) {
            self = .list(list)
        } else if let truth = try? container.decode(Bool.self) {
            self = .leaf(String(truth))
        } else if let whole = try? container.decode(Int.self) {
            self = .leaf(String(whole))
        } else if let number = try? container.decode(Double.self) {
            self = .leaf(String(number))
        } else {
            self = .leaf(try container.decode(String.self))
        }
    }

    /// The values by their names, such as `training.epochs`.
    static func leaves(of json: String?) -> [String: String] {
        guard let json, let tree = try? JSONDecoder().decode(SettingsTree.self, from: Data(json.utf8)) else {
            return [:]
        }
        var leaves: [String: String] = [:]
        tree.collect(into: &leaves, name: "")
        return leaves
    }

    private func collect(into leaves: inout [String: String], name: String) {
        switch self {
        case .leaf(let text): leaves[name] = text
        case .list(let items): leaves[name] = "[" + items.map(\.text).joined(separator: ", ") + "]"
        case .members(let members):
            for (key, value) in members { value.collect(into: &leaves, name: name.isEmpty ? key : "\(name).\(key)") }
        }
    }

    private var text: String {
        switch self {
        case .leaf(let text): text
        case .list(let items): "[" + items.map(\.text).joined(separator: ", ") + "]"
        case .members(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ") + "}"
        }
    }
}
