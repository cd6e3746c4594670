import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

/// Inputs that were once taken for something else, on every route: read whole, imported, read piece by piece.
@Suite struct RecognitionCasesTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// The same on every route.
    private func read(_ text: String, _ name: String, _ options: CorpusReadingOptions = .init()) throws -> Corpus {
        try read(Data(text.utf8), name, options)
    }

    private func read(_ data: Data, _ name: String, _ options: CorpusReadingOptions = .init()) throws -> Corpus {
        let path = try folder.write(data, to: name)
        let target = folder.path("imported.safetensors")
        let whole = Result { try CorpusReader.read(path, options: options) }
        let imported = Result { try CorpusReader.importCorpus([path], to: target, options: options) }
        switch (whole, imported) {
        case (.success(let whole), .success(let imported)):
            #expect(imported.matrix == whole.matrix && imported.labels == whole.labels && imported.ids == whole.ids)
            #expect(imported.provenance.warnings == whole.provenance.warnings)
            #expect(imported.provenance.notes == whole.provenance.notes)
            let again = try CorpusReader.read(target)
            #expect(again.matrix == whole.matrix && again.labels == whole.labels)
        case (.failure(let whole), .failure(let imported)):
            #expect("\(whole)" == "\(imported)")
        default: Issue.record("read: \(whole); imported: \(imported)")
        }
        return try whole.get()
    }

    /// Refused on every route with a message that has these parts.
    private func expectRefusal(
        _ text: String, _ name: String, saying parts: [String], _ options: CorpusReadingOptions = .init(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expectBadData(saying: parts, sourceLocation: sourceLocation) { _ = try read(text, name, options) }
        var forModel = options
        forModel.isForModel = true
        forModel.libSVM.featureCount = 5
        forModel.libSVM.excessFeatures = .drop
        forModel.knownWords = Vocabulary(words: ["a", "b", "c", "d", "e"])
        expectBadData(saying: [name], sourceLocation: sourceLocation) {
            let pieces = try CorpusPieces(folder.path(name), options: forModel)
            while try pieces.next() != nil {}
        }
    }

    @Test func namesThatClaimAFormatHold() {
        expectRefusal("2 5:1 7:4\n1 6:2\n3 5:1 6:1\n", "m3.ldac", saying: ["m3.ldac:3:1", "2, the number of id:count"])
        expectRefusal(
            "20 30 2\n11 12 23\n", "docword.x.txt", saying: ["docword.x.txt:1:1", "documents alone on a line"])
        expectRefusal("2\n3\n2\n1,1,2\n2 2 1\n", "docword.y.txt", saying: ["docword.y.txt:4:1"])
        expectRefusal("# bag\n2\n3\n2\n1 1 2\n", "docword.z.txt", saying: ["docword.z.txt:1:1"])
        expectRefusal("2\n3\n2\n1 1 2\n2 x 1\n", "docword.w.txt", saying: ["docword.w.txt:5:3"])
        expectRefusal("1,0,3\n0,2,0\n", "c.svm", saying: ["c.svm:1:1", "not one index:value pair"])
        expectRefusal("1 0 3\n0 2 0\n", "d.svm", saying: ["d.svm:1:1", "not one index:value pair"])
        expectRefusal(
            "%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 1\n", "e.svm",
            saying: ["e.svm:1:1", "matrix-market", "rename the file"])
        expectRefusal("{\"text\": \"a\"}\n", "f.mtx", saying: ["f.mtx:1:1"])
    }

    @Test func textThatIsAllNumbersIsNoText() throws {
        expectRefusal("1\t0.86\t-0.63\n0\t0.90\t0.32\n", "b.tsv", saying: ["b.tsv:1:1", "nothing but numbers"])
        expectRefusal(
            "2 30 20\n1,13 12:0.5 17:1\n14 22:0.25\n", "xc.txt", saying: ["xc.txt:1:1", "features and labels"])
        expectRefusal("1 2 3\n4 5 6\n", "g.txt", saying: ["g.txt:1:1", "nothing but numbers"])
        var options = CorpusReadingOptions(format: .text)
        options.text.tokenPattern = #"\d+"#
        #expect(try read("1 2 3\n4 5 6\n", "g.txt", options).featureCount == 6)
        #expect(try read("12 monkeys\n", "h.txt").rowCount == 1)
    }

    @Test func marksAtTheStartAreNoContent() throws {
        let mark = "\u{FEFF}"
        #expect(try read(mark + "2 0:1 4:2\n1 1:1\n", "a.ldac").matrix.dense == [[1, 0, 0, 0, 2], [0, 1, 0, 0, 0]])
        #expect(try read(mark + "2\n3\n2\n1 1 2\n2 3 1\n", "docword.a.txt").matrix.dense == [[2, 0, 0], [0, 0, 1]])
        let matrix = "%%MatrixMarket matrix coordinate real general\n1 2 1\n1 2 3\n"
        #expect(try read(mark + matrix, "a.mtx").matrix.dense == [[0, 3]])
        #expect(try read(mark + "1 1:1\n", "a.svm").labels?.names == ["1"])
        var options = CorpusReadingOptions()
        options.vocabularyPath = try folder.write(mark + "sun\nmoon\n", to: "v.txt")
        #expect(try read("1 1:1 2:1\n", "b.svm", options).vocabulary?.words == ["sun", "moon"])
    }

    /// As SciPy 1.17 reads it.
    @Test(arguments: [
        "%%MatrixMarket matrix coordinate unsigned-integer general", "%MatrixMarket matrix coordinate real general",
        " %%MatrixMarket matrix coordinate real general", "\t%%MatrixMarket matrix coordinate real general",
    ])
    func matrixMarketsBanners(_ banner: String) throws {
        #expect(try read("\(banner)\n2 2 1\n1 1 4\n", "u.mtx").matrix.dense == [[4, 0], [0, 0]])
        #expect(try read("\(banner)\n2 2 1\n1 1 4\n", "u").provenance.format == "matrix-market")
    }

    @Test(arguments: ["%%%MatrixMarket", "MatrixMarket", "\n%%MatrixMarket", "%% MatrixMarket"])
    func otherBannersAreRefused(_ start: String) {
        expectRefusal("\(start) matrix coordinate real general\n2 2 1\n1 1 4\n", "u.mtx", saying: ["u.mtx:1:1"])
    }

    @Test func weightsAreNoFeatures() throws {
        expectRefusal("1:0.5 1:2 3:1\n0:0.2 2:1\n", "w.svm", saying: ["w.svm:1:1", "label:weight"])
        // Without labels, and sorted as other programs write it.
        let bare = try read("1:0.5 3:1\n2:1\n", "v.svm")
        #expect(bare.matrix.dense == [[0.5, 0, 1], [0, 1, 0]] && bare.labels == nil)
        #expect(bare.provenance.notes == [LibSVMSource.noLabels])
    }

    @Test func valuesApartFromTheirColonAreCounted() throws {
        let corpus = try read("0 21:1.00 63: .50\n1 2:  3 4:1\n", "p.svm")
        #expect(corpus.matrix[0, 62] == 0.5 && corpus.matrix[1, 1] == 3 && corpus.provenance.valuesApart == 2)
        #expect(corpus.provenance.warnings == ["2 values stand apart from their colons"])
        expectRefusal("0 1: 2:1\n", "q.svm", saying: ["q.svm:1:5", "nothing after the colon"])
        var strict = CorpusReadingOptions()
        strict.isStrict = true
        expectRefusal("0 63: .50\n", "r.svm", saying: ["r.svm:1:6", "a blank after the colon"], strict)
    }

    /// 2²⁴ + 1 is the first whole number that a Float does not hold.
    @Test(arguments: [
        ("1 1:16777217\n0 2:1\n", "r.svm"), ("1 0:16777217\n", "r.ldac"), ("1\n1\n1\n1 1 16777217\n", "docword.r.txt"),
        ("%%MatrixMarket matrix coordinate integer general\n1 1 1\n1 1 16777217\n", "r.mtx"),
    ])
    func roundingIsCounted(text: String, name: String) throws {
        let corpus = try read(text, name)
        #expect(corpus.provenance.valuesRounded == 1 && corpus.matrix.values[0] == 16_777_216)
        #expect(corpus.provenance.warnings.contains { $0.contains("rounded") })
        #expect(try read(text.replacing("16777217", with: "16777218"), name).provenance.valuesRounded == 0)
        #expect(try read(text.replacing("16777217", with: "1e10"), name).provenance.valuesRounded == 0)
        var strict = CorpusReadingOptions()
        strict.isStrict = true
        expectBadData(saying: [name]) { _ = try read(text, name, strict) }
    }

    @Test func wordsFitTheColumns() throws {
        var options = CorpusReadingOptions()
        options.vocabularyPath = try folder.write("a\nb\nc\nd\ne\n", to: "five.txt")
        let matrix = "%%MatrixMarket matrix coordinate real general\n5 3 1\n5 3 1\n"
        expectBadData(saying: ["five.txt", "5 words", "3, one for each column", "transpose"]) {
            _ = try read(matrix, "m.mtx", options)
        }
        expectBadData(saying: ["five.txt", "5 words"]) { _ = try read("2\n3\n1\n1 1 2\n", "docword.m.txt", options) }
        var turned = options
        turned.isTransposed = true
        #expect(try read(matrix, "m.mtx", turned).vocabulary?.count == 5)
        // The largest index need not be the last feature.
        #expect(try read("1 1:1 3:1\n", "m.svm", options).featureCount == 5)
        try folder.write("a\nb\n", to: "vocab.n.txt")
        expectBadData(saying: ["vocab.n.txt", "2 words"]) { _ = try read("2\n3\n1\n1 1 2\n", "docword.n.txt") }
        try folder.write("a\nb\nc\nd\n", to: "vocab.n.txt")
        expectBadData(saying: ["vocab.n.txt", "4 words"]) { _ = try read("2\n3\n1\n1 1 2\n", "docword.n.txt") }
        options.vocabularyPath = try folder.write("a 3\nb 2\nc 1\n", to: "counted.txt")
        let counted = try read("1 3:1\n", "o.svm", options)
        #expect(counted.vocabulary?.words == ["a", "b", "c"] && counted.provenance.notes.count == 1)
    }

    @Test func labelsAreSetsOrTexts() throws {
        let sets = try read("0,2 1:1\n1 2:1\n", "s.svm").labels
        #expect(sets?.isMultilabel == true && sets?.names.count == 3)
        let one = try read(
            "{\"text\":\"sun\",\"label\":\"Arts, Crafts\"}\n{\"text\":\"sea\",\"label\":\"x\"}\n", "o.jsonl")
        #expect(one.labels?.names == ["Arts, Crafts", "x"] && one.labels?.names.count == 2)
        let several = try read(
            "{\"text\":\"sun\",\"label\":[\"a\",\"b\"]}\n{\"text\":\"sea\",\"label\":\"b\"}\n", "s.jsonl")
        #expect(several.labels?.isMultilabel == true && several.labels?.names.count == 2)
        #expect(try read("a,b\tsun\nc\tsea\n", "t.tsv").labels?.names.count == 2)
    }

    @Test func unicodeFormsOfLabelsStayApart() throws {
        let (composed, decomposed) = ("caf\u{E9}xxx", "cafe\u{301}xxx")
        for (text, name) in [
            ("\(composed) 1:1\n\(decomposed) 1:1\n", "n.svm"), ("\(composed)\tsun\n\(decomposed)\tsea\n", "n.tsv"),
        ] {
            let labels = try #require(try read(text, name).labels)
            #expect(labels.codes == [0, 1] && labels.names.map(\.utf8.count) == [8, 9])
        }
    }

    @Test func missingTextIsAnEmptyDocument() throws {
        let corpus = try read(
            "{\"text\":null,\"id\":\"a\"}\n{\"text\":\"sun\",\"id\":\"b\",\"p\":NaN,\"q\":[-Infinity]}\n", "n.jsonl")
        #expect(corpus.rowCount == 2 && corpus.ids == ["a", "b"] && corpus.provenance.rowsWithoutFeatures == 1)
    }

    @Test func tabsInPlainTextAreSaid() throws {
        let corpus = try read("ham\tok lar\nspam\tfree entry\n", "sms.txt")
        #expect(
            corpus.labels == nil && corpus.provenance.notes.contains { $0.description.contains("name the format tsv") })
        #expect(try read("ham\tok lar\nno tab here\n", "t.txt").provenance.notes.isEmpty)
    }

    @Test func archivesOfOtherFilesAreToBeUnpacked() throws {
        // Holds a.txt.
        let archive = """
            UEsDBBQAAAAAAAAAIQD3zrRRAwAAAAMAAAAFAAAAYS50eHRzdW5QSwECFAMUAAAAAAAAACEA9860UQMAAAADAAAABQAAAAAAAAAAAAAAgAEAAA\
            AAYS50eHRQSwUGAAAAAAEAAQAzAAAAJgAAAAAA
            """
        let zip = try #require(Data(base64Encoded: archive))
        expectBadData(saying: ["z.npz", "a.txt", "unpack it"]) { _ = try read(zip, "z.npz") }
    }
}

extension CSRMatrix {
    fileprivate subscript(row: Int, column: Int) -> Float { dense[row][column] }
}
