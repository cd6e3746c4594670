import FileIO

/// A file's bytes divided into blocks of complete lines; the division depends only on the content and the block size.
///
/// The last lines are a separate block, copied to memory in which more bytes may be read after it and a missing final
/// newline is added: so every block ends in a newline with readable bytes after it, as the parser requires.
struct LineBlocks {
    private(set) var ranges: [Range<Int>] = []
    private let bytes: UnsafeBufferPointer<UInt8>
    private let tail: [UInt8]
    private static let padding = 16

    /// - Parameter isStart: whether these are the first bytes of a file, which may have a byte order mark.
    init(_ bytes: UnsafeBufferPointer<UInt8>, blockSize: Int, isStart: Bool = true) {
        precondition(blockSize > 0, "blocks must hold something")
        self.bytes = bytes
        let tailStart = Self.lineStart(atOrBefore: max(0, bytes.count - Self.padding), in: bytes)
        let textStart = isStart ? bytes.byteOrderMarkLength : 0
        var start = textStart
        while start < tailStart {
            let end = Self.nextLine(after: start + blockSize - 1, in: bytes, limit: tailStart)
            ranges.append(start..<end)
            start = end
        }
        var tail = Array(bytes[max(tailStart, textStart)...])
        if let last = tail.last, last != UInt8(ascii: "\n") { tail.append(UInt8(ascii: "\n")) }
        if !tail.isEmpty { ranges.append(bytes.count..<bytes.count + tail.count) }
        self.tail = tail + [UInt8](repeating: UInt8(ascii: "\n"), count: Self.padding)
    }

    var count: Int { ranges.count }

    /// Calls `body` with a block's lines, after which 16 more bytes may be read.
    func withLines<R>(ofBlock block: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        let range = ranges[block]
        if range.lowerBound < bytes.count { return body(UnsafeBufferPointer(rebasing: bytes[range])) }
        return tail.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[..<range.count])) }
    }

    private static func lineStart(atOrBefore position: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var start = position
        while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        return start
    }

    private static func nextLine(after position: Int, in bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> Int {
        var end = position
        while end < limit {
            if bytes[end] == UInt8(ascii: "\n") { return end + 1 }
            end += 1
        }
        return limit
    }
}

extension LineBlocks {
    /// The number of occurrences of a byte in the lines.
    static func count(_ wanted: UInt8, in lines: UnsafeBufferPointer<UInt8>) -> Int {
        guard let start = lines.baseAddress.map(UnsafeRawPointer.init) else { return 0 }
        let ones: UInt64 = 0x0101_0101_0101_0101
        let pattern = ones &* UInt64(wanted)
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        var count = 0
        var position = 0
        while position + 8 <= lines.count {
            // Each byte of `sums` counts the matches in one byte position of up to 255 words.
            let words = min(255, (lines.count - position) / 8)
            var sums: UInt64 = 0
            for word in 0..<words {
                let other = start.loadUnaligned(fromByteOffset: position &+ 8 &* word, as: UInt64.self) ^ pattern
                sums &+= (~(((other & low) &+ low) | other) &>> 7) & ones
            }
            for column in 0..<8 { count += Int(sums >> UInt64(8 * column) & 0xFF) }
            position += 8 * words
        }
        for byte in lines[position...] where byte == wanted { count += 1 }
        return count
    }
}

/// Reads the first lines of a text one after another, split into words.
struct HeadLines {
    let bytes: UnsafeRawBufferPointer
    let name: String
    /// The position of the next line.
    private(set) var position = 0
    /// The number of lines read.
    private(set) var line = 0

    init(bytes: UnsafeRawBufferPointer, name: String) {
        self.bytes = bytes
        self.name = name
    }

    /// The words of the next line; nil at the end of the text.
    mutating func next() -> [String]? {
        guard position < bytes.count else { return nil }
        var end = position
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        let text = UnsafeRawBufferPointer(rebasing: bytes[position..<end])
        position = min(end + 1, bytes.count)
        line += 1
        return text.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D })
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// An error about the last line.
    func bad(_ found: String, _ expected: Message, _ advice: Message) -> FileError {
        .badData(
            BadData(path: name, line: max(line, 1), column: 1, found: found, expected: expected, advice: advice))
    }
}

/// A position in a block of lines.
struct BlockPosition: Equatable, Comparable {
    /// The line, counted from 0 from the block's first line.
    var line: Int
    /// The column in bytes, counted from 1.
    var column: Int

    static func < (a: BlockPosition, b: BlockPosition) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// An error in a block of lines, which is converted to `BadData` once the number of lines before the block is known.
struct LineFault: Error {
    var position: BlockPosition
    var found: String
    var expected: Message
    var advice: Message

    func badData(path: String, linesBefore: Int) -> BadData {
        BadData(
            path: path, line: linesBefore + position.line + 1, column: position.column, found: found,
            expected: expected, advice: advice)
    }
}
