import FileIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Human-readable numbers.
enum Format {
    /// An integer with thousands separators: 11314 → 11,314.
    static func count(_ number: Int) -> String { number.grouped }

    static func fixed(_ number: Double, _ decimals: Int) -> String {
        withVaList([Int32(clamping: decimals), number]) { arguments in
            // The largest numbers have 309 digits before the decimal point.
            var text = [CChar](repeating: 0, count: 320 + decimals)
            let length = vsnprintf(&text, text.count, "%.*f", arguments)
            return String(decoding: text.prefix(Int(length)).lazy.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// A number with at least four significant digits and at most four decimals: 0.8123, 43.10, 758.9, 12346.
    static func figure(_ number: Double) -> String { fixed(number, decimals(of: number)) }

    /// The number of decimals that `figure` shows.
    static func decimals(of number: Double) -> Int {
        let size = abs(number)
        return size < 1 ? 4 : size < 10 ? 3 : size < 100 ? 2 : size < 1000 ? 1 : 0
    }

    /// A duration, such as 0.25 s, 12 s or 3 min 05 s.
    static func duration(_ seconds: Double) -> String {
        if seconds < 10 { return fixed(seconds, 2) + " s" }
        if seconds < 100 { return fixed(seconds, 0) + " s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
        return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min"
    }

    private static func twoDigits(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }

    static func bytes(_ bytes: Int) -> String {
        bytes < 10_000_000 ? fixed(Double(bytes) / 1e6, 1) + " MB" : count(bytes / 1_000_000) + " MB"
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
    func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The fields of a JSON object that are not those of a single type, for programs that watch the progress.
struct JSONFields: Encodable, ExpressibleByDictionaryLiteral {
    private var values: [String: any Encodable]

    init(dictionaryLiteral elements: (String, any Encodable)...) {
        values = Dictionary(elements) { $1 }
    }

    /// Adds a field; does nothing if the value is nil.
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

    /// The object on one line; nil if a number is not finite, which JSON cannot represent.
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
