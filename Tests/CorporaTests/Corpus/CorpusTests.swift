import FileIO
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct CorpusTests {
    func vocabulary(_ text: String) throws -> Vocabulary {
        try Array(text.utf8).withUnsafeBytes { bytes in try Vocabulary.parse(bytes, name: "words.txt").vocabulary }
    }

    @Test func setsOfLabelsAreInterned() {
        let labels = RowLabels(sets: [["b"], [], ["a, c"], ["b"], ["1", "4"], ["1,4"]])
        #expect(labels.sets == [["b"], ["a, c"], ["1", "4"], ["1,4"]])
        #expect(labels.codes == [0, RowLabels.none, 1, 0, 2, 3])
        #expect((0..<6).map { labels[$0] } == ["b", nil, "a, c", "b", "1,4", "1,4"])
        #expect(labels.labels(ofRow: 4) == ["1", "4"] && labels.labels(ofRow: 5) == ["1,4"])
        #expect(labels.labels(ofRow: 1).isEmpty)
        #expect(labels.names == ["b", "a, c", "1", "4", "1,4"])
        #expect(labels.isMultilabel && !RowLabels(["a,b"]).isMultilabel)
    }

    /// é as one scalar, and as a letter and an accent: Swift's `==` holds them for the same.
    @Test func textsAreToldApartByTheirBytes() throws {
        let (one, two) = ("caf\u{E9}", "cafe\u{301}")
        #expect(one == two)
        #expect(RowLabels([one, two, one]).codes == [0, 1, 0])
        let words = try vocabulary("\(one)\n\(two)\n")
        #expect(words.columnsByWord[one] == 0 && words.columnsByWord[two] == 1)
        #expect(words != Vocabulary(words: [two, one]))
        let libSVM = try LibSVMReader.read(text: "\(one) 1:1\n\(two) 1:1\nlonger-\(one) 1:1\nlonger-\(two) 1:1\n")
        #expect(libSVM.labels?.codes == [0, 1, 2, 3])
        #expect(libSVM.labels.map { $0.sets.map { Array($0[0].utf8) } }?[1] == Array(two.utf8))
    }

    @Test func vocabulariesSayByWhichRuleTheyWereRead() throws {
        func read(_ text: String, keepingBlanks: Bool = false) throws -> VocabularyFile {
            try Array(text.utf8).withUnsafeBytes { bytes in
                try Vocabulary.parse(bytes, name: "words.txt", keepingBlanks: keepingBlanks)
            }
        }
        let counted = try read("who 6494\nout 6114\n")
        #expect(counted.vocabulary.words == ["who", "out"] && counted.note?.contains("the word's count") == true)
        let years = try read("year 1900\nyear 1942\n")
        #expect(years.vocabulary.words == ["year 1900", "year 1942"])
        #expect(years.note?.contains("a part of the word") == true)
        #expect(try read("sun\nmoon\n").note == nil)
        #expect(try read("\u{FEFF}sun\nmoon\n").vocabulary.words.map { Array($0.utf8) } == ["sun", "moon"].map { Array($0.utf8) })
        #expect(try read(" a\na \n 1\r\n", keepingBlanks: true).vocabulary.words == [" a", "a ", " 1"])
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
        #expect(try vocabulary("a\nb\n \n\t\r\n\n").words == ["a", "b"])
    }

    @Test(arguments: [("a\n\nb\n", 2), ("a 1\n5\n\nb 2\n", 3), ("a\nb\u{0}\n", 2), ("a\nb\na\n", 3), ("a 1\nb 2\na 1\n", 3)])
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
