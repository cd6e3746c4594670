import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

/// Tables with commas, fastText's and MALLET's lines, arrays of JSON, and folders of 10x Genomics.
@Suite struct TextTablesTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Reads in blocks of several sizes, which have to agree.
    private func read(
        _ text: String, _ name: String, _ options: CorpusReadingOptions = CorpusReadingOptions()
    ) throws -> Corpus {
        let path = try folder.write(text, to: name)
        let whole = try CorpusReader.read(path, options: options)
        for size in [1, 7, 30] {
            var options = options
            options.textInput.blockSize = size
            let again = try CorpusReader.read(path, options: options, parallelism: Parallelism(threads: 2))
            #expect(again == whole, "blocks of \(size)")
            let out = folder.path("out.safetensors")
            let imported = try CorpusReader.importCorpus([path], to: out, options: options)
            #expect(imported.fingerprint == whole.fingerprint && imported.ids == whole.ids)
            options.isForModel = true
            options.knownWords = whole.vocabulary
            options.featureCount = whole.featureCount
            options.pieceRows = 2
            let pieces = try CorpusPieces(path, options: options)
            var (rows, labels) = (0, [String?]())
            while let piece = try pieces.next() {
                rows += piece.rowCount
                labels += (0..<piece.rowCount).map { piece.labels?[$0] }
            }
            #expect(rows == whole.rowCount && labels == (0..<rows).map { whole.labels?[$0] })
        }
        return whole
    }

    private func words(_ corpus: Corpus, row: Int) -> [String: Float] {
        let (columns, values) = corpus.matrix.row(row)
        return Dictionary(
            uniqueKeysWithValues: zip(columns, values).map { (corpus.vocabulary?[Int($0)] ?? "", $1) })
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
        }
    }

    @Test func commaSeparatedTexts() throws {
        let text = """
            id,label,text\r
            a,sky,the sun rises\r
            b,"oven, hot","bake ""the"" bread
            until it is brown, they say"\r

            c,,"sea"\r
            """
        let corpus = try read(text, "a.csv")
        #expect(corpus.ids == ["a", "b", "c"])
        #expect((0..<3).map { corpus.labels?[$0] } == ["sky", "oven, hot", nil])
        #expect(words(corpus, row: 1)["bread"] == 1 && words(corpus, row: 1)["they"] == 1)
        #expect(words(corpus, row: 2) == ["sea": 1])
        #expect(corpus.provenance.blankLines == 1 && corpus.provenance.formatReason == "its name ends in .csv")
        let chosen = try read(
            text, "a.csv", table(TableColumns(label: "1", texts: ["text", "label"], hasHeader: true)))
        #expect(chosen.labels?[0] == "a" && words(chosen, row: 0)["sky"] == 1)
        let bare = try read("x;one two\ny;three\n", "b.csv", table(TableColumns(label: "1", texts: ["2"])))
        #expect(bare.labels?[1] == "y" && bare.provenance.notes.contains { $0.description.contains("semicolons") })
        #expect(try read("5\" pipe,good\n", "c.csv", table(TableColumns(texts: ["1"]))).rowCount == 1)
        #expect(try read("one text\nanother one\n", "d.csv").rowCount == 2)
    }

    @Test func damagedCommaSeparatedTexts() throws {
        try expectRefused("text,label\nthe sun,sky\nsea\n", "a.csv", ["a.csv:3:1", "1 field", "2, as on the first"])
        try expectRefused("text\nfine\n\"the \"\"sun\n", "a.csv", ["a.csv:3:1", "without a closing quote"])
        try expectRefused("text,x\n\"a\nb\" c,1\n", "a.csv", ["a.csv:3:3", "after a closing quote"])
        try expectRefused("name,body\nx,some words\n", "a.csv", ["a.csv:1:1", "name, body", "textColumn"])
        var skipping = CorpusReadingOptions()
        skipping.textInput.skipBadLines = true
        let skipped = try read("text,label\nthe sun,sky\nsea\nmoon,sky\n", "b.csv", skipping)
        #expect(skipped.rowCount == 2 && skipped.provenance.text?.badLinesSkipped == 1)
    }

    @Test func fastText() throws {
        let text = "__label__sky the sun rises\n__label__a __label__b\tbread\n__label__none\n"
        let corpus = try read(text, "train.txt")
        #expect(corpus.labels?.labels(ofRow: 1) == ["a", "b"] && words(corpus, row: 1) == ["bread": 1])
        #expect(corpus.rowCount == 3 && corpus.provenance.format == "fasttext")
        #expect(try read(text + "no label here\n", "b.ft").labels?[3] == nil)
        try expectRefused("__label__a x\n__label__ y\n", "c.ft", ["c.ft:2:1", "without a name"])
    }

    @Test func mallet() throws {
        let corpus = try read("d1 sky the sun rises\n d2\toven  bread \n\nd3 sky\n", "a.mallet")
        #expect(corpus.ids == ["d1", "d2", "d3"] && corpus.labels?[1] == "oven")
        #expect(words(corpus, row: 1) == ["bread": 1] && corpus.provenance.blankLines == 1)
        try expectRefused("d1 sky words\nd2\n", "b.mallet", ["b.mallet:2:3", "1 field"])
    }

    @Test func arraysOfJSON() throws {
        let text = """
            [
              {"id": "a", "text": "the sun, [rises] \\"high\\"", "label": "sky"},
              {"text": "bread", "label": ["x", "y"], "other": [1, {"k": "]"}]},
              {"id": 7,
               "text": "sea"}
            ]

            """
        let corpus = try read(text, "a.json")
        #expect(corpus.ids == ["a", "", "7"] && corpus.labels?.labels(ofRow: 1) == ["x", "y"])
        #expect(words(corpus, row: 0) == ["the": 1, "sun": 1, "rises": 1, "high": 1])
        #expect(corpus.provenance.format == "json")
        #expect(try read("\u{FEFF}[{\"text\":\"a word\"},{\"text\":\"b word\"}]", "b.json").rowCount == 2)
        try expectRefused("[\n{\"text\":\"one\"},\n", "c.json", ["c.json:3:1", "end of the file"])
        try expectRefused("[\n{\"text\":\"one\"},\n{\"texts\":1}]\n", "c.json", ["c.json:3:1", "without \"text\""])
        try expectRefused("[\n{\"text\":\"one\"},\n]\n", "c.json", ["c.json:3:1"])
        try expectRefused("[\n{\"text\":\"one\"}\n]\nmore\n", "c.json", ["c.json:4:1", "after the array"])
    }

    @Test func foldersOf10xGenomics() throws {
        for (features, isOld) in [("features.tsv", false), ("genes.tsv", true)] {
            let path = folder.path("cells\(isOld)")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let name = "cells\(isOld)"
            try folder.write(
                "%%MatrixMarket matrix coordinate integer general\n3 2 3\n1 1 5\n3 1 2\n2 2 1\n",
                to: "\(name)/matrix.mtx")
            try folder.write("AAA-1\nCCC-1\n", to: "\(name)/barcodes.tsv")
            let kind = isOld ? "" : "\tGene Expression"
            try folder.write("E1\tone\(kind)\nE2\ttwin\(kind)\nE3\ttwin\(kind)\n", to: "\(name)/\(features)")
            let corpus = try CorpusReader.read(path)
            #expect(corpus.ids == ["AAA-1", "CCC-1"] && corpus.vocabulary?.words == ["one", "twin (E2)", "twin (E3)"])
            #expect(words(corpus, row: 0) == ["one": 5, "twin (E3)": 2])
            #expect(corpus.provenance.format == "10x" && corpus.provenance.isTransposed)
            let out = folder.path("out.safetensors")
            #expect(try CorpusReader.importCorpus([path], to: out).matrix == corpus.matrix)
            #expect(try CorpusReader.read(out).ids == corpus.ids)
            try folder.write("AAA-1\n", to: "\(name)/barcodes.tsv")
            expectBadData(saying: ["barcodes.tsv:2:1", "1 lines", "2, one for each"]) {
                _ = try CorpusReader.read(path)
            }
        }
    }
}
