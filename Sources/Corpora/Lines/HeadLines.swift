import FileIO

/// Reads the first lines of a text one after another, as words.
struct HeadLines {
    let bytes: UnsafeRawBufferPointer
    let name: String
    /// Where the next line begins.
    private(set) var position = 0
    /// How many lines were read.
    private(set) var line = 0

    init(bytes: UnsafeRawBufferPointer, name: String) {
        self.bytes = bytes
        self.name = name
    }

    /// The next line's words, nil at the end of the text.
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

    /// An error about the line that was read last.
    func bad(_ found: String, _ expected: Message, _ advice: Message) -> FileError {
        .badData(
            BadData(path: name, line: max(line, 1), column: 1, found: found, expected: expected, advice: advice))
    }
}
