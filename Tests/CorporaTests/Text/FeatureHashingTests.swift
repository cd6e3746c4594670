import FileIO
import Foundation
import Testing

@testable import Corpora

@Suite struct FeatureHashingTests {
    private func options(_ bits: Int) -> TextOptions { TextOptions(hashBits: bits) }

    /// FNV-1a as published, by its test vectors, before the last mixing.
    @Test func columnsAreThoseOfTheHash() throws {
        func column(_ hash: UInt64, _ bits: UInt64) -> UInt32 {
            UInt32(((hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15) >> (64 - bits))
        }
        for bits in [8, 16, 28] {
            let hashing = try #require(FeatureHashing(options(bits)))
            #expect(hashing.column(of: "a".utf8) == column(0xaf63_dc4c_8601_ec8c, UInt64(bits)))
            #expect(hashing.column(of: "foobar".utf8) == column(0x8594_4171_f739_67e8, UInt64(bits)))
        }
    }

    @Test func countsInOneColumnAreAdded() {
        var documents = CountedDocuments()
        (documents.rowEnds, documents.features, documents.counts) = ([3, 3, 5], [0, 1, 2, 1, 3], [1, 2, 4, 1, 1])
        let gathered = documents.gathered(in: [7, 2, 7, 2])
        #expect(gathered.rowEnds == [2, 2, 3] && gathered.features == [2, 7, 2] && gathered.counts == [2, 5, 2])
    }

    @Test func chunksAreTheWholeText() throws {
        let folder = try ScratchFolder()
        let lines = (0..<40_000).map { "word\($0 % 977) word\($0 % 31) other\($0 % 7)" }
        let path = try folder.write(lines.joined(separator: "\n") + "\n", to: "t.txt")
        var reading = CorpusReadingOptions()
        reading.text = options(8)
        let whole = try CorpusReader.read(path, options: reading)
        let stream = try CorpusStream(path, options: reading)
        var chunks: [Corpus] = []
        while let chunk = try stream.next() { chunks.append(chunk) }
        #expect(chunks.map(\.rowCount) == [16_384, 16_384, 40_000 - 32_768])
        #expect(try Corpus.joined(chunks, names: chunks.map { _ in "" }).matrix == whole.matrix)
        // Of the sample's words, by counting.
        let words = try #require(stream.hashedWords)
        let distinct = Set(lines.prefix(words.documents).flatMap { $0.split(separator: " ").map(String.init) })
        let hashing = try #require(FeatureHashing(options(8)))
        let columns = Dictionary(grouping: distinct) { hashing.column(of: $0.utf8) }
        #expect(words.documents >= 16_384 && words.words == distinct.count)
        #expect(words.sharing == columns.values.reduce(0) { $0 + ($1.count > 1 ? $1.count : 0) })
        for (column, words) in columns { #expect(words.contains(stream.hashedWords?.names[Int(column)] ?? "")) }
        let vectorizer = try TextVectorizer(options(8), vocabulary: words.names)
        let counts = vectorizer.counts(of: Array(lines.prefix(600)))
        #expect(counts.matrix == whole.sharedRows(0..<600).matrix && counts.outOfVocabulary == 0)
    }

    @Test func limitsOfFrequencyAreRefused() {
        for limited in [
            TextOptions(minDF: .count(2), hashBits: 9), TextOptions(maxDF: .share(0.5), hashBits: 9),
            TextOptions(maxFeatures: 5, hashBits: 9), TextOptions(hashBits: 3),
        ] {
            #expect(throws: TextOptionsError.self) { try TextCorpusReader(limited) }
        }
    }
}
