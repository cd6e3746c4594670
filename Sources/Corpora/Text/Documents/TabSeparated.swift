import FileIO

/// Labelled text: `label TAB text` or `label TAB id TAB text`, with `\n`, `\t`, `\r` and `\\` escaped in the text, or a
/// table whose columns were chosen.
enum TabSeparated: TextFormat {
    static let endings = [".tsv"]
    static let isTable = true

    static func refuseContradiction(in head: HeadShape, reason: String) throws(FileError) {
        try head.refuseNumbers(as: .tsv)
    }

    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout {
        let lines = TabSeparatedLine.firstLines(of: first)
        guard let table = options.table else { return try usualColumns(lines, name: name) }
        do throws(BadData) {
            let names = Array(lines.first ?? []).split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            let columns = try TableLayout(
                table, firstLine: names.map { String(decoding: $0, as: UTF8.self) }, path: name)
            return DecidedLayout(
                layout: ChosenColumns(columns: columns, skippingFirst: table.hasHeader), columns: columns.description,
                names: table.hasHeader ? columns.names : nil)
        } catch {
            throw .badData(error)
        }
    }

    /// - Throws: `FileError.badData` if labels and texts are clearly in each other's column.
    private static func usualColumns(
        _ lines: [ArraySlice<UInt8>], name: String
    ) throws(FileError) -> DecidedLayout {
        let fields = TabSeparatedLine.fields(of: lines)
        let signs = TableSigns(lines, fields: fields)
        let withTabs = TabSeparatedLine.textsWithTabs(in: lines)
        let tabs: [Message] =
            withTabs == 0
            ? []
            : [
                "\(withTabs) of the first \(lines.count) lines have more than one tab: all after the first is taken for the text"
            ]
        if let contradiction = signs.contradiction {
            throw .badData(
                BadData(
                    path: name, line: 1, column: 1, found: contradiction,
                    expected: fields == 2 ? "label TAB text" : "label TAB id TAB text",
                    advice:
                        "choose the columns with \(setting: "labelColumn"), \(setting: "idColumn") and \(setting: "textColumn"): numbers from 1, or "
                        + "names with \(setting: "header")"))
        }
        return DecidedLayout(
            layout: UsualColumns(fields: fields), fields: fields,
            columns: TableLayout.usual(fields: fields).description, notes: tabs + signs.doubts)
    }

    private struct UsualColumns: DocumentLayout {
        let fields: Int

        func forEachDocument(
            in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
            _ body: (TextDocument) -> Void
        ) -> LineTally {
            let unescaped = GrowingBuffer<UInt8>()
            return LineTally(bytes, skippingBad: options.skipBadLines) { line throws(BadData) in
                var document = try TabSeparatedLine.split(line, fields: fields, path: name)
                document.text = TabSeparatedLine.unescape(document.text, into: unescaped)
                body(document)
            }
        }
    }

    private struct ChosenColumns: DocumentLayout {
        let columns: TableLayout
        let skippingFirst: Bool

        var ofLaterBlocks: any DocumentLayout { ChosenColumns(columns: columns, skippingFirst: false) }

        func forEachDocument(
            in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
            _ body: (TextDocument) -> Void
        ) -> LineTally {
            let lines = TableLines(columns, path: name)
            var isNames = skippingFirst
            return LineTally(bytes, skippingBad: options.skipBadLines) { line throws(BadData) in
                if !isNames { body(try lines.document(of: line)) }
                isNames = false
            }
        }
    }
}

/// The fields of labelled text.
enum TabSeparatedLine {
    /// The number of non-empty lines that determine the number of fields, and the maximum number of lines examined.
    /// Every block but those of maximum size has at least as many lines.
    private static let (deciding, mostLooked) = (100, 512)

