import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct BagOfWordsTests {
    func docword(_ text: String) throws -> Corpus {
        try Array(text.utf8).withUnsafeBytes { try DocwordReader.read(bytes: $0, name: "docword.test.txt") }
    }

    func ldac(_ text: String) throws -> Corpus {
        try Array(text.utf8).withUnsafeBytes { try LDACReader.read(bytes: $0, name: "test.ldac") }
    }

    @Test func readsDocword() throws {
        let corpus = try docword("3\n4\n3\n1 2 5\n3 1 1\n3 4 2\n")
        #expect(corpus.matrix.dense == [[0, 5, 0, 0], [0, 0, 0, 0], [1, 0, 0, 2]])
        #expect(corpus.provenance.format == "uci" && corpus.provenance.rowsWithoutFeatures == 1)
    }

    @Test(arguments: [
        ("3\n4\n", [":2:1:", "end of the file", "entries"]), ("3\n4 1\n1\n", [":2:1:", "words"]),
        ("3\n4\nx\n", [":3:1:", "entries"]), ("1\n1\n1\n2 1 1\n", [":4:1:", "document \"2\""]),
        ("1\n1\n1\n1 2 1\n", [":4:3:", "word \"2\""]), ("1\n1\n1\n1 1 0.5\n", [":4:5:", "whole"]),
        ("1\n1\n2\n1 1 1\n", [":5:1:", "2 entries"]), ("1\n1\n0\n1 1 1\n", [":4:1:", "0 entries"]),
    ])
    func refusesBadDocword(text: String, parts: [String]) {
        expectBadData(saying: ["docword.test.txt"] + parts) { _ = try docword(text) }
    }

    @Test func findsTheVocabularyBesideDocword() throws {
        let folder = try ScratchFolder()
        #expect(Docword.vocabularyPath(beside: folder.path("docword.a.txt.gz")) == nil)
        let words = try folder.write("one\n", to: "vocab.a.txt")
        #expect(Docword.vocabularyPath(beside: folder.path("docword.a.txt.gz")) == words)
        #expect(Docword.vocabularyPath(beside: folder.path("docword.a.txt")) == words)
        #expect(Docword.vocabularyPath(beside: folder.path("a.txt")) == nil)
    }

    @Test func readsLDAC() throws {
        let corpus = try ldac("2 0:1 3:2\n0\n1 2:7\n")
        #expect(corpus.matrix.dense == [[1, 0, 0, 2], [0, 0, 0, 0], [0, 0, 7, 0]])
        #expect(corpus.labels == nil && corpus.provenance.format == "lda-c" && corpus.provenance.indexBase == .zero)
        expectBadData(saying: ["test.ldac:2:1:", "\"2\"", "expected 1"]) { _ = try ldac("1 0:1\n2 0:1\n") }
        expectBadData(saying: ["test.ldac:1:5:"]) { _ = try ldac("1 0:x\n") }
    }
}
