import FileIO

/// A table of texts with comma-separated columns (RFC 4180): fields may be enclosed in double quotes, within which
/// quotes are doubled and line ends are allowed. If the first line has no comma but semicolons, tabs or vertical bars,
/// these separate the columns.
///
/// The columns are those that were chosen, or `text`, `label` and `id` if the first line has these names; if there is a
/// single column, each record is a text.
enum CommaSeparated: TextFormat {
    static let endings = [".csv"]
    static let isTable = true

    static func refuseContradiction(in head: HeadShape, reason: String) throws(FileError) {
        try head.refuseNumbers(as: .csv)
    }

    static func blocks(_ stream: ByteStream, options: TextInputOptions) -> any DocumentStream {
        RecordStream(LineStream(stream, blockSize: options.blockSize, mostLines: options.mostLines))
    }

    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout {
        let delimiter = QuoteScan.delimiter(of: first)
        let names = first.withUnsafeBufferPointer { bytes in
            let record = CommaSeparatedRecord(delimiter)
            _ = record.read(bytes, from: bytes.firstIndex { $0 != 0x0A && $0 != 0x0D } ?? 0)
            return record.fields.map { String(decoding: $0, as: UTF8.self) }
        }
        do throws(BadData) {
            let table = if let chosen = options.table { chosen } else { try Self.usual(names, name: name) }
            let columns = try TableLayout(table, firstLine: names, path: name)
            var decided = DecidedLayout(
                layout: Layout(columns: columns, delimiter: delimiter, skippingFirst: table.hasHeader),
                columns: columns.description)
            if delimiter != UInt8(ascii: ",") {
                decided.notes.append("\(QuoteScan.name(of: delimiter)) are taken for what stands between the columns")
            }
            return decided
        } catch {
            throw .badData(error)
        }
    }

    /// The columns if none were chosen.
    private static func usual(_ names: [String], name: String) throws(BadData) -> TableColumns {
        if names.contains("text") { return TableColumns(hasHeader: true) }
        if names.count == 1 { return TableColumns(texts: ["1"]) }
        throw BadData(
            path: name, line: 1, column: 1, found: "the columns \(names.joined(separator: ", "))",
            expected: "one that is called text, or a choice of columns; or numbers in all but those of labels and ids",
            advice:
                "choose the columns with \(setting: "labelColumn"), \(setting: "idColumn") and \(setting: "textColumn"): numbers from 1, or names "
                + "with \(setting: "header")")
    }

    private struct Layout: DocumentLayout {
        let columns: TableLayout
        let delimiter: UInt8
        let skippingFirst: Bool

        var ofLaterBlocks: any DocumentLayout {
            Layout(columns: columns, delimiter: delimiter, skippingFirst: false)
        }

        func forEachDocument(
            in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
            _ body: (TextDocument) -> Void
        ) -> LineTally {
            let record = CommaSeparatedRecord(delimiter)
            let joined = GrowingBuffer<UInt8>()
            var tally = LineTally()
            var isNames = skippingFirst
            var place = 0
            var zero = bytes.firstPlace(of: 0, from: 0)
            while place < bytes.count {
                let start = place
                if zero < start { zero = bytes.firstPlace(of: 0, from: start) }
                place = record.read(bytes, from: start)
                let line = tally.lines + 1
                tally.lines += lineCount(of: bytes[start..<place])
                if record.isBlank {
                    tally.blank += 1
                    continue
                }
                if isNames {
                    isNames = false
                    continue
                }
                do throws(BadData) {
                    if zero < place {
                        let lineStart = bytes[start..<zero].lastIndex(of: 0x0A).map { $0 + 1 } ?? start
                        throw .zeroByte(path: name, column: zero - lineStart + 1)
                    }
                    body(try document(of: record, joined, path: name))
                } catch {
                    let faultPlace = zero < place ? zero : record.faultPlace ?? start
                    let before = bytes[start..<faultPlace].count { $0 == 0x0A }
                    if !tally.skip(error, skippingBad: options.skipBadLines, line: line + before) { return tally }
                }
            }
            return tally
        }

