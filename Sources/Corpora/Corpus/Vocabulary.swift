import FileIO

/// The names of the features, in column order.
public struct Vocabulary: Sendable, Equatable {
    public let words: [String]

    public init(words: [String]) { self.words = words }

    public var count: Int { words.count }

    public subscript(column: Int) -> String { words[column] }

    /// Words are equal if their bytes are equal.
    public static func == (a: Vocabulary, b: Vocabulary) -> Bool { a.begins(like: b, count: max(a.count, b.count)) }

    /// Whether the first `count` words are equal; false if either vocabulary has fewer words.
    func begins(like other: Vocabulary, count: Int) -> Bool {
        let (own, others) = (words.prefix(count), other.words.prefix(count))
        return own.count == others.count && zip(own, others).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    /// Maps words to columns.
    public struct Index: Sendable {
        private let columns: [ByteKey: Int]

        fileprivate init(_ words: [String]) {
            columns = Dictionary(
                words.enumerated().map { (ByteKey($0.element), $0.offset) }, uniquingKeysWith: { first, _ in first })
        }

        /// The column of a word, compared by its bytes; the first one if the word occurs twice.
        public subscript(word: String) -> Int? { columns[ByteKey(word)] }

        /// The number of distinct words.
        public var count: Int { columns.count }
    }

    public var columnsByWord: Index { Index(words) }

    /// The columns of the first word that occurs twice; nil if there is none.
    var firstRepetition: (first: Int, second: Int)? {
        var columns: [ByteKey: Int] = [:]
        for (column, word) in words.enumerated() {
            if let first = columns.updateValue(column, forKey: ByteKey(word)) { return (first, column) }
        }
        return nil
    }

    /// - Throws: `FileError.badData` about the vocabulary's file if there are fewer words than columns.
    func requireWords(forColumns columnCount: Int, isDeclared: Bool, path: String) throws(FileError) {
        guard count != columnCount, isDeclared || count < columnCount else { return }
        throw .badData(
            BadData(
                path: path, found: "\(count) words",
                expected: "\(isDeclared ? "" : "at least ")\(columnCount), one for each column of the corpus",
                advice: isDeclared
                    ? "use the vocabulary that this corpus was made with; if its rows are the words, transpose it"
                    : "use the vocabulary that this corpus was made with, and check the index base"))
    }

    /// Writes one word per line, in the format that `read` reads.
    ///
    /// - Throws: `FileError.badData` for a word with a line end, as runs of characters may have.
    public func write(path: String) throws(FileError) {
        try LineList.write(words, to: path, what: "word")
    }
}

/// A list of words as read from a file.
package struct VocabularyFile {
    package let vocabulary: Vocabulary
    /// How the lines were interpreted, if there were two possible interpretations.
    package let note: String?
}

extension Vocabulary {
    /// Reads one word per line, or a word and its count per line. The file may be compressed, lines may end in CRLF,
    /// and a byte order mark is ignored.
    ///
    /// If the lines begin with the numbers 0, 1, … or 1, 2, … in order, these are the words' numbers. Words may contain
    /// blanks. The last field of the lines is taken for a count only if it is an integer on every line and the words
    /// before it are distinct: `year 1900` and `year 1942` are two words.
    ///
    /// - Throws: `FileError.badData` for an empty line within the list, since the columns of all later words would be
    ///   wrong, for a word that occurs twice, and for bytes that are not valid UTF-8.
    public static func read(path: String) throws(FileError) -> Vocabulary { try readFile(path: path).vocabulary }

    /// The same, with the interpretation that was chosen.
    ///
    /// - Parameter keepingBlanks: whether lines are words without any interpretation: blanks at the ends are part of
    ///   the word, and there are no counts. Required for runs of characters.
    package static func readFile(path: String, keepingBlanks: Bool = false) throws(FileError) -> VocabularyFile {
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        return try parse(input.bytes, name: input.name, keepingBlanks: keepingBlanks)
    }

