import CGossamerInterface
import FileIO

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Any value of JSON.
enum JSONValue: Equatable, Sendable {
    case null
    case truth(Bool)
    case whole(Int)
    /// A number with a fraction, or beyond `Int`.
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .truth(value)
        } else if let value = try? container.decode(Int.self) {
            self = .whole(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .truth(let value): try container.encode(value)
        case .whole(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}

extension JSONValue: CustomStringConvertible {
    /// As it is written in JSON.
    var description: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(self) else { return "a value that JSON cannot hold" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONValue {
    init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }

    /// The members of an object that the caller has given as text; none for NULL.
    static func members(_ bytes: UnsafePointer<CChar>?, _ name: String) throws -> [String: JSONValue] {
        guard bytes != nil else { return [:] }
        let json = try givenText(bytes, name)
        do {
            return try JSONDecoder().decode([String: JSONValue].self, from: Data(json.utf8))
        } catch {
            throw UsageError("\(name): found \(json.prefix(80)); expected a JSON object")
        }
    }

    /// These values under those of `other`, member by member.
    func overlaid(by other: JSONValue) -> JSONValue {
        guard case .object(let members) = self, case .object(let others) = other else { return other }
        return .object(members.merging(others) { $0.overlaid(by: $1) })
    }

    func decoded<Value: Decodable>(as type: Value.Type, _ name: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: JSONEncoder().encode(self))
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context)
        {
            throw UsageError(Message(Self.place(context, in: name) + ": " + (misfit ?? context.debugDescription)))
        } catch DecodingError.keyNotFound(let key, let context) {
            throw UsageError(Message(Self.place(context, in: name) + ": \(key.stringValue) is missing"))
        }
    }

    /// The values that are no objects, with their paths.
    func leaves(_ path: [String] = []) -> [(path: [String], value: JSONValue)] {
        guard case .object(let members) = self else { return [(path, self)] }
        return members.sorted { $0.key < $1.key }.flatMap { $0.value.leaves(path + [$0.key]) }
    }

    /// Objects within each other, with this value at the path.
    func placed(at path: [String]) -> JSONValue { path.reversed().reduce(self) { .object([$1: $0]) } }

    /// What is wrong with a number that does not fit; a decoder says no more of it than that the whole is not JSON.
    var misfit: String? {
        switch self {
        case .whole: "found \(description); expected a number from 0"
        case .number: "found \(description); expected a whole number, or one within the range of a Float"
        case .list(let values) where values.contains { $0.misfit != nil }:
            "found \(description); expected whole numbers from 0"
        default: nil
        }
    }

    private static func place(_ context: DecodingError.Context, in name: String) -> String {
        ([name] + context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }).joined(separator: ".")
    }
}

extension [String: JSONValue] {
    /// Takes a member, if there is one that is not null.
    mutating func take<Member: Decodable>(_ name: String, as type: Member.Type = Member.self) throws -> Member? {
        guard let value = removeValue(forKey: name), value != .null else { return nil }
        return try value.decoded(as: type, name)
    }

    /// - Throws: `UsageError` if any member is left, which is one that nobody knows.
    func requireEmpty(known: String) throws(UsageError) {
        guard let name = keys.min() else { return }
        throw UsageError("found the option \(name); expected some of \(known)")
    }
}

/// Gives the caller a value as JSON.
func give(json value: some Encodable, to place: UnsafeMutablePointer<gossamer_string>?) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try give(encoder.encode(value), to: place)
}