        /// The number of lines of a record, of which the last may lack its line end.
        private func lineCount(of record: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
            record.count { $0 == 0x0A } + (record.last == 0x0A ? 0 : 1)
        }

        private func document(
            of record: CommaSeparatedRecord, _ joined: GrowingBuffer<UInt8>, path: String
        ) throws(BadData) -> TextDocument {
            if let fault = record.fault { throw fault.badData(path: path) }
            let fields = record.fields
            try columns.requireFields(
                fields.count, column: 1, path: path,
                advice: columns.fieldCount == 1
                    ? "put a text with commas in quotes; if each line is a text, say \(setting: "format") text"
                    : "give every record the same fields; a field with a comma, a quote or a line end stands in quotes")
            let label = columns.label.map { fields[$0] } ?? .none
            try TextDocument.requireLabel(label, path: path)
            var text = fields[columns.texts[0]]
            if columns.texts.count > 1 {
                joined.removeAll()
                for (number, place) in columns.texts.enumerated() {
                    if number > 0 { joined.append(UInt8(ascii: " ")) }
                    joined.append(fields[place])
                }
                text = UnsafeBufferPointer(joined.elements)
            }
            return TextDocument(label: label, id: columns.id.map { fields[$0] } ?? .none, text: text)
        }
    }
}

/// The fields of one record. The end of a record is found in the same way as by `QuoteScan`, even if the record is
/// invalid.
final class CommaSeparatedRecord {
    struct Fault {
        let column: Int
        let found: String
        let expected: Message
        let advice: Message

        func badData(path: String) -> BadData {
            BadData(path: path, column: column, found: found, expected: expected, advice: advice)
        }
    }

    private(set) var fault: Fault?
    private(set) var faultPlace: Int?
    private let delimiter: UInt8
    private var bytes = UnsafeBufferPointer<UInt8>.none
    /// Ranges of the bytes, or of the buffer of unquoted fields.
    private var ranges: [(range: Range<Int>, isUnquoted: Bool, start: Int)] = []
    private let unquoted = GrowingBuffer<UInt8>()
    private static let (quote, newline) = (UInt8(ascii: "\""), UInt8(ascii: "\n"))

    init(_ delimiter: UInt8) { self.delimiter = delimiter }

    /// The fields, valid until the next record is read.
    var fields: [UnsafeBufferPointer<UInt8>] {
        ranges.map { field in
            UnsafeBufferPointer(
                rebasing: field.isUnquoted ? UnsafeBufferPointer(unquoted.elements)[field.range] : bytes[field.range])
        }
    }

    func isQuoted(_ field: Int) -> Bool { ranges[field].isUnquoted }

    /// The error about a field that was parsed correctly.
    func fault(atField field: Int, _ found: String, _ expected: Message, _ advice: Message) -> Fault {
        note(at: ranges[field].start, found, advice, expected: expected)
        return fault ?? Fault(column: 1, found: found, expected: expected, advice: advice)
    }

    /// Whether the line is blank.
    var isBlank: Bool {
        ranges.count == 1 && !ranges[0].isUnquoted && bytes[ranges[0].range].allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }

    /// - Returns: the position of the next record.
    func read(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        self.bytes = bytes
        ranges.removeAll(keepingCapacity: true)
        unquoted.removeAll()
        (fault, faultPlace) = (nil, nil)
        var place = start
        while true {
            if place < bytes.count, bytes[place] == Self.quote {
                place = quotedField(from: place)
            } else {
                let begin = place
                place = fieldEnd(from: place)
                let hasReturn = place > begin && bytes[place - 1] == 0x0D && !isDelimiter(at: place)
                ranges.append((begin..<place - (hasReturn ? 1 : 0), false, begin))
            }
            if place == bytes.count { return place }
            place += 1
            if bytes[place - 1] == Self.newline { return place }
        }
    }

    private func isDelimiter(at place: Int) -> Bool { place < bytes.count && bytes[place] == delimiter }

    private func fieldEnd(from start: Int) -> Int {
        var place = start
        while place < bytes.count, bytes[place] != delimiter, bytes[place] != Self.newline { place += 1 }
        return place
    }

