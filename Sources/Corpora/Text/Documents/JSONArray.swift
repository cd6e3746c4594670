import FileIO

/// A JSON array of objects; each is a document with the same keys as in JSON lines.
enum JSONArray: TextFormat {
    static func shape(of head: HeadShape) -> (reason: String, hint: String?)? {
        let rest = head.bytes.drop { $0 <= 0x20 }
        guard rest.first == UInt8(ascii: "["), rest.dropFirst().first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else {
            return nil
        }
        return ("it begins with a JSON array of objects", nil)
    }

    static func blocks(_ stream: ByteStream, options: TextInputOptions) -> any DocumentStream {
        ElementStream(stream, blockSize: options.blockSize, mostElements: options.mostLines)
    }

    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout { DecidedLayout(layout: Layout(isFirst: true)) }

    /// Elements with the text between them: before the first a bracket, after each a comma or the closing bracket.
    private struct Layout: DocumentLayout {
        let isFirst: Bool

        var ofLaterBlocks: any DocumentLayout { Layout(isFirst: false) }

        func forEachDocument(
            in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
            _ body: (TextDocument) -> Void
        ) -> LineTally {
            var cursor = ElementCursor(bytes, isAtStart: isFirst)
            var tally = LineTally()
            do throws(Misplaced) {
                while let element = try cursor.next() {
                    let text = UnsafeBufferPointer(rebasing: bytes[element])
                    do throws(BadData) {
                        try JSONLine(text, options: options, path: name).withDocument(body)
                    } catch {
                        let (line, column) = Self.place(element.lowerBound + (error.column ?? 1) - 1, in: bytes)
                        var fault = error
                        // The beginning of the first line of a later block is unknown.
                        fault.column = isFirst || line > 1 ? column : nil
                        if !tally.skip(fault, skippingBad: options.skipBadLines, line: line) { return tally }
                    }
                }
            } catch {
                let (line, column) = Self.place(error.place, in: bytes)
                _ = tally.skip(
                    BadData(
                        path: name, column: isFirst || line > 1 ? column : nil, found: error.found,
                        expected: error.expected,
                        advice: "the file has to be one JSON array of objects"),
                    skippingBad: false, line: line)
                return tally
            }
            tally.lines = bytes.count { $0 == 0x0A }
            return tally
        }

        private static func place(
            _ place: Int, in bytes: UnsafeBufferPointer<UInt8>
        ) -> (line: Int, column: Int) {
            let before = bytes[..<min(place, bytes.count)]
            let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            return (before.count { $0 == 0x0A } + 1, place - lineStart + 1)
        }
    }
}

/// Unexpected text between elements.
private struct Misplaced: Error {
    let place: Int
    let found: String
    let expected: Message
}

/// Iterates over the elements of a block.
private struct ElementCursor {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0
    private var isAtStart: Bool
    private var isClosed = false

    init(_ bytes: UnsafeBufferPointer<UInt8>, isAtStart: Bool) {
        self.bytes = bytes
        self.isAtStart = isAtStart
    }

    /// The range of the next element, moving past the comma or bracket after it; nil at the end of the block.
    mutating func next() throws(Misplaced) -> Range<Int>? {
        skipBlanks()
        if isAtStart {
            try expect(UInt8(ascii: "["), "[, with which the array begins")
            isAtStart = false
            skipBlanks()
            if place < bytes.count, bytes[place] == UInt8(ascii: "]") { isClosed = true; place += 1 }
        }
        skipBlanks()
        if place == bytes.count { return nil }
        if isClosed { throw misplaced("the end of the file after the array") }
        let start = place
        var depth = ElementDepth(isWithinArray: true)
        while place < bytes.count {
            let isEnd = depth.isAtElementEnd(bytes[place])
            if isEnd { break }
            place += 1
        }
        guard start < place else { throw misplaced("an object") }
        let element = start..<place
        if place < bytes.count {
            isClosed = bytes[place] == UInt8(ascii: "]")
            place += 1
            // A comma is followed by another element, which may be in the next block.
            if !isClosed {
                skipBlanks()
                if place < bytes.count, bytes[place] == UInt8(ascii: "]") {
                    throw misplaced("an object after the comma")
                }
            }
        }
        return element
    }

