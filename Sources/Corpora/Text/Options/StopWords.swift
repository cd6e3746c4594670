import FileIO

/// Words that are not counted. They are compared with the lowercased tokens before stemming.
public enum StopWords: Codable, Sendable, Equatable {
    case none
    /// The 318 words of the Glasgow list, `CountVectorizer`'s "english".
    case english
    case list([String])

    var words: [String] {
        switch self {
        case .none: []
        case .english: Self.englishWords
        case .list(let words): words
        }
    }

    /// Reads a list of one word a line; empty lines and blanks around words don't matter.
    ///
    /// - Throws: `FileError`, `.badData` if the list is not UTF-8 text.
    public static func read(path: String) throws(FileError) -> StopWords {
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        let bytes = input.bytes.dropFirst(input.bytes.byteOrderMarkLength)
        var words: [String] = []
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            guard let text = String(validating: line, as: UTF8.self) else {
                throw .badData(
                    BadData(
                        path: input.name, line: number + 1, found: "bytes that are not UTF-8", expected: "a word a line",
                        advice: "save the list as UTF-8"))
            }
            let word = text.drop(while: \.isWhitespace)
            if let last = word.lastIndex(where: { !$0.isWhitespace }) { words.append(String(word[...last])) }
        }
        return .list(words)
    }
}
