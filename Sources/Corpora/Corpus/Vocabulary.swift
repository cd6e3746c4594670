import FileIO

/// The features' names in column order.
public struct Vocabulary: Sendable, Equatable {
    public let words: [String]

    public init(words: [String]) { self.words = words }

    public var count: Int { words.count }

    public subscript(column: Int) -> String { words[column] }

    /// Where each word stands; the first place of a word that stands twice.
    public var columnsByWord: [String: Int] {
        Dictionary(words.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads one word a line, or a word and its count a line. Compressed or not; line ends may be CRLF.
    ///
    /// The last field is taken for a count only if it is a whole number on every line, so words may hold blanks.
    /// - Throws: `FileError.badData` for an empty line within the list, since every later word would name the wrong
    ///   column, and for bytes that are not UTF-8 text.
    public static func read(path: String) throws(FileError) -> Vocabulary {
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        return try parse(input.bytes, name: input.name)
    }

    package static func parse(_ bytes: UnsafeRawBufferPointer, name: String) throws(FileError) -> Vocabulary {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(trimmed)
        while let last = lines.last, last.isEmpty { lines.removeLast() }
        let withCounts = lines.allSatisfy { wordBeforeCount($0) != nil }
        var words: [String] = []
        words.reserveCapacity(lines.count)
        for (line, text) in lines.enumerated() {
            let word = withCounts ? wordBeforeCount(text) ?? text : text
            let control = word.first { $0 < 0x20 && $0 != UInt8(ascii: "\t") || $0 == 0x7F }
            guard !word.isEmpty, control == nil, let name = String(validating: word, as: UTF8.self) else {
                throw .badData(
                    BadData(
                        path: name, line: line + 1, column: 1,
                        found: word.isEmpty ? "an empty line" : "bytes that are not text", expected: "a word",
                        advice: "a vocabulary has one word a line in UTF-8, in column order"))
            }
            words.append(name)
        }
        return Vocabulary(words: words)
    }

    /// - Throws: `FileError.badData` about the vocabulary's file if there are fewer words than columns.
    func requireWords(forColumns columnCount: Int, path: String) throws(FileError) {
        guard count >= columnCount else {
            throw .badData(
                BadData(
                    path: path, found: "\(count) words", expected: "at least \(columnCount), one a feature",
                    advice: "use the vocabulary that this corpus was made with, and check the index base"))
        }
    }

    /// Writes one word a line.
    public func write(path: String) throws(FileError) {
        let file = try AtomicFile(path: path)
        for word in words {
            try file.write(word)
            try file.write("\n")
        }
        try file.commit()
    }
}

private typealias Line = Slice<UnsafeRawBufferPointer>

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

private func trimmed(_ line: Line) -> Line {
    var line = line.drop(while: isBlank)
    while let last = line.last, isBlank(last) { line = line.dropLast() }
    return line
}

/// The word of `word count`, nil if the line does not end in a whole number after a blank.
private func wordBeforeCount(_ line: Line) -> Line? {
    guard let blank = line.lastIndex(where: isBlank) else { return nil }
    guard line[(blank + 1)...].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return trimmed(line[..<blank])
}
