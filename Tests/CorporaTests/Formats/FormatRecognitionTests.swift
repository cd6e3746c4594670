import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct FormatRecognitionTests {
    @Test(arguments: [
        ("1 1:1 3:1\n0 2:1\n", "a", CorpusFormat.libSVM), ("1 1:1\n", "-", .libSVM),
        ("# note\n\n1\n3 qid:1 1:1\n", "a", .libSVM), ("1:1 2:1\n", "a.txt", .libSVM),
        ("2 0:1 1:2\n1 1:1\n", "a.dat", .ldaC), ("2 1:1 2:2\n3 1:1 2:1 3:1\n", "a", .ldaC),
        ("2 0:1 1:2\n1 1:1\n", "a.svm", .libSVM), ("1 0:1\n", "a.ldac", .ldaC), ("1 0:1\n", "a", .libSVM),
        ("2 1:1 2:1\n2 1:1 3:1\n", "a", .libSVM), ("3\n4\n1\n1 1 1\n", "docword.a.txt", .uci), ("3\n4\n0\n", "-", .uci),
        ("3\n4\n5\nsome words\n", "a.txt", .text), ("%%matrixmarket matrix", "a.txt", .matrixMarket),
        ("PK\u{3}\u{4}", "a", .npz), ("{\"text\": 1}\n", "a", .jsonLines), ("{ }\n", "a.txt", .jsonLines),
        ("a {json}\n", "a.txt", .text), ("label\ttext\n", "a.tsv", .tsv), ("a 1:1\tb\n", "a.tsv.gz", .tsv),
        ("words: and colons\n", "a.TXT.bz2", .text), ("x", "b.feat", .libSVM), ("", "b.mtx", .matrixMarket),
        ("at 10:30 we met\n", "a.txt", .text),
    ])
    func tellsFormatsApart(text: String, path: String, format: CorpusFormat) throws {
        let recognised = try Array(text.utf8).withUnsafeBytes {
            try FormatRecognition.format(path: path, content: $0)
        }
        #expect(recognised?.format == format, "\(String(describing: recognised))")
        #expect(recognised?.reason.isEmpty == false)
    }

    @Test func saysWhenItCannotTell() throws {
        let folder = try ScratchFolder()
        let path = try folder.write("just words\n", to: "unknown")
        expectBadData(saying: ["unknown:1:1:", "say which with format", "libsvm, matrix-market"]) {
            _ = try CorpusReader.read(path)
        }
    }

    @Test func readsEveryFormatAlike() throws {
        let folder = try ScratchFolder()
        let matrix = try CSRMatrix(
            rowCount: 3, columnCount: 3, rowOffsets: [0, 2, 3, 5], columnIndices: [0, 2, 1, 0, 1],
            values: [1, 2, 3, 4, 5])
        let corpus = Corpus(matrix: matrix, provenance: CorpusProvenance(format: "test"))
        try LibSVMWriter.write(corpus, to: folder.path("a"), indexBase: .zero)
        try MatrixMarketWriter.write(matrix, to: folder.path("b"))
        try SciPyWriter.write(matrix, to: folder.path("c"))
        try CorpusFileWriter.write(corpus, to: folder.path("d"))
        try folder.write("3\n3\n5\n1 1 1\n1 3 2\n2 2 3\n3 1 4\n3 2 5\n", to: "docword.e.txt")
        try folder.write("one\ntwo\nthree\n", to: "vocab.e.txt")
        try folder.write("2 0:1 2:2\n1 1:3\n2 0:4 1:5\n", to: "f")
        for (name, format) in [
            ("a", "libsvm"), ("b", "matrix-market"), ("c", "npz"), ("d", "corpus"), ("docword.e.txt", "uci"),
            ("f", "lda-c"),
        ] {
            let read = try CorpusReader.read(folder.path(name))
            #expect(read.matrix == matrix && read.provenance.format == format, "\(name): \(read.provenance)")
            #expect(read.provenance.formatReason != nil)
        }
        let words = try CorpusReader.read(folder.path("docword.e.txt"))
        #expect(words.vocabulary?.words == ["one", "two", "three"] && words.provenance.notes.count == 1)
    }

    @Test func widthsAreMadeToFit() throws {
        let folder = try ScratchFolder()
        let path = try folder.write(
            "%%MatrixMarket matrix coordinate real general\n2 3 2\n1 3 1\n2 1 1\n", to: "a.mtx")
        var options = CorpusReadingOptions()
        options.featureCount = 5
        #expect(try CorpusReader.read(path, options: options).featureCount == 5)
        options.featureCount = 2
        expectBadData(saying: ["a.mtx", "3 columns", "at most 2"]) {
            _ = try CorpusReader.read(path, options: options)
        }
        options.excessFeatures = .drop
        let narrow = try CorpusReader.read(path, options: options)
        #expect(narrow.matrix.dense == [[0, 0], [1, 0]] && narrow.provenance.excessFeaturesDropped == 1)
    }

    @Test func transposesBareMatrices() throws {
        let folder = try ScratchFolder()
        let path = try folder.write(
            "%%MatrixMarket matrix coordinate integer general\n3 2 2\n1 2 5\n3 1 7\n", to: "a.mtx")
        var options = CorpusReadingOptions()
        options.isTransposed = true
        #expect(try CorpusReader.read(path, options: options).matrix.dense == [[0, 0, 7], [5, 0, 0]])
        let labelled = try folder.write("1 1:1\n", to: "a.svm")
        expectBadData(saying: ["do not transpose it"]) { _ = try CorpusReader.read(labelled, options: options) }
    }

    @Test func columnsAreMatchedByWords() throws {
        let corpus = Corpus(
            matrix: try CSRMatrix(
                rowCount: 2, columnCount: 3, rowOffsets: [0, 3, 4], columnIndices: [0, 1, 2, 1], values: [1, 2, 3, 4]),
            labels: RowLabels(["x", nil]), vocabulary: Vocabulary(words: ["b", "unknown", "a"]),
            provenance: CorpusProvenance(format: "test"))
        let aligned = try corpus.aligned(to: Vocabulary(words: ["a", "b", "c", "d"]), name: "test")
        #expect(aligned.matrix.dense == [[3, 1, 0, 0], [0, 0, 0, 0]] && aligned.labels == corpus.labels)
        #expect(aligned.provenance.excessFeaturesDropped == 2 && aligned.vocabulary?.count == 4)
        let same = try corpus.aligned(to: Vocabulary(words: ["b", "unknown", "a", "more"]), name: "test")
        #expect(same.featureCount == 4 && same.provenance.excessFeaturesDropped == 0)
    }
}
