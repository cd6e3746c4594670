import Corpora

/// A piece of a document's text with the words marked that make a unit active.
public struct Excerpt: Sendable, Equatable {
    public struct Mark: Sendable, Equatable {
        /// Where it begins in the text, in UTF-16 units, as JavaScript counts.
        public let start: Int
        public let length: Int
        /// From 1 to 3, the strongest.
        public let strength: Int
    }

    public let text: String
    public let marks: [Mark]

    /// The piece of at most so many bytes in which the parts of the marked words sum to most.
    ///
    /// - Parameter words: the words to mark, the strongest first.
    init(of text: String, _ words: [DrivingWords.Word], finder: TextFeatureFinder, mostBytes: Int) {
        let parts = Dictionary(words.map { ($0.feature, $0.part) }, uniquingKeysWith: max)
        let places = finder.places(in: text).filter { parts[$0.feature] != nil }
        let bytes = Array(text.utf8)
        let window = Self.window(places, parts, bytes, mostBytes: mostBytes)
        let strongest = words.first?.part ?? 1
        var line = Line()
        var marks: [Mark] = []
        if window.lowerBound > 0 { line.append(Array("… ".utf8)[...]) }
        var next = window.lowerBound
        for place in places where place.bytes.lowerBound >= next && place.bytes.upperBound <= window.upperBound {
            line.append(bytes[next..<place.bytes.lowerBound])
            let start = line.text.utf16.count
            line.append(bytes[place.bytes])
            let share = (parts[place.feature] ?? 0) / strongest
            marks.append(
                Mark(
                    start: start, length: line.text.utf16.count - start,
                    strength: share > 0.66 ? 3 : share > 0.33 ? 2 : 1))
            next = place.bytes.upperBound
        }
        line.append(bytes[next..<window.upperBound])
        self.text = line.text + (window.upperBound < bytes.count ? " …" : "")
        self.marks = marks
    }

    /// The window of bytes with the largest sum of parts; each word counts once, and the first window of several wins.
    /// The words that count are in it whole.
    private static func window(
        _ places: [TextFeatureFinder.Place], _ parts: [Int: Float], _ bytes: [UInt8], mostBytes: Int
    ) -> Range<Int> {
        if bytes.count <= mostBytes { return 0..<bytes.count }
        var best: (sum: Float, window: Range<Int>) = (0, 0..<wordEnd(before: mostBytes, in: bytes))
        for (i, first) in places.enumerated() {
            // A little of what comes before the first word, from the beginning of a word on.
            var start = max(0, first.bytes.lowerBound - mostBytes / 6)
            while start > 0, start < first.bytes.lowerBound, bytes[start - 1] > 0x20 { start += 1 }
            var seen: Set<Int> = []
            var sum: Float = 0
            var end = start
            for place in places[i...] {
                if place.bytes.upperBound > start + mostBytes { break }
                if seen.insert(place.feature).inserted { sum += parts[place.feature] ?? 0 }
                end = max(end, place.bytes.upperBound)
            }
            if sum > best.sum { best = (sum, start..<max(end, wordEnd(before: start + mostBytes, in: bytes))) }
        }
        return best.window
    }

    /// The end of the last word that ends by `limit`; the limit itself, not within a character, if that is far away.
    private static func wordEnd(before limit: Int, in bytes: [UInt8]) -> Int {
        if limit >= bytes.count { return bytes.count }
        var end = limit
        while end > max(0, limit - 40), bytes[end] > 0x20 { end -= 1 }
        if bytes[end] <= 0x20 { return end }
        end = limit
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}

/// A text on one line, with one blank for each run of blanks, line ends and control characters.
private struct Line {
    private(set) var text = ""

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let isBlank = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
            if !isBlank {
                text.unicodeScalars.append(scalar)
            } else if !text.isEmpty, text.unicodeScalars.last != " " {
                text.append(" ")
            }
        }
    }
}
