import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

/// Tables of numbers, and Vowpal Wabbit's lines.
@Suite struct NamedFeaturesTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Reads on every route, in blocks of several sizes, which have to agree.
    private func read(
        _ text: String, _ name: String, _ options: CorpusReadingOptions = CorpusReadingOptions()
    ) throws -> Corpus {
        let path = try folder.write(text, to: name)
        let whole = try CorpusReader.read(path, options: options)
        for size in [1, 7, 30] {
            var options = options
            options.textInput.blockSize = size
            options.pieceSize = 2 * size
            #expect(
                try CorpusReader.read(path, options: options, parallelism: Parallelism(threads: 2)) == whole,
                "blocks of \(size)")
            let out = folder.path("out.safetensors")
            let imported = try CorpusReader.importCorpus([path], to: out, options: options)
            #expect(imported.fingerprint == whole.fingerprint && imported.ids == whole.ids)
            #expect(imported.weights == whole.weights && imported.vocabulary == whole.vocabulary)
            options.isForModel = true
            options.knownWords = whole.vocabulary
            options.featureCount = whole.featureCount
            options.pieceRows = 2
            let pieces = try CorpusPieces(path, options: options)
            var parts: [Corpus] = []
            while let piece = try pieces.next() { parts.append(piece) }
            let joined = try Corpus.joined(parts, names: parts.map { _ in "" })
            #expect(joined.fingerprint == whole.fingerprint && joined.ids == whole.ids)
            #expect(pieces.provenance?.warnings == whole.provenance.warnings)
        }
        return whole
    }

    private func table(_ table: TableColumns) -> CorpusReadingOptions {
        var options = CorpusReadingOptions()
        options.isTable = true
        options.text.table = table
        return options
    }

    private func expectRefused(
        _ text: String, _ name: String, _ parts: [String], _ options: CorpusReadingOptions = CorpusReadingOptions(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = try folder.write(text, to: name)
        for size in [1, 20, 1 << 18] {
            var options = options
            options.textInput.blockSize = size
            expectBadData(saying: parts, sourceLocation: sourceLocation) {
                _ = try CorpusReader.read(path, options: options)
            }
            expectBadData(saying: parts, sourceLocation: sourceLocation) {
                _ = try CorpusReader.importCorpus([path], to: folder.path("out.safetensors"), options: options)
            }
        }
    }

    @Test func tableOfNumbers() throws {
        let text =
            "id,width,label,\"the \"\"height\"\"\"\r\na, 1.5 ,sky,0\r\n\r\n\"b,c\",0,,\"-2e1\"\r\nd,16777217,sea,1e-60"
        let corpus = try read(text, "a.csv")
        #expect(corpus.matrix.dense == [[1.5, 0], [0, -20], [16_777_216, 0]])
        #expect(corpus.vocabulary?.words == ["width", "the \"height\""] && corpus.ids == ["a", "b,c", "d"])
        #expect((0..<3).map { corpus.labels?[$0] } == ["sky", nil, "sea"])
        #expect(corpus.provenance.format == "csv-numbers" && corpus.provenance.blankLines == 1)
        #expect(corpus.provenance.valuesRounded == 1 && corpus.provenance.explicitZerosDropped == 1)
        #expect(corpus.provenance.rowsWithoutLabel == 1)
        #expect(corpus.provenance.notes.contains { $0.description.contains("names of the columns") })
    }

    @Test func columnsOfNumbersAreChosen() throws {
        let chosen = try read("0;1.5;setosa\n2;0;iris\n", "a.csv", table(TableColumns(label: "3")))
        #expect(chosen.matrix.dense == [[0, 1.5], [2, 0]] && chosen.labels?[1] == "iris")
        #expect(chosen.vocabulary == nil)
        let named = try read(
            "k,1,2\nx,3,4\n", "b.csv", table(TableColumns(label: "k", hasHeader: true)))
        #expect(named.vocabulary?.words == ["1", "2"] && named.matrix.dense == [[3, 4]])
        let plain = try read("1,0\n0,2\n", "c.csv")
        #expect(plain.matrix.dense == [[1, 0], [0, 2]] && plain.vocabulary == nil)
        #expect(plain.provenance.notes.contains { $0.description.contains("taken for a document") })
        var transposed = CorpusReadingOptions()
        transposed.isTransposed = true
        let turned = try CorpusReader.read(folder.path("c.csv"), options: transposed)
        #expect(turned.matrix.dense == [[1, 0], [0, 2]] && turned.provenance.isTransposed)
        var asked = CorpusReadingOptions(format: .numberTable)
        asked.textInput.blockSize = 4
        #expect(try CorpusReader.read(folder.write("1\t2\n", to: "d"), options: asked).matrix.dense == [[1, 2]])
    }

    @Test func tablesOfTextsStayTexts() throws {
        for text in ["text,label\n1 2,3\nwords,4\n", "text\nsome words\n", "words\nother words\n"] {
            #expect(try CorpusReader.read(folder.write(text, to: "a.csv")).provenance.format == "csv")
        }
        let chosen = table(TableColumns(label: "2", texts: ["1"]))
        #expect(try read("some,1\nwords,2\n", "b.csv", chosen).provenance.format == "csv")
        try expectRefused("1,2\n3,4\n", "c.csv", ["c.csv:1:1", "nothing but numbers"], chosen)
        try expectRefused("a,b\nwords,4\n", "d.csv", ["d.csv:1:1", "a, b", "numbers in all but"])
    }

    @Test func damagedTablesOfNumbers() throws {
        try expectRefused("a,b\n1,2\n3,\n", "a.csv", ["a.csv:3:3", "an empty cell in column 'b'", "finite number"])
        try expectRefused("a,b\n1,2\n3,NA\n", "a.csv", ["a.csv:3:3", "\"NA\" in column 'b'"])
        try expectRefused("1,2\n3,nan\n", "a.csv", ["a.csv:2:3", "\"nan\" in column 2"])
        try expectRefused("1,2\n3,\"4\nx\"\n", "a.csv", ["a.csv:2:3", "column 2"])
        try expectRefused("1,2\n3,1e99\n", "a.csv", ["a.csv:2:3", "1e99"])
        try expectRefused("1,2\n3\n", "a.csv", ["a.csv:2:1", "1 field", "2, as on the first"])
        try expectRefused("1,2\n\"3\" x,4\n", "a.csv", ["a.csv:2:4", "after a closing quote"])
        try expectRefused(",0,1\n0,5,6\n", "a.csv", ["a.csv:1:1", "an empty cell", "header"])
        try expectRefused(",a,b\n0,5,6\n", "a.csv", ["a.csv:1:1", "column 1 without a name", "idColumn"])
        try expectRefused("a,a\n5,6\n", "a.csv", ["a.csv:1:1", "'a' of columns 1 and 2"])
    }

    @Test func vowpalWabbit() throws {
        let text = """
            1 2.5 'first|a sun:2 sea |b:0.5 bread:3 sun
            -1 | sea sea:2 18:0
            second|

            1,2 0 |a sun
            sky | é:1e-3 sun|a sun
            """
        let corpus = try read(text, "a.vw")
        #expect(corpus.vocabulary?.words == ["a^sun", "a^sea", "b^bread", "b^sun", "sea", "18", "é", "sun"])
        #expect(
            corpus.matrix.dense == [
                [2, 1, 1.5, 0.5, 0, 0, 0, 0], [0, 0, 0, 0, 3, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0],
                [1, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0.001, 1],
            ])
        #expect((0..<5).map { corpus.labels?.labels(ofRow: $0) ?? [] } == [["1"], ["-1"], [], ["1", "2"], ["sky"]])
        #expect(corpus.ids == ["first", "", "second", "", ""] && corpus.weights == [2.5, 1, 1, 0, 1])
        #expect(corpus.provenance.blankLines == 1 && corpus.provenance.explicitZerosDropped == 1)
        #expect(corpus.provenance.duplicatesMerged == 0 && corpus.provenance.unsortedRows == 0)
        let lines = "1 |a sun:2\n-1.5 'x |a sea\n"
        #expect(try read(lines, "b.txt").provenance.format == "vw")
        #expect(
            try CorpusReader.read(folder.write("| aa | bb |\n| cc | dd |\n", to: "c.txt")).provenance.format == "text")
    }

    @Test func wordsOfVowpalWabbitAreMatchedToOthers() throws {
        let path = try folder.write("1 | sun:2 bread\n0 | sea sun\n", to: "a.vw")
        let words = try folder.write("sea\nsun\n", to: "words.txt")
        var options = CorpusReadingOptions()
        options.vocabularyPath = words
        let corpus = try CorpusReader.read(path, options: options)
        #expect(corpus.matrix.dense == [[0, 2], [1, 1]] && corpus.provenance.excessFeaturesDropped == 1)
        var model = CorpusReadingOptions()
        model.isForModel = true
        expectBadData(saying: ["a.vw", "no words"]) { _ = try CorpusReader.read(path, options: model) }
        model.knownWords = Vocabulary(words: ["bread", "x", "sun"])
        model.libSVM.featureCount = 3
        #expect(try CorpusReader.read(path, options: model).matrix.dense == [[1, 0, 2], [0, 0, 1]])
    }

    @Test(arguments: [
        ("1 | a\n2 b c\n", ["a.vw:2:1", "without a bar", "several lines"]),
        ("1:0.5 | a\n", ["a.vw:1:1", "\"1:0.5\"", "costs"]),
        ("shared | a\n", ["a.vw:1:1", "\"shared\""]),
        ("1 x | a\n", ["a.vw:1:3", "importance \"x\""]),
        ("1 -2 | a\n", ["a.vw:1:3", "importance"]),
        ("1 2 0.5 | a\n", ["a.vw:1:5", "\"0.5\"", "initial predictions"]),
        ("1 | a :2\n", ["a.vw:1:7", "a feature without a name"]),
        ("1 | a\n1 | a b:c\n", ["a.vw:2:9", "\"c\"", "texts are not read"]),
        ("1 | a b:\n", ["a.vw:1:9", "nothing after a colon"]),
        ("1 |n:x a\n", ["a.vw:1:6", "\"x\""]),
        ("1 |n:1e30 a:1e30\n", ["a.vw:1:11", "too large"]),
        ("1 | a:1e99\n", ["a.vw:1:7", "finite"]),
    ])
    func damagedVowpalWabbit(text: String, parts: [String]) throws { try expectRefused(text, "a.vw", parts) }
}
