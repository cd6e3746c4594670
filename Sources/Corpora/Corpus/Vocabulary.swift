import FileIO

/// The features' names in column order.
public struct Vocabulary: Sendable, Equatable {
    public let words: [String]

    public init(words: [String]) { self.words = words }

    public var count: Int { words.count }

    public subscript(column: Int) -> String { words[column] }

    /// Words are the same if their bytes are.
    public static func == (a: Vocabulary, b: Vocabulary) -> Bool { a.begins(like: b, count: max(a.count, b.count)) }

    /// Whether the first words are the same; words beyond the last are not.
    func begins(like other: Vocabulary, count: Int) -> Bool {
        let (own, others) = (words.prefix(count), other.words.prefix(count))
        return own.count == others.count && zip(own, others).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }

    /// Finds columns by words.
    public struct Index: Sendable {
        private let columns: [ByteKey: Int]

        fileprivate init(_ words: [String]) {
            columns = Dictionary(
                words.enumerated().map { (ByteKey($0.element), $0.offset) }, uniquingKeysWith: { first, _ in first })
        }

        /// Where a word stands, by its bytes; the first place of one that stands twice.
        public subscript(word: String) -> Int? { columns[ByteKey(word)] }

        /// How many words are distinct.
        public var count: Int { columns.count }
    }

    public var columnsByWord: Index { Index(words) }

    /// The columns of the first word that stands twice; nil if none does.
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

    /// Writes one word a line, which `read` takes back.
    ///
    /// - Throws: `FileError.badData` for a word that holds a line end, as runs of characters may.
    public func write(path: String) throws(FileError) {
        try LineList.write(words, to: path, what: "word")
    }
}
