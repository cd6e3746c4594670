import Foundation
import SparseMatrices
import Testing

@testable import Corpora

/// Every count must be what scikit-learn counted; `Fixtures/make-count-vectorizer.py` tells how.
@Suite struct CountVectorizerTests {
    struct Fixture: Decodable {
        let texts: [String]
        let cases: [Case]
    }

    struct Case: Decodable, CustomTestStringConvertible {
        struct Options: Decodable {
            let lowercase: Bool?
            let token_pattern: String?
            let analyzer: String?
            let ngram_range: [Int]?
            let min_df: String?
            let max_df: String?
            let max_features: Int?
            let stop_words: StopWordChoice?
            let vocabulary: [String]?
        }

        enum StopWordChoice: Decodable {
            case english
            case list([String])

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                self = (try? container.decode([String].self)).map { .list($0) } ?? .english
            }
        }

        let name: String
        let options: Options
        let words: [String]
        let rows: [[[Int]]]

        var testDescription: String { name }

        var textOptions: TextOptions {
            var result = TextOptions()
            result.lowercase = options.lowercase ?? result.lowercase
            result.tokenPattern = options.token_pattern ?? result.tokenPattern
            if let range = options.ngram_range { result.ngrams = range[0]...range[1] }
            if let least = options.min_df { result.minDF = DocumentFrequency(least)! }
            if let most = options.max_df { result.maxDF = DocumentFrequency(most)! }
            result.maxFeatures = options.max_features
            if let analyzer = options.analyzer {
                result.analyzer = FeatureUnit(rawValue: analyzer.replacingOccurrences(of: "_", with: "-"))!
            }
            switch options.stop_words {
            case nil: break
            case .english: result.stopWords = .english
            case .list(let words): result.stopWords = .list(words)
            }
            return result
        }

        var vocabulary: Vocabulary? { options.vocabulary.map { Vocabulary(words: $0) } }
    }

    static let fixture: Fixture = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/count-vectorizer.json")
        return try! JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }()

    func expectCounts(_ matrix: CSRMatrix, of fixture: Case) {
        #expect(matrix.rowCount == fixture.rows.count)
        #expect(matrix.columnCount == fixture.words.count)
        for (number, expected) in fixture.rows.enumerated() {
            let row = matrix.row(number)
            let counted = zip(row.columnIndices, row.values).map { [Int($0), Int($1)] }
            #expect(counted == expected, "\(fixture.name): \(Self.fixture.texts[number].debugDescription)")
        }
    }

    /// The texts as JSON lines, since they hold line breaks of their own.
    static let lines: [UInt8] = fixture.texts.flatMap { text in
        let encoder = JSONEncoder()
        return try! Array(encoder.encode(["text": text])) + [UInt8(ascii: "\n")]
    }

    @Test(arguments: fixture.cases)
    func readingAgrees(_ fixture: Case) throws {
        let corpus = try readText(
            Self.lines, named: "texts.jsonl", options: fixture.textOptions, vocabulary: fixture.vocabulary)
        #expect(corpus.vocabulary?.words == fixture.words)
        #expect(corpus.textOptions == fixture.textOptions)
        expectCounts(corpus.matrix, of: fixture)
    }

    @Test(arguments: fixture.cases)
    func vectorizingWithTheVocabularyAgrees(_ fixture: Case) throws {
        let vectorizer = try TextVectorizer(fixture.textOptions, vocabulary: Vocabulary(words: fixture.words))
        expectCounts(vectorizer.counts(of: Self.fixture.texts).matrix, of: fixture)
    }

    /// The regular expression is the reference of the fast way.
    @Test(arguments: fixture.cases)
    func theFastWayFindsWhatThePatternFinds(_ fixture: Case) throws {
        let fast = try TextAnalyzer(fixture.textOptions)
        let plain = try TextAnalyzer(fixture.textOptions, usesPattern: true)
        for text in Self.fixture.texts { #expect(features(of: text, fast) == features(of: text, plain)) }
    }

    private func features(of text: String, _ analyzer: TextAnalyzer) -> [String] {
        var features: [String] = []
        var text = text
        text.withUTF8 { bytes in
            analyzer.forEachFeature(in: bytes, workspace: TextWorkspace(analyzer.options)) {
                features.append(String(decoding: $0, as: UTF8.self))
            }
        }
        return features
    }
}
