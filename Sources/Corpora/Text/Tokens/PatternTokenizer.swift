import Foundation

/// Finds tokens by any regular expression, as Python's `re.findall`: the slow way, and the reference of the fast one.
struct PatternTokenizer: Sendable {
    let lowercase: Bool
    private let expression: NSRegularExpression
    /// The group that is the token: the whole match, or the only group.
    private let group: Int

    init(pattern: String, lowercase: Bool) throws(TextOptionsError) {
        guard let expression = try? NSRegularExpression(pattern: PythonPattern.icu(pattern)) else {
            throw TextOptionsError(
                option: "token-pattern", found: "'\(pattern)'", expected: "a regular expression as Python writes it")
        }
        guard expression.numberOfCaptureGroups <= 1 else {
            throw TextOptionsError(
                option: "token-pattern", found: "\(expression.numberOfCaptureGroups) groups in '\(pattern)'",
                expected: "one at most, which is the token; write (?:…) for the others")
        }
        self.lowercase = lowercase
        self.expression = expression
        group = expression.numberOfCaptureGroups
    }

    /// Calls `body` with each token that isn't empty, valid within the call only.
    ///
    /// - Returns: whether the text was valid UTF-8. Invalid bytes are read as U+FFFD.
    func forEachToken(
        in text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) -> Bool {
        let string =
            lowercase
            ? String(decoding: Lowercasing.lowercased(text), as: UTF8.self) : String(decoding: text, as: UTF8.self)
        let units = Array(string.utf16)
        for match in expression.matches(in: string, range: NSRange(location: 0, length: units.count)) {
            let range = match.range(at: group)
            if range.location == NSNotFound || range.length == 0 { continue }
            var token = String(decoding: units[range.lowerBound..<range.upperBound], as: UTF16.self)
            token.withUTF8(body)
        }
        return isValidUTF8(text)
    }

    private func isValidUTF8(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var position = 0
        while position < text.count {
            let (scalar, length) = UTF8Decoding.scalar(at: position, in: text)
            if scalar == nil { return false }
            position += length
        }
        return true
    }
}