    /// - Returns: the end of the field.
    private func quotedField(from open: Int) -> Int {
        let first = unquoted.count
        var place = open + 1
        var isClosed = false
        while place < bytes.count, !isClosed {
            var end = place
            while end < bytes.count, bytes[end] != Self.quote { end += 1 }
            unquoted.append(UnsafeBufferPointer(rebasing: bytes[place..<end]))
            place = end + 1
            if place < bytes.count, bytes[place] == Self.quote {
                unquoted.append(Self.quote)
                place += 1
            } else {
                isClosed = end < bytes.count
                if !isClosed { break }
            }
        }
        ranges.append((first..<unquoted.count, true, open))
        guard isClosed else {
            note(at: open, "a quoted field without a closing quote", "close it, and double the quotes within it")
            return bytes.count
        }
        let end = fieldEnd(from: place)
        let isReturn = end == place + 1 && bytes[place] == 0x0D && !isDelimiter(at: end)
        if end > place, !isReturn {
            let rest = String(decoding: bytes[place..<min(end, place + 20)], as: UTF8.self)
            note(at: place, "\"\(rest)\" after a closing quote", "double the quotes within a quoted field")
        }
        return end
    }

    private func note(
        at place: Int, _ found: String, _ advice: Message, expected: Message = "a field as CSV has it"
    ) {
        guard fault == nil else { return }
        let lineStart = bytes[..<place].lastIndex(of: Self.newline).map { $0 + 1 } ?? 0
        fault = Fault(column: place - lineStart + 1, found: found, expected: expected, advice: advice)
        faultPlace = place
    }
}

/// Tracks quotes in a table, byte by byte.
struct QuoteScan {
    private enum State { case fieldStart, plain, quoted, afterQuote }

    private var state = State.fieldStart
    private let delimiter: UInt8

    init(_ delimiter: UInt8) { self.delimiter = delimiter }

    /// Whether the next byte belongs to a quoted field.
    var isQuoted: Bool { state == .quoted }

    mutating func scan(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            if byte == UInt8(ascii: "\"") {
                switch state {
                case .fieldStart, .afterQuote: state = .quoted
                case .quoted: state = .afterQuote
                case .plain: break
                }
            } else if state != .quoted {
                state = byte == delimiter || byte == UInt8(ascii: "\n") ? .fieldStart : .plain
            }
        }
    }

    /// The possible column separators, in order of preference.
    private static let delimiters: [(byte: UInt8, name: String)] = [
        (UInt8(ascii: ","), "commas"), (UInt8(ascii: ";"), "semicolons"), (0x09, "tabs"),
        (UInt8(ascii: "|"), "vertical bars"),
    ]

    static func name(of delimiter: UInt8) -> String { delimiters.first { $0.byte == delimiter }?.name ?? "other bytes" }

    /// The column separator, determined from the first line that is not empty.
    static func delimiter(of bytes: [UInt8]) -> UInt8 {
        let line = bytes.drop { $0 == 0x0A || $0 == 0x0D }.prefix { $0 != 0x0A }
        return delimiters.first { line.contains($0.byte) }?.byte ?? UInt8(ascii: ",")
    }
}

/// Blocks of complete records, which may contain line ends.
final class RecordStream: DocumentStream {
    private let lines: LineStream
    private var scan: QuoteScan?

    init(_ lines: LineStream) { self.lines = lines }

    func next() throws(FileError) -> [UInt8]? {
        guard var block = try lines.next() else { return nil }
        var scan = scan ?? QuoteScan(QuoteScan.delimiter(of: block))
        scan.scan(block[...])
        let first = lines.linesBefore + 1
        while scan.isQuoted, let more = try lines.next() {
            guard block.count + more.count <= LineStream.longestLine else {
                throw .badData(
                    BadData(
                        path: lines.name, line: first, column: 1,
                        found: "a quote that stays open for more than \(LineStream.longestLine) bytes from here on",
                        expected: "shorter fields", advice: "close it, and double the quotes within a quoted field"))
            }
            scan.scan(more[...])
            block += more
        }
        self.scan = scan
        return block
    }
}
