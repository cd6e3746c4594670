import FileIO
import TensorFiles

/// One JSON object per line.
enum JSONLines: TextFormat {
    static let endings = [".jsonl", ".ndjson"]

    static func shape(of head: HeadShape) -> (reason: String, hint: String?)? {
        var rest = head.bytes.drop { $0 <= 0x20 }
        guard rest.first == UInt8(ascii: "{") else { return nil }
        rest = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
        return rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "}")
            ? ("its first line is a JSON object", nil) : nil
    }

    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout { DecidedLayout(layout: Layout()) }

    private struct Layout: DocumentLayout {
        func forEachDocument(
            in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
            _ body: (TextDocument) -> Void
        ) -> LineTally {
            LineTally(bytes, skippingBad: options.skipBadLines) { line throws(BadData) in
                try JSONLine(line, options: options, path: name).withDocument(body)
            }
        }
    }
}

/// A document in a line of JSON.
struct JSONLine {
    /// The labels; empty for a document without a label.
    private(set) var labels: [String] = []
    private(set) var id: String?
    /// The text, which need not be valid UTF-8.
    private(set) var text: [UInt8] = []

    /// - Throws: `BadData` without a line number if the line is not a JSON object, or the object has no text.
    init(_ line: UnsafeBufferPointer<UInt8>, options: TextInputOptions, path: String) throws(BadData) {
        var scanner = JSONScanner(UnsafeRawBufferPointer(line), isPython: true)
        var hasText = false
        do throws(JSONSyntaxError) {
            try scanner.object { (scanner, key) throws(JSONSyntaxError) in
                if key == options.textField {
                    text = try Self.text(&scanner, key: key)
                    hasText = true
                } else if key == options.labelField {
                    labels = try Self.labels(&scanner)
                } else if key == options.idField {
                    id = try Self.scalar(&scanner)
                } else {
                    try scanner.skipValue()
                }
            }
            try scanner.end()
        } catch {
            throw BadData(
                path: path, column: error.offset + 1, found: error.found, expected: error.expected,
                advice: error.advice ?? "each line must be a JSON object of its own, or be skipped as a bad line")
        }
        guard hasText else {
            throw BadData(
                path: path, column: 1, found: "an object without \"\(options.textField)\"",
                expected: "the document's text under that key",
                advice: "name the key that holds the text")
        }
    }

    /// Calls `body` with the document.
    func withDocument(_ body: (TextDocument) -> Void) {
        text.withUnsafeBufferPointer { text in
            let labels = Array(labels.map { Array($0.utf8) }.joined(separator: [TextDocument.labelSeparator]))
            labels.withUnsafeBufferPointer { label in
                withBytes(id ?? "") { id in body(TextDocument(label: label, id: id, text: text)) }
            }
        }
    }

    private static func text(_ scanner: inout JSONScanner, key: String) throws(JSONSyntaxError) -> [UInt8] {
        let kind = scanner.nextKind()
        if kind == .string { return try scanner.stringBytes() }
        let start = scanner.position
        let found = kind == .word ? try scanner.word() : "an object or array"
        // A document without text remains a row.
        if Self.isMissing(found) { return [] }
        throw JSONSyntaxError(offset: start, found: "\(found) as \"\(key)\"", expected: "a string")
    }

    /// A string or a word, or an array of them; empty for null.
    private static func labels(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> [String] {
        var labels: [String] = []
        if scanner.nextKind() == .array {
            try scanner.array { (scanner) throws(JSONSyntaxError) in
                if let label = try scalar(&scanner) { labels.append(label) }
            }
        } else if let label = try scalar(&scanner) {
            labels.append(label)
        }
        return labels.filter { !$0.isEmpty }
    }

    /// pandas writes NaN for missing values.
    private static func isMissing(_ word: String) -> Bool { word == "null" || word == "NaN" }

    private static func scalar(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> String? {
        switch scanner.nextKind() {
        case .string: return try scanner.string()
        case .word:
            let word = try scanner.word()
            return isMissing(word) ? nil : word
        case .object, .array:
            throw JSONSyntaxError(
                offset: scanner.position, found: "an object or array", expected: "a string or a number")
        }
    }
}