    package static func parse(
        _ bytes: UnsafeRawBufferPointer, name: String, keepingBlanks: Bool = false
    ) throws(FileError) -> VocabularyFile {
        let text = bytes.dropFirst(bytes.byteOrderMarkLength)
        var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { keepingBlanks ? withoutReturn($0) : trimmed($0) }
        while let last = lines.last, last.isEmpty { lines.removeLast() }
        if !keepingBlanks, let first = firstNumber(of: lines) {
            let vocabulary = try words(lines.map { trimmed($0[wordStart($0)...]) }, name: name)
            try vocabulary.requireDistinct(name: name)
            return VocabularyFile(
                vocabulary: vocabulary,
                note:
                    "\(name): the lines begin with the numbers from \(first) on in order, which were taken for the words' "
                    + "numbers")
        }
        if !keepingBlanks, !lines.isEmpty, lines.allSatisfy({ wordBeforeCount($0) != nil }) {
            let counted = try words(lines.map { wordBeforeCount($0) ?? $0 }, name: name)
            if counted.firstRepetition == nil {
                return VocabularyFile(
                    vocabulary: counted,
                    note: "\(name): every line ends in a whole number, which was taken for the word's count")
            }
            let whole = try words(lines, name: name)
            try whole.requireDistinct(name: name)
            return VocabularyFile(
                vocabulary: whole,
                note: "\(name): every line ends in a whole number, which was taken for a part of the word, since the "
                    + "words before it repeat")
        }
        let vocabulary = try words(lines, name: name)
        try vocabulary.requireDistinct(name: name)
        return VocabularyFile(vocabulary: vocabulary, note: nil)
    }

    private static func words(_ lines: [Line], name: String) throws(FileError) -> Vocabulary {
        var words: [String] = []
        words.reserveCapacity(lines.count)
        for (line, text) in lines.enumerated() {
            let control = text.first { $0 < 0x20 && $0 != UInt8(ascii: "\t") || $0 == 0x7F }
            guard !text.isEmpty, control == nil, let word = String(validating: text, as: UTF8.self) else {
                throw .badData(
                    BadData(
                        path: name, line: line + 1, column: 1,
                        found: text.isEmpty ? "an empty line" : "bytes that are not text", expected: "a word",
                        advice: "a vocabulary has one word a line in UTF-8, in column order"))
            }
            words.append(word)
        }
        return Vocabulary(words: words)
    }

    /// - Throws: `FileError.badData` at the second line of a word that occurs twice.
    private func requireDistinct(name: String) throws(FileError) {
        guard let (first, second) = firstRepetition else { return }
        throw .badData(
            BadData(
                path: name, line: second + 1, column: 1, found: "'\(words[second])', which is line \(first + 1) too",
                expected: "each word once, since columns are told apart by their words",
                advice: "remove or rename one of them, and check that this is a list of words"))
    }
}

private typealias Line = Slice<UnsafeRawBufferPointer>

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

private func withoutReturn(_ line: Line) -> Line { line.last == 0x0D ? line.dropLast() : line }

private func trimmed(_ line: Line) -> Line {
    var line = line.drop(while: isBlank)
    while let last = line.last, isBlank(last) { line = line.dropLast() }
    return line
}

/// The number that the first line begins with, 0 or 1, if every line begins with the next number, followed by a word;
/// nil otherwise, or if there are fewer than two lines.
private func firstNumber(of lines: [Line]) -> Int? {
    guard lines.count > 1 else { return nil }
    return [0, 1].first { first in
        lines.enumerated().allSatisfy { number, line in
            wordStart(line) < line.endIndex
                && line.prefix { !isBlank($0) }.elementsEqual("\(first + number)".utf8)
        }
    }
}

/// The start of the second field of a line; its end if there is none.
private func wordStart(_ line: Line) -> Line.Index {
    guard let blank = line.firstIndex(where: isBlank) else { return line.endIndex }
    return line[blank...].firstIndex { !isBlank($0) } ?? line.endIndex
}

/// The word in a line `word count`; nil if the line does not end in an integer after a blank.
private func wordBeforeCount(_ line: Line) -> Line? {
    guard let blank = line.lastIndex(where: isBlank) else { return nil }
    guard line[(blank + 1)...].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return trimmed(line[..<blank])
}

/// A text as a key, equal to another only if its UTF-8 bytes are.
///
/// Swift compares strings by Unicode's canonical equivalence, under which a letter with an accent is equal whether it
/// is written as one scalar or as two. In a corpus these are two different words, labels or ids, as they are in the
/// programs that created it.
package struct ByteKey: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }
}
