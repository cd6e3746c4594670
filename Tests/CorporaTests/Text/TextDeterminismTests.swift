import Foundation
import SparseMatrices
import Testing

@testable import Corpora

private let dataFolder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "shared/data/20news-bydate")

@Suite struct TextDeterminismTests {
    /// Labelled texts of made-up words, some of them long, some not ASCII.
    static let lines: [UInt8] = {
        var state: UInt64 = 1
        func draw(_ limit: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
        return (0..<1200).flatMap { number -> [UInt8] in
            let words = (0..<draw(40)).map { _ in
                let word = draw(60) * draw(60)
                return word % 7 == 0 ? "Wört\(word)" : word % 5 == 0 ? "quite_a_long_word_\(word)" : "w\(word)"
            }
            return Array("k\(draw(9))\tid\(number)\t\(words.joined(separator: draw(2) == 0 ? " " : "\\n"))\n".utf8)
        }
    }()

    @Test(arguments: [TextOptions(minDF: .count(2)), TextOptions(ngrams: 1...2, maxFeatures: 700, stem: true)])
    func threadsAndBlocksDoNotMatter(_ options: TextOptions) throws {
        let expected = try readText(Self.lines, named: "a.tsv", options: options, threads: 1)
        #expect(expected.rowCount == 1200)
        #expect(expected.ids?[1199] == "id1199")
        for (threads, blockSize) in [(1, 1000), (2, 3000), (3, 300), (8, 20_000)] {
            var input = TextInputOptions()
            input.blockSize = blockSize
            let corpus = try readText(Self.lines, named: "a.tsv", options: options, input: input, threads: threads)
            #expect(corpus == expected, "\(threads) threads, blocks of \(blockSize)")
        }
    }

    /// The slow and simple way, with dictionaries.
    @Test func countsAgreeWithAPlainCount() throws {
        let corpus = try readText(Self.lines, named: "a.tsv")
        let texts = String(decoding: Self.lines, as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false)[2].replacingOccurrences(of: "\\n", with: "\n")
        }
        for (row, text) in zip(corpus.rowTexts, texts) {
            var counts: [String: Int] = [:]
            for word in text.lowercased().split(whereSeparator: \.isWhitespace) where word.unicodeScalars.count > 1 {
                counts[String(word), default: 0] += 1
            }
            let sorted = counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            #expect(row == sorted.map { "\($0.key):\($0.value)" }.joined(separator: " "))
        }
    }

    /// The figures are those of `CountVectorizer(min_df=2)` on the unescaped texts.
    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: dataFolder.appending(path: "train.tsv.gz").path),
            "20news-bydate is not here"))
    func newsPosts() throws {
        let path = dataFolder.appending(path: "train.tsv.gz").path
        let corpus = try TextCorpusReader(TextOptions(minDF: .count(2))).read(paths: [path])
        #expect(corpus.rowCount == 11_314)
        #expect(corpus.featureCount == 56_436)
        #expect(corpus.matrix.entryCount == 1_713_889)
        #expect(corpus.matrix.values.reduce(0.0) { $0 + Double($1) } == 3_280_178)
        #expect(corpus.labels?.names.count == 20)
        #expect(corpus.ids?.first == "rec.sport.baseball/102592")
        #expect(corpus.provenance.text?.fields == 3)
    }
}
