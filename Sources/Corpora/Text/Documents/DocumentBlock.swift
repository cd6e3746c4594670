import FileIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Some documents of one input, not yet taken apart: a unit of work whose borders depend on the content alone.
struct DocumentBlock: Sendable {
    enum Layout: Sendable {
        case lines
        case tabSeparated(fields: Int)
        /// A table whose columns were chosen; the first line of a file may be their names.
        case table(TableLayout, skippingFirst: Bool)
        case jsonLines
        case files([FileDocument])
    }

    /// A file within a block.
    struct FileDocument: Sendable {
        var label: String?
        var id: String
        var range: Range<Int>
    }

    /// What messages call the input.
    let name: String
    /// Which one of the inputs it is, from 0.
    let input: Int
    let layout: Layout
    let bytes: [UInt8]
}

/// One document as it stands in a block; valid while it is handed out.
struct TextDocument {
    /// Empty for none; several with `labelSeparator` between.
    var label: UnsafeBufferPointer<UInt8>
    /// Empty for none.
    var id: UnsafeBufferPointer<UInt8>
    var text: UnsafeBufferPointer<UInt8>

    /// A byte that no label has, since it is never a part of UTF-8.
    static let labelSeparator: UInt8 = 0xFF
}

/// How the lines of a block went.
struct LineTally {
    var lines = 0
    var blank = 0
    var bad = 0
    /// The first line that could not be understood and was not to be skipped; its number counts from 1 within the
    /// block.
    var fault: BadData?
}

extension DocumentBlock {
    /// Calls `body` with each document in order, up to the first fault.
    func forEachDocument(_ options: TextInputOptions, _ body: (TextDocument) -> Void) -> LineTally {
        bytes.withUnsafeBufferPointer { bytes in
            switch layout {
            case .lines:
                forEachLine(of: bytes, options, keepsBlank: true) { line throws(BadData) in
                    body(TextDocument(label: .none, id: .none, text: line))
                }
            case .tabSeparated(let fields):
                forEachTabSeparated(bytes, fields: fields, options, body)
            case .table(let layout, let skippingFirst):
                forEachRow(of: bytes, layout, skippingFirst: skippingFirst, options, body)
            case .jsonLines:
                forEachJSONLine(bytes, options, body)
            case .files(let files):
                forEachFile(files, bytes, body)
            }
        }
    }

    private func forEachTabSeparated(
        _ bytes: UnsafeBufferPointer<UInt8>, fields: Int, _ options: TextInputOptions, _ body: (TextDocument) -> Void
    ) -> LineTally {
        let unescaped = GrowingBuffer<UInt8>()
        return forEachLine(of: bytes, options, keepsBlank: false) { line throws(BadData) in
            var document = try TabSeparatedLine.split(line, fields: fields, path: name)
            document.text = TabSeparatedLine.unescape(document.text, into: unescaped)
            body(document)
        }
    }

    private func forEachRow(
        of bytes: UnsafeBufferPointer<UInt8>, _ layout: TableLayout, skippingFirst: Bool, _ options: TextInputOptions,
        _ body: (TextDocument) -> Void
    ) -> LineTally {
        let lines = TableLines(layout, path: name)
        var isNames = skippingFirst
        return forEachLine(of: bytes, options, keepsBlank: false) { line throws(BadData) in
            if !isNames { body(try lines.document(of: line)) }
            isNames = false
        }
    }

    private func forEachJSONLine(
        _ bytes: UnsafeBufferPointer<UInt8>, _ options: TextInputOptions, _ body: (TextDocument) -> Void
    ) -> LineTally {
        forEachLine(of: bytes, options, keepsBlank: false) { line throws(BadData) in
            let document = try JSONLine(line, options: options, path: name)
            document.text.withUnsafeBufferPointer { text in
                let labels = Array(document.labels.map { Array($0.utf8) }.joined(separator: [TextDocument.labelSeparator]))
                labels.withUnsafeBufferPointer { label in
                    withBytes(document.id ?? "") { id in body(TextDocument(label: label, id: id, text: text)) }
                }
            }
        }
    }

    private func forEachFile(
        _ files: [FileDocument], _ bytes: UnsafeBufferPointer<UInt8>, _ body: (TextDocument) -> Void
    ) -> LineTally {
        for file in files {
            withBytes(file.label ?? "") { label in
                withBytes(file.id) { id in
                    body(TextDocument(label: label, id: id, text: UnsafeBufferPointer(rebasing: bytes[file.range])))
                }
            }
        }
        return LineTally()
    }

    private static func lineEnd(from start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        guard let first = bytes.baseAddress,
            let newline = memchr(first + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
        else { return bytes.count }
        return UnsafeRawPointer(newline) - UnsafeRawPointer(first)
    }

    /// Calls `body` with each line, without its end.
    private func forEachLine(
        of bytes: UnsafeBufferPointer<UInt8>, _ options: TextInputOptions, keepsBlank: Bool,
        _ body: (UnsafeBufferPointer<UInt8>) throws(BadData) -> Void
    ) -> LineTally {
        var tally = LineTally()
        var start = 0
        while start < bytes.count {
            let end = Self.lineEnd(from: start, in: bytes)
            var line = UnsafeBufferPointer(rebasing: bytes[start..<end])
            if line.last == UInt8(ascii: "\r") { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
            start = end + 1
            tally.lines += 1
            if !keepsBlank, line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                tally.blank += 1
                continue
            }
            do throws(BadData) {
                try body(line)
            } catch {
                if options.skipBadLines {
                    tally.bad += 1
                } else {
                    tally.fault = error
                    tally.fault?.line = tally.lines
                    return tally
                }
            }
        }
        return tally
    }
}

extension UnsafeBufferPointer<UInt8> {
    static var none: Self { Self(start: nil, count: 0) }
}

private func withBytes<R>(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    var text = text
    return text.withUTF8(body)
}
