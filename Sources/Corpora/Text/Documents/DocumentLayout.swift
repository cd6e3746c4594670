import FileIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The layout of documents in a block.
protocol DocumentLayout: Sendable {
    /// Calls `body` with each document in order, up to the first error.
    func forEachDocument(
        in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
        _ body: (TextDocument) -> Void
    ) -> LineTally

    /// The layout of the blocks after the first; only the first one has column names.
    var ofLaterBlocks: any DocumentLayout { get }
}

extension DocumentLayout {
    var ofLaterBlocks: any DocumentLayout { self }
}

/// The layout determined from the first block of an input.
struct DecidedLayout {
    var layout: any DocumentLayout
    /// The number of fields of labelled text: 2 or 3.
    var fields: Int?
    /// The use of the columns of a table.
    var columns: String?
    /// The column names, if the first line has them.
    var names: [String]?
    /// Descriptions of irregularities, as sentences.
    var notes: [Message] = []
}

/// One document in a block; valid only within the call that passes it.
struct TextDocument {
    /// The label; empty for none; several labels are separated by `labelSeparator`.
    var label: UnsafeBufferPointer<UInt8>
    /// The id; empty for none.
    var id: UnsafeBufferPointer<UInt8>
    var text: UnsafeBufferPointer<UInt8>

    /// A byte that no label contains, since it does not occur in UTF-8.
    static let labelSeparator: UInt8 = 0xFF

    /// - Throws: `BadData` without a line number if the label contains that byte.
    static func requireLabel(_ label: UnsafeBufferPointer<UInt8>, path: String) throws(BadData) {
        guard label.contains(labelSeparator) else { return }
        throw BadData(
            path: path, column: 1, found: "a label with the byte 0xFF", expected: "UTF-8 text",
            advice: "save the file as UTF-8")
    }
}

extension BadData {
    /// The error about a zero byte, which no text contains.
    static func zeroByte(path: String, column: Int) -> BadData {
        BadData(
            path: path, column: column, found: "byte 0x00", expected: "UTF-8 text",
            advice: "the file is damaged, or no text")
    }
}

/// The result of processing the lines of a block.
struct LineTally {
    var lines = 0
    var blank = 0
    var bad = 0
    /// The first invalid line that was not to be skipped; its number is counted from 1 within the block, and the
    /// input's name may be missing.
    var fault: BadData?

    /// Calls `body` with each line, without its line end, and counts lines, up to the first error that is not to be
    /// skipped.
    init(
        _ bytes: UnsafeBufferPointer<UInt8>, skippingBad: Bool, keepsBlank: Bool = false,
        _ body: (UnsafeBufferPointer<UInt8>) throws(BadData) -> Void
    ) {
        var start = 0
        while start < bytes.count {
            let end = bytes.firstPlace(of: UInt8(ascii: "\n"), from: start)
            var line = UnsafeBufferPointer(rebasing: bytes[start..<end])
            if line.last == UInt8(ascii: "\r") { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
            start = end + 1
            lines += 1
            if !keepsBlank, line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                blank += 1
                continue
            }
            do throws(BadData) {
                if let zero = line.firstIndex(of: 0) { throw BadData.zeroByte(path: "", column: zero + 1) }
                try body(line)
            } catch {
                if !skip(error, skippingBad: skippingBad, line: lines) { return }
            }
        }
    }

    init() {}

    /// - Returns: whether the line is skipped.
    mutating func skip(_ error: BadData, skippingBad: Bool, line: Int) -> Bool {
        if skippingBad {
            bad += 1
        } else {
            fault = error
            fault?.line = line
        }
        return skippingBad
    }

}

/// Some documents of one input, not yet parsed: a unit of work that depends only on the content.
struct DocumentBlock: Sendable {
    /// The name of the input in messages.
    let name: String
    /// The index of the input, counted from 0.
    let input: Int
    let layout: any DocumentLayout
    let bytes: [UInt8]

    /// Calls `body` with each document in order, up to the first error.
    func forEachDocument(_ options: TextInputOptions, _ body: (TextDocument) -> Void) -> LineTally {
        bytes.withUnsafeBufferPointer { layout.forEachDocument(in: $0, of: name, options, body) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    static var none: Self { Self(start: nil, count: 0) }

    /// The first position of a byte from `start` on; `count` if there is none.
    func firstPlace(of byte: UInt8, from start: Int) -> Int {
        guard let first = baseAddress, let found = memchr(first + start, Int32(byte), count - start) else {
            return count
        }
        return UnsafeRawPointer(found) - UnsafeRawPointer(first)
    }
}

func withBytes<R>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    var text = text
    return text.withUTF8(body)
}

// MARK: - One document per line

/// Plain text with one document per line, including empty lines.
enum PlainText: TextFormat {
    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout { DecidedLayout(layout: Layout()) }

    struct Layout: DocumentLayout {
        func forEachDocument(
            in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
            _ body: (TextDocument) -> Void
        ) -> LineTally {
            LineTally(bytes, skippingBad: options.skipBadLines, keepsBlank: true) { line throws(BadData) in
                body(TextDocument(label: .none, id: .none, text: line))
            }
        }
    }

    /// A hint that the lines may be labelled, if each of them has a tab.
    static func labelHint(of head: HeadShape) -> String? {
        let lines = head.bytes.split(separator: 0x0A).filter { !$0.allSatisfy { $0 <= 0x20 } }
        guard lines.count > 1, lines.allSatisfy({ $0.contains(0x09) }) else { return nil }
        return "each line has a tab, and all of it is taken for the document's text; if a label stands before the tab, "
            + "name the format tsv"
    }
}

/// How documents are found in text inputs.
public struct TextInputOptions: Sendable, Equatable {
    /// The JSON key of a document's text.
    public var textField: String
    /// The JSON key of the label: a string, a number, a boolean, or an array of these; missing or null stands for no
    /// label.
    public var labelField: String
    /// The JSON key of the id: a string or a number.
    public var idField: String
    /// The columns of tab-separated text, if they were chosen.
    package var table: TableColumns?
    /// Whether invalid lines are counted and skipped rather than treated as errors.
    public var skipBadLines: Bool
    /// The approximate number of bytes in a block.
    package var blockSize = 1 << 18
    /// The maximum number of lines in a block.
    package var mostLines = Int.max
    /// How many bytes of each document's text are kept beside its counts, to be shown.
    package var keptBytes = 0

    public init(
        textField: String = "text", labelField: String = "label", idField: String = "id", skipBadLines: Bool = false
    ) {
        self.textField = textField
        self.labelField = labelField
        self.idField = idField
        self.skipBadLines = skipBadLines
    }

    /// The same options with the columns of a table.
    func choosing(_ table: TableColumns?) -> TextInputOptions {
        var options = self
        options.table = table
        return options
    }
}
