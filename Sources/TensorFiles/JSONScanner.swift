import FileIO

/// The position and the reason of an error in JSON text.
package struct JSONSyntaxError: Error {
    /// The position in bytes from the start of the text.
    package var offset: Int
    package var found: String
    package var expected: Message
    /// Advice for the user; nil if the file can only be created again.
    package var advice: Message?

    package init(offset: Int, found: String, expected: Message, advice: Message? = nil) {
        self.offset = offset
        self.found = found
        self.expected = expected
        self.advice = advice
    }
}

/// A strict JSON scanner for file headers and for lines of JSON. Unlike general decoders it rejects repeated keys and
/// reports the position of an error.
package struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer
    private var depth = 0
    package private(set) var position = 0
    private let isPython: Bool
    private static let deepestNesting = 64

    /// - Parameter isPython: accepts what Python's `json` module reads and writes beyond the JSON standard: `NaN`,
    ///   `Infinity` and `-Infinity` as values, and lone surrogates in strings that are skipped.
    package init(_ bytes: UnsafeRawBufferPointer, isPython: Bool = false) {
        self.bytes = bytes
        self.isPython = isPython
    }

    /// Scans an object and passes each key to `member`, which has to scan the value.
    package mutating func object(
        _ member: (inout JSONScanner, String) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        try open("{", "an object")
        defer { depth -= 1 }
        var keys: Set<String> = []
        if take("}") { return }
        repeat {
            skipSpace()
            let start = position
            let key = try string()
            guard keys.insert(key).inserted else {
                throw JSONSyntaxError(offset: start, found: "the key '\(key)' again", expected: "each key once")
            }
            try require(":", "':' after a key")
            try member(&self, key)
        } while take(",")
        try require("}", "',' or '}'")
    }

    /// Scans an array and calls `element` to scan each element.
    package mutating func array(
        _ element: (inout JSONScanner) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        try open("[", "an array")
        defer { depth -= 1 }
        if take("]") { return }
        repeat { try element(&self) } while take(",")
        try require("]", "',' or ']'")
    }

    /// Scans a non-negative integer that fits in `Int`.
    mutating func naturalNumber() throws(JSONSyntaxError) -> Int {
        skipSpace()
        let start = position
        var value = 0
        while let digit = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            if tooLarge || overflow { throw failure(at: start, expected: "a number below 2^63") }
            value = sum
            position += 1
        }
        let leadingZero = position > start + 1 && bytes[start] == UInt8(ascii: "0")
        let goesOn = peek().map { [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains($0) } ?? false
        guard position > start, !leadingZero, !goesOn else {
            throw failure(at: start, expected: "a whole number from 0")
        }
        return value
    }

    package mutating func string() throws(JSONSyntaxError) -> String {
        skipSpace()
        let start = position + 1
        let text = try stringBytes(keepsLoneSurrogates: false)
        guard let string = String(validating: text, as: UTF8.self) else {
            throw JSONSyntaxError(offset: start, found: "a string that is not UTF-8", expected: "UTF-8")
        }
        return string
    }

    /// Scans a string whose bytes need not be valid UTF-8.
    ///
    /// - Parameter keepsLoneSurrogates: replaces escapes that are lone surrogates by the byte 0xFF, which does not
    ///   occur in UTF-8, instead of rejecting them.
    package mutating func stringBytes(keepsLoneSurrogates: Bool = true) throws(JSONSyntaxError) -> [UInt8] {
        try require("\"", "a string in double quotes")
        var text: [UInt8] = []
        while true {
            guard let byte = peek() else { throw failure(at: position, expected: "the end of a string") }
            guard byte >= 0x20 else { throw failure(at: position, expected: "control characters to be escaped") }
            position += 1
            if byte == UInt8(ascii: "\"") { return text }
            if byte == UInt8(ascii: "\\") {
                try appendEscaped(to: &text, keepsLoneSurrogates: keepsLoneSurrogates)
            } else {
                text.append(byte)
            }
        }
    }

    /// The kind of the next value, without scanning it.
    package enum ValueKind { case object, array, string, word }

    package mutating func nextKind() -> ValueKind {
        skipSpace()
        return switch peek() {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        default: .word
        }
    }

    /// Scans a value of any kind and discards it.
    package mutating func skipValue() throws(JSONSyntaxError) {
        switch nextKind() {
        case .object:
            try object { (scanner, _) throws(JSONSyntaxError) in try scanner.skipValue() }
        case .array:
            try array { (scanner) throws(JSONSyntaxError) in try scanner.skipValue() }
        case .string: _ = try stringBytes(keepsLoneSurrogates: isPython)
        case .word: _ = try word()
        }
    }

    /// Scans true, false, null or a number, and returns its text.
    package mutating func word() throws(JSONSyntaxError) -> String {
        skipSpace()
        let start = position
        while let byte = peek(), byte > 0x20, !",]}:\"[{".utf8.contains(byte) { position += 1 }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        let isNonFinite = isPython && ["NaN", "Infinity", "-Infinity"].contains(word)
        guard ["true", "false", "null"].contains(word) || Double(word)?.isFinite == true || isNonFinite else {
            throw failure(at: start, expected: "a JSON value")
        }
        return word
    }

    /// Checks that only white space follows.
    package mutating func end() throws(JSONSyntaxError) {
        skipSpace()
        guard position == bytes.count else { throw failure(at: position, expected: "nothing more") }
    }

    private mutating func open(_ bracket: Unicode.Scalar, _ expected: Message) throws(JSONSyntaxError) {
        try require(bracket, expected)
        depth += 1
        guard depth <= Self.deepestNesting else {
            throw failure(at: position, expected: "at most \(Self.deepestNesting) levels of nesting")
        }
    }

    private mutating func appendEscaped(
        to text: inout [UInt8], keepsLoneSurrogates: Bool
    ) throws(JSONSyntaxError) {
        let start = position - 1
        guard let byte = peek() else { throw failure(at: start, expected: "a complete escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            try appendUnicodeEscape(startingAt: start, to: &text, keepsLoneSurrogates: keepsLoneSurrogates)
        default: throw failure(at: start, expected: "one of JSON's escapes")
        }
    }

    private mutating func appendUnicodeEscape(
        startingAt start: Int, to text: inout [UInt8], keepsLoneSurrogates: Bool
    ) throws(JSONSyntaxError) {
        var units = [try hexadecimalUnit()]
        if UTF16.isLeadSurrogate(units[0]), position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        {
            let afterLead = position
            position += 2
            units.append(try hexadecimalUnit())
            if keepsLoneSurrogates, !UTF16.isTrailSurrogate(units[1]) {
                position = afterLead
                units.removeLast()
            }
        }
        if let decoded = String(validating: units, as: UTF16.self) {
            text.append(contentsOf: decoded.utf8)
        } else if keepsLoneSurrogates {
            text.append(0xFF)
        } else {
            throw failure(at: start, expected: "a pair of surrogates")
        }
    }

    private mutating func hexadecimalUnit() throws(JSONSyntaxError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure(at: position, expected: "four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek() == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func require(_ scalar: Unicode.Scalar, _ expected: Message) throws(JSONSyntaxError) {
        guard take(scalar) else { throw failure(at: position, expected: expected) }
    }

    private func failure(at offset: Int, expected: Message) -> JSONSyntaxError {
        let excerpt = bytes[offset..<min(offset + 20, bytes.count)]
        let found = excerpt.isEmpty ? "the end of the text" : "'\(String(decoding: excerpt, as: UTF8.self))'"
        return JSONSyntaxError(offset: offset, found: found, expected: expected)
    }
}

/// Appends `text` as a JSON string, quotes included. Escapes only what JSON requires.
package func appendJSONString(_ text: String, to buffer: inout [UInt8]) {
    let hexDigits: StaticString = "0123456789abcdef"
    buffer.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            buffer.append(UInt8(ascii: "\\"))
            buffer.append(byte)
        case UInt8(ascii: "\n"): buffer.append(contentsOf: "\\n".utf8)
        case UInt8(ascii: "\r"): buffer.append(contentsOf: "\\r".utf8)
        case UInt8(ascii: "\t"): buffer.append(contentsOf: "\\t".utf8)
        case 0..<0x20:
            buffer.append(contentsOf: "\\u00".utf8)
            buffer.append(hexDigits.utf8Start[Int(byte >> 4)])
            buffer.append(hexDigits.utf8Start[Int(byte & 15)])
        default: buffer.append(byte)
        }
    }
    buffer.append(UInt8(ascii: "\""))
}
