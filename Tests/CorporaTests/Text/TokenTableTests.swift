import Testing

@testable import Corpora

@Suite struct TokenTableTests {
    /// Strings of every length up to 40 that share all bytes but one.
    static let words: [[UInt8]] = [[]]
        + (1...40).flatMap { length -> [[UInt8]] in
            let plain = [UInt8](repeating: UInt8(ascii: "a"), count: length)
            return [plain]
                + (0..<length).map { changed in
                    var word = plain
                    word[changed] = changed % 2 == 0 ? 0 : 0xFF
                    return word
                }
        }

    @Test func tellsStringsApart() {
        let table = TokenTable()
        for (number, word) in Self.words.enumerated() {
            word.withUnsafeBufferPointer { word in
                #expect(table.find(word) == nil)
                #expect(table.insert(word) == number)
            }
        }
        for (number, word) in Self.words.enumerated() {
            word.withUnsafeBufferPointer { #expect(table.find($0) == UInt32(number)) }
            #expect(Array(table[UInt32(number)]) == word)
        }
    }

    @Test func bytesBehindAStringDoNotMatter() {
        let table = TokenTable()
        for word in Self.words where !word.isEmpty {
            let padded = word + (0..<TokenKey.padding).map { UInt8(0xF0 + $0) }
            padded.withUnsafeBufferPointer { padded in
                let word = UnsafeBufferPointer(rebasing: padded[..<word.count])
                let (key, paddedKey) = (table.key(of: word), table.key(ofPadded: word))
                #expect(key.low == paddedKey.low && key.high == paddedKey.high && key.hash == paddedKey.hash)
            }
        }
    }

    @Test func takesInAnotherTable() {
        let (table, other) = (TokenTable(), TokenTable())
        for word in Self.words.prefix(100) { word.withUnsafeBufferPointer { _ = table.insert($0) } }
        for word in Self.words.reversed() { word.withUnsafeBufferPointer { _ = other.insert($0) } }
        var numbers: [UInt32] = []
        table.insert(from: 50, of: other) { numbers.append($0) }
        for (number, word) in zip(numbers, Self.words.reversed().dropFirst(50)) {
            #expect(Array(table[number]) == word)
        }
        #expect(numbers.count == Self.words.count - 50)
        // The first hundred words were there before.
        #expect(table.count == Self.words.count - 50)
    }

    /// More entries in a row than are looked up at once, and rows that follow on one another.
    @Test func countsLongRows() throws {
        let counter = DocumentCounter(try TextAnalyzer(TextOptions()), fixed: nil)
        let text = (0..<300).map { "w\($0 % 130)" }.joined(separator: " ")
        for _ in 0..<3 { Array(text.utf8).withUnsafeBufferPointer { counter.count($0) } }
        let first = counter.takeRows()
        Array(text.utf8).withUnsafeBufferPointer { counter.count($0) }
        let second = counter.takeRows()
        #expect(first.rowEnds == [130, 260, 390])
        #expect(second.rowEnds == [130])
        for start in [0, 130, 260] {
            #expect(Array(first.features[start..<start + 130]) == Array(0..<130))
            #expect(Array(first.counts[start..<start + 130]) == (0..<130).map { $0 < 40 ? 3 : 2 })
        }
        #expect(second.features == Array(0..<130))
        #expect(second.counts == (0..<130).map { $0 < 40 ? 3 : 2 })
    }

    @Test func unescapesAnywhere() {
        let buffer = GrowingBuffer<UInt8>()
        for length in 0..<30 {
            for place in 0...length {
                let before = String(repeating: "x", count: place)
                let after = String(repeating: "y", count: length - place)
                for (escaped, meant) in [("\\n", "\n"), ("\\\\", "\\"), ("\\q", "\\q"), ("\\", "\\"), ("\\t\\r", "\t\r")] {
                    let text = Array((before + escaped + after).utf8)
                    let result = text.withUnsafeBufferPointer {
                        String(decoding: TabSeparatedLine.unescape($0, into: buffer), as: UTF8.self)
                    }
                    #expect(result == before + meant + after)
                }
            }
        }
    }
}