    private mutating func skipBlanks() { while place < bytes.count, bytes[place] <= 0x20 { place += 1 } }

    private mutating func expect(_ byte: UInt8, _ expected: Message) throws(Misplaced) {
        guard place < bytes.count, bytes[place] == byte else { throw misplaced(expected) }
        place += 1
    }

    private func misplaced(_ expected: Message) -> Misplaced {
        let found =
            place < bytes.count
            ? "\"\(String(decoding: bytes[place..<min(place + 20, bytes.count)], as: UTF8.self))\"" : "nothing"
        return Misplaced(place: place, found: found, expected: expected)
    }
}

/// Tracks brackets and strings, byte by byte.
private struct ElementDepth {
    /// The number of open brackets; 1 within the array itself.
    private(set) var depth: Int
    private var isInString = false
    private var isEscaped = false

    init(isWithinArray: Bool) { depth = isWithinArray ? 1 : 0 }

    /// Processes the next byte.
    ///
    /// - Returns: whether the byte ends an element: a comma of the array, or its closing bracket.
    mutating func isAtElementEnd(_ byte: UInt8) -> Bool {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return false
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            depth -= 1
            return depth == 0
        case UInt8(ascii: ","): return depth == 1
        default: break
        }
        return false
    }
}

/// Blocks of complete elements.
private final class ElementStream: DocumentStream {
    private let stream: ByteStream
    private let blockSize: Int
    private let mostElements: Int
    private var depth = ElementDepth(isWithinArray: false)
    private var rest: [UInt8] = []
    private var isAtStart = true
    private var isAtEnd = false
    private var lines = 0

    init(_ stream: ByteStream, blockSize: Int, mostElements: Int) {
        self.stream = stream
        self.blockSize = blockSize
        self.mostElements = mostElements
    }

    func next() throws(FileError) -> [UInt8]? {
        var block = rest
        rest = []
        while isAtStart { try readStart(into: &block) }
        var searched = 0
        var elements = 0
        while true {
            while searched < block.count {
                let isEnd = depth.isAtElementEnd(block[searched])
                searched += 1
                guard isEnd, depth.depth > 0 else { continue }
                elements += 1
                if searched >= blockSize || elements == mostElements {
                    rest = Array(block[searched...])
                    lines += block[..<searched].count { $0 == 0x0A }
                    return Array(block[..<searched])
                }
            }
            if isAtEnd { return try last(block) }
            try readMore(into: &block)
        }
    }

    /// A byte order mark is skipped.
    private func readStart(into block: inout [UInt8]) throws(FileError) {
        try readMore(into: &block)
        guard block.count >= 3 || isAtEnd else { return }
        isAtStart = false
        block.removeFirst(block.withUnsafeBufferPointer { $0.byteOrderMarkLength })
    }

    private func last(_ block: [UInt8]) throws(FileError) -> [UInt8]? {
        if depth.depth > 0 {
            throw .badData(
                BadData(
                    path: stream.name, line: lines + block.count { $0 == 0x0A } + 1, column: 1,
                    found: "the end of the file within the array", expected: "], which closes it",
                    advice: "the file may be cut short: copy it again"))
        }
        return block.isEmpty ? nil : block
    }

    private func readMore(into block: inout [UInt8]) throws(FileError) {
        guard block.count < LineStream.longestLine else {
            throw .badData(
                BadData(
                    path: stream.name, line: lines + 1, found: "an object of more than \(LineStream.longestLine) bytes",
                    expected: "smaller objects", advice: "check that this is the file you meant"))
        }
        var more = [UInt8](repeating: 0, count: min(max(blockSize, 1 << 12), 1 << 20))
        let read = try more.withUnsafeMutableBytes { room in
            Result { () throws(FileError) in try stream.readSome(into: room) }
        }.get()
        isAtEnd = read == 0
        block += more[..<read]
    }
}