    /// The first lines that are not blank, without their ends.
    static func firstLines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"), maxSplits: mostLooked, omittingEmptySubsequences: false)
            .prefix(mostLooked).filter { !$0.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }
            .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    }

    /// 3 if most of the first lines have at least two tabs, otherwise 2: a single line with a missing field is an error
    /// of that line, and a few texts with tabs do not make a table of three columns.
    static func fields(of lines: [ArraySlice<UInt8>]) -> Int {
        let withTwo = lines.prefix(deciding).count { hasTwoTabs($0) }
        return 2 * withTwo > min(lines.count, deciding) ? 3 : 2
    }

    /// The number of examined lines that have further tabs, if the text begins after the first tab.
    static func textsWithTabs(in lines: [ArraySlice<UInt8>]) -> Int {
        fields(of: lines) == 2 ? lines.prefix(deciding).count { hasTwoTabs($0) } : 0
    }

    private static func hasTwoTabs(_ line: ArraySlice<UInt8>) -> Bool {
        line.count { $0 == UInt8(ascii: "\t") } >= 2
    }

    /// - Throws: `BadData` without a line number if there are too few fields.
    static func split(
        _ line: UnsafeBufferPointer<UInt8>, fields: Int, path: String
    ) throws(BadData) -> TextDocument {
        guard let labelEnd = line.firstIndex(of: UInt8(ascii: "\t")) else {
            throw BadData(
                path: path, column: line.count + 1, found: "a line without a tab",
                expected: fields == 2 ? "label TAB text" : "label TAB id TAB text",
                advice: "text without labels is read as txt, a document a line")
        }
        let label = UnsafeBufferPointer(rebasing: line[..<labelEnd])
        try TextDocument.requireLabel(label, path: path)
        let rest = UnsafeBufferPointer(rebasing: line[(labelEnd + 1)...])
        if fields == 2 { return TextDocument(label: label, id: .none, text: rest) }
        guard let idEnd = rest.firstIndex(of: UInt8(ascii: "\t")) else {
            throw BadData(
                path: path, column: line.count + 1, found: "2 fields",
                expected: "label TAB id TAB text, as on the first lines", advice: "give every line the same fields")
        }
        return TextDocument(
            label: label, id: UnsafeBufferPointer(rebasing: rest[..<idEnd]),
            text: UnsafeBufferPointer(rebasing: rest[(idEnd + 1)...]))
    }

    /// The text with the escapes `\n`, `\t`, `\r` and `\\` replaced; valid until `buffer` changes. Other backslashes
    /// are unchanged.
    static func unescape(
        _ text: UnsafeBufferPointer<UInt8>, into buffer: GrowingBuffer<UInt8>
    ) -> UnsafeBufferPointer<UInt8> {
        guard let first = text.firstIndex(of: UInt8(ascii: "\\")) else { return text }
        buffer.removeAll()
        buffer.reserve(text.count + 8)
        let (start, place) = (
            UnsafeRawPointer(text.baseAddress.unsafelyUnwrapped), UnsafeMutableRawPointer(buffer.start)
        )
        place.copyMemory(from: start, byteCount: first)
        var written = first
        var position = first
        while position < text.count {
            // Eight bytes at a time, of which those before the first backslash are used.
            while position &+ 8 <= text.count {
                let word = (start + position).loadUnaligned(as: UInt64.self)
                (place + written).storeBytes(of: word, as: UInt64.self)
                let plain = bytesBeforeBackslash(UInt64(littleEndian: word))
                position &+= plain
                written &+= plain
                if plain < 8 { break }
            }
            if position == text.count { break }
            let byte = text[position]
            position &+= 1
            var meant = byte
            if byte == UInt8(ascii: "\\"), position < text.count, let other = meaning(of: text[position]) {
                meant = other
                position &+= 1
            }
            (place + written).storeBytes(of: meant, as: UInt8.self)
            written &+= 1
        }
        return UnsafeBufferPointer(start: buffer.start, count: written)
    }

    /// The number of bytes of a word, from the lowest on, before the first backslash; 8 if there is none.
    @inline(__always)
    private static func bytesBeforeBackslash(_ word: UInt64) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let other = word ^ ones &* UInt64(UInt8(ascii: "\\"))
        // The lowest bit set is that of the first zero byte; higher bits may be wrong.
        return ((other &- ones) & ~other & ones &<< 7).trailingZeroBitCount / 8
    }

    @inline(__always)
    private static func meaning(of escaped: UInt8) -> UInt8? {
        switch escaped {
        case UInt8(ascii: "n"): UInt8(ascii: "\n")
        case UInt8(ascii: "t"): UInt8(ascii: "\t")
        case UInt8(ascii: "r"): UInt8(ascii: "\r")
        case UInt8(ascii: "\\"): UInt8(ascii: "\\")
        default: nil
        }
    }
}
