#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The fields of an object of JSON that are not those of any one type: what programs that watch are told.
struct JSONFields: Encodable, ExpressibleByDictionaryLiteral {
    private var values: [String: any Encodable]

    init(dictionaryLiteral elements: (String, any Encodable)...) {
        values = Dictionary(elements) { $1 }
    }

    /// Of nil, leaves the field out.
    mutating func add(_ name: String, _ value: (some Encodable)?) {
        if let value { values[name] = value }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        for (name, value) in values { try container.encode(value, forKey: Name(stringValue: name)) }
    }

    /// One line; nil if a number is not finite, which JSON has no notation for.
    var line: String? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        } catch {
            return nil
        }
    }
}
