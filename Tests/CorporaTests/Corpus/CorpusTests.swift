import FileIO
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct CorpusTests {
    func vocabulary(_ text: String) throws -> Vocabulary {
        try Array(text.utf8).withUnsafeBytes { bytes in try Vocabulary.parse(bytes, name: "words.txt") }
    }

    @Test func labelsAreInternedAndSplit() {
        let labels = RowLabels(["b", nil, "a", "b", "1,4"])
        #expect(labels.names == ["b", "a", "1,4"])
        #expect(labels.codes == [0, RowLabels.none, 1, 0, 2])
        #expect((0..<5).map { labels[$0] } == ["b", nil, "a", "b", "1,4"])
        #expect(labels.parts(ofRow: 4) == ["1", "4"])
        #expect(labels.parts(ofRow: 0) == ["b"])
        #expect(labels.parts(ofRow: 1).isEmpty)
        #expect(labels.isMultilabel)
    }

    @Test func vocabularyForms() throws {
        #expect(try vocabulary("").words.isEmpty)
        #expect(try vocabulary("a\nb\n").words == ["a", "b"])
        #expect(try vocabulary("a\r\nb").words == ["a", "b"])
        #expect(try vocabulary("who 6494\nout\t6114\r\n").words == ["who", "out"])
        #expect(try vocabulary("new york 3\nrome 2\n").words == ["new york", "rome"])
        // Not every line ends in a number, so none is taken for a count.
        #expect(try vocabulary("new york\ncatch 22\n").words == ["new york", "catch 22"])
        #expect(try vocabulary("1984\n42\n").words == ["1984", "42"])
        #expect(try vocabulary("é\n\n\n").words == ["é"])
        #expect(try vocabulary("a\nb\na\n").columnsByWord == ["a": 0, "b": 1])
    }

    @Test(arguments: [("a\n\nb\n", 2), ("a 1\n5\n\nb 2\n", 3), ("a\nb\u{0}\n", 2)])
    func badVocabularies(_ text: String, _ line: Int) {
        #expect {
            try vocabulary(text)
        } throws: { error in
            guard case FileError.badData(let problem) = error else { return false }
            return problem.line == line && problem.path == "words.txt"
        }
    }

    @Test func namingWidensOrRefuses() throws {
        let corpus = try LibSVMReader.read(text: "1 1:1 3:2\n2 2:5\n")
        let five = Vocabulary(words: ["a", "b", "c", "d", "e"])
        let wide = try corpus.naming(features: five, path: "words.txt")
        #expect(wide.featureCount == 5)
        #expect(wide.matrix.values == corpus.matrix.values)
        #expect(wide.matrix.columnIndices == corpus.matrix.columnIndices)
        #expect(wide.vocabulary == five)
        let same = try corpus.naming(features: five, path: "words.txt", widening: false)
        #expect(same.matrix == corpus.matrix)
        #expect(throws: FileError.self) {
            try corpus.naming(features: Vocabulary(words: ["a", "b"]), path: "words.txt")
        }
    }

    @Test func warningsSayWhatWasDone() throws {
        let clean = try LibSVMReader.read(text: "1 1:1\n")
        #expect(clean.provenance.warnings.isEmpty)
        let messy = try LibSVMReader.read(text: "1 2:1 1:1 1:1 3:0\n\n2:1 3:1\n")
        #expect(messy.provenance.warnings.count == 5)
        #expect(messy.provenance.warnings.contains { $0.hasPrefix("1 blank line") })
    }
}
