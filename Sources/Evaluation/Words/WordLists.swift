import Corpora
import FileIO

/// Lists of words from elsewhere, such as the components of another program, as features of a model.
///
/// A line of the file is a list, its strongest word first; words stand between tabs, or between blanks if the line has
/// no tab. Empty lines are left out.
package struct WordLists: Sendable, Equatable {
    /// Feature numbers from 0.
    package let lists: [[Int]]

    package init(lists: [[Int]]) { self.lists = lists }

    /// - Parameters:
    ///   - vocabulary: the features' words; without it a list holds feature numbers, counted from `indexBase`.
    ///   - featureCount: numbers from there on are no features.
    /// - Throws: `FileError.badData` for a word that the vocabulary does not have, a number that is no feature, and a
    ///   word that stands twice in a list.
    package static func read(
        path: String, vocabulary: Vocabulary?, featureCount: Int, indexBase: Int = 0
    ) throws(FileError) -> WordLists {
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        let columns = vocabulary?.columnsByWord
        var lists: [[Int]] = []
        let lines = input.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (line, bytes) in lines.enumerated() {
            var list: [Int] = []
            for (word, column) in words(String(decoding: bytes, as: UTF8.self)) {
                func bad(_ expected: Message, _ advice: Message) -> FileError {
                    .badData(
                        BadData(
                            path: input.name, line: line + 1, column: column, found: "'\(word)'", expected: expected,
                            advice: advice))
                }
                let feature = columns.map { $0[word] } ?? Int(word).map { $0 - indexBase }
                guard let feature, (0..<featureCount).contains(feature) else {
                    throw bad(
                        vocabulary == nil
                            ? "a feature's number from \(indexBase) to \(featureCount - 1 + indexBase)"
                            : "a word of the model's vocabulary",
                        "make the lists from the corpus that the model was trained on")
                }
                if list.contains(feature) {
                    throw bad("a word that the list does not have yet", "leave out the second one")
                }
                list.append(feature)
            }
            if !list.isEmpty { lists.append(list) }
        }
        return WordLists(lists: lists)
    }

    /// Each word with its place in the line, in bytes, counted from 1.
    private static func words(_ line: String) -> [(String, Int)] {
        let hasTabs = line.utf8.contains(UInt8(ascii: "\t"))
        let parts = line.utf8.split { byte in
            byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\t") || (!hasTabs && byte == UInt8(ascii: " "))
        }
        return parts.map {
            (String(Substring($0)), line.utf8.distance(from: line.startIndex, to: $0.startIndex) + 1)
        }
    }
}
