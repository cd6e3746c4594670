import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct TextOptionsTests {
    @Test func theOptionsSurviveJSON() throws {
        let options = TextOptions(
            lowercase: false, tokenPattern: #"\S+"#, ngrams: 1...3, minDF: .count(2), maxDF: .share(1), maxFeatures: 9,
            stopWords: .list(["a", "b"]), stem: true)
        for options in [options, TextOptions(), TextOptions(stopWords: .english)] {
            let data = try JSONEncoder().encode(options)
            #expect(try JSONDecoder().decode(TextOptions.self, from: data) == options)
        }
    }

    @Test func documentFrequenciesAreCountsOrShares() {
        #expect(DocumentFrequency("2") == .count(2))
        #expect(DocumentFrequency("1") == .count(1))
        #expect(DocumentFrequency("1.0") == .share(1))
        #expect(DocumentFrequency("0.25") == .share(0.25))
        for bad in ["0", "-1", "1.5", "-0.1", "nan", "x", ""] { #expect(DocumentFrequency(bad) == nil) }
    }

    @Test func optionsThatMakeNoSenseAreRefused() {
        let bad: [(TextOptions, String)] = [
            (TextOptions(tokenPattern: "(a"), "token-pattern"), (TextOptions(tokenPattern: "(a)(b)"), "token-pattern"),
            (TextOptions(ngrams: 0...2), "ngrams"), (TextOptions(minDF: .share(2)), "min-df"),
            (TextOptions(maxDF: .count(0)), "max-df"), (TextOptions(maxFeatures: 0), "max-features"),
        ]
        for (options, option) in bad {
            #expect { try options.validate() } throws: { ($0 as? TextOptionsError)?.option == option }
        }
        #expect(throws: TextOptionsError.self) {
            try TextCorpusReader(vocabulary: Vocabulary(words: ["a", "b", "a"]))
        }
    }

    @Test func emptiedVocabulariesSayWhatEmptiedThem() {
        let text = "rare words here\nother things there\n"
        let rare = problem { try readText(text, options: TextOptions(minDF: .count(2))) }
        #expect(rare?.found == "no word left of 6: 6 are in fewer documents than min-df 2, 0 in more than max-df 1.0")
        let contrary = problem { try readText(text, options: TextOptions(minDF: .count(2), maxDF: .count(1))) }
        #expect(contrary?.found.contains("min-df 2") == true)
        let stopped = problem { try readText("the and of\nthe", options: TextOptions(stopWords: .english)) }
        #expect(stopped?.found == "stop words only, 4 of them")
    }

    @Test func stopWordsAreReadFromAFile() throws {
        try withTemporaryFolder { folder in
            let path = "\(folder)/stop.txt"
            try Data("\u{FEFF}the\r\n\n  of course \nÉté".utf8).write(to: URL(filePath: path))
            #expect(try StopWords.read(path: path) == .list(["the", "of course", "Été"]))
            try Data([0x61, 0x0A, 0xFF]).write(to: URL(filePath: path))
            #expect {
                try StopWords.read(path: path)
            } throws: { error in
                if case FileError.badData(let problem) = error { problem.line == 2 } else { false }
            }
        }
    }

    @Test func theEnglishListIsThatOfTheField() {
        #expect(StopWords.english.words.count == 318)
        #expect(Set(StopWords.english.words).count == 318)
    }

    /// The stems are those of Snowball's English vocabulary.
    @Test func wordsAreStemmedAfterStopWords() throws {
        let corpus = try readText(
            "running runs generously happiness caresses ponies during\nRUN run runner",
            options: TextOptions(stopWords: .list(["during"]), stem: true))
        #expect(corpus.rowTexts == ["caress:1 generous:1 happi:1 poni:1 run:2", "run:2 runner:1"])
        let pairs = try readText("running dogs", options: TextOptions(ngrams: 2...2, stem: true))
        #expect(pairs.vocabulary?.words == ["run dog"])
    }

    @Test func wordsOutsideTheVocabularyAreCounted() throws {
        let words = Vocabulary(words: ["zebra", "cat"])
        let vectorizer = try TextVectorizer(TextOptions(), vocabulary: words)
        let counts = vectorizer.counts(of: ["Cat cat dog", "", "zebra bird"])
        #expect(counts.outOfVocabulary == 2)
        #expect(counts.matrix.columnIndices == [1, 0])
        #expect(counts.matrix.values == [2, 1])
        let corpus = try readText(Array("cat dog\ndog".utf8), vocabulary: words)
        #expect(corpus.rowTexts == ["cat:1", ""])
        #expect(corpus.provenance.text?.outOfVocabulary == 2)
    }

    @Test func equalTotalsAreCutByCodePoints() throws {
        let corpus = try readText("bb aa dd cc cc", options: TextOptions(maxFeatures: 3))
        #expect(corpus.vocabulary?.words == ["aa", "bb", "cc"])
        #expect(corpus.provenance.text?.beyondMaxFeatures == 1)
    }
}
