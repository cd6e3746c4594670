/// Finds where features of a vocabulary stand in a text, to mark them.
///
/// Each run of letters, digits and underscores is analysed by itself, as counting analyses a text; so what is counted
/// across several words, such as n-grams, is not found.
package final class TextFeatureFinder {
    private let analyzer: TextAnalyzer
    private let table: TokenTable
    private let workspace: TextWorkspace

    /// - Parameter vocabulary: the words in column order.
    /// - Throws: `TextOptionsError` for invalid options, and for a vocabulary with a duplicate word.
    package init(_ options: TextOptions, vocabulary: Vocabulary) throws(TextOptionsError) {
        analyzer = try TextAnalyzer(options)
        table = try TokenTable(columnsOf: vocabulary)
        workspace = TextWorkspace(options)
    }

    /// A feature and the bytes of the text, in UTF-8, that it stands for.
    package struct Place: Sendable, Equatable {
        package let feature: Int
        package let bytes: Range<Int>
    }

    /// The places of features in a text, in order; of several features at one place the first.
    package func places(in text: String) -> [Place] {
        var text = text
        return text.withUTF8 { bytes in
            var places: [Place] = []
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count, Self.isOfWord(bytes[end]) { end += 1 }
                if end == start {
                    start += 1
                    continue
                }
                if let feature = feature(of: UnsafeBufferPointer(rebasing: bytes[start..<end])) {
                    places.append(Place(feature: feature, bytes: start..<end))
                }
                start = end
            }
            return places
        }
    }

    private func feature(of word: UnsafeBufferPointer<UInt8>) -> Int? {
        var found: Int?
        analyzer.forEachFeature(in: word, workspace: workspace) { feature in
            if found == nil { found = table.find(feature).map { Int($0) } }
        }
        return found
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
