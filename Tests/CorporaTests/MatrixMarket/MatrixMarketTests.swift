import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct MatrixMarketTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    func read(_ text: String, threads: Int = 2) throws -> Corpus {
        try Array(text.utf8).withUnsafeBytes {
            try MatrixMarketReader.read(bytes: $0, name: "test.mtx", parallelism: Parallelism(threads: threads))
        }
    }

    @Test func readsRealIntegerAndPattern() throws {
        let real = try read(
            "%%MatrixMarket matrix coordinate real general\n% a comment\n%\n\n"
                + "3 4 4\n1 2 1.5\n3 1 -2e0\n1 4 0.1\n3 3 3\n")
        #expect(real.matrix.dense == [[0, 1.5, 0, 0.1], [0, 0, 0, 0], [-2, 0, 3, 0]])
        #expect(real.provenance.format == "matrix-market" && real.provenance.rowsWithoutFeatures == 1)
        #expect(real.provenance.warnings == [])
        let integer = try read("%%matrixmarket MATRIX Coordinate Integer General\r\n1 2 1\r\n1 2 -7\r\n")
        #expect(integer.matrix.dense == [[0, -7]])
        let pattern = try read("%%MatrixMarket matrix coordinate pattern general\n2 2 2\n 2  1 \n\t1 1")
        #expect(pattern.matrix.dense == [[1, 0], [1, 0]])
    }

    @Test func mirrorsSymmetricMatrices() throws {
        let symmetric = try read("%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n2 1 5\n3 3 1\n3 2 2\n")
        #expect(symmetric.matrix.dense == [[0, 5, 0], [5, 0, 2], [0, 2, 1]])
        let skew = try read("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 5\n")
        #expect(skew.matrix.dense == [[0, -5], [5, 0]])
    }

    @Test func sortsMergesAndDropsAndSaysSo() throws {
        let corpus = try read(
            "%%MatrixMarket matrix coordinate integer general\n2 3 6\n1 3 1\n1 1 2\n1 3 4\n2 2 0\n2 3 1\n2 3 -1\n")
        #expect(corpus.matrix.dense == [[2, 0, 5], [0, 0, 0]])
        #expect(corpus.matrix.entryCount == 2)
        #expect(corpus.provenance.duplicatesMerged == 2 && corpus.provenance.unsortedRows == 1)
        #expect(corpus.provenance.explicitZerosDropped == 2 && corpus.provenance.warnings.count == 3)
    }

    @Test(arguments: [
        ("3 3 1\n4 1 1\n", [":3:1:", "row \"4\"", "from 1 to 3"]),
        ("3 3 1\n1 4 1\n", [":3:3:", "column \"4\"", "from 1 to 3"]),
        ("3 3 1\n0 1 1\n", [":3:1:", "row \"0\""]),
        ("3 3 1\n1 99999999999999999999 1\n", [":3:3:", "column"]),
        ("3 3 1\n1 -1 1\n", [":3:3:", "\"-1\""]),
        ("3 3 2\n1 1 1\n", [":4:1:", "after 1 entries", "2 entries"]),
        ("3 3 1\n1 1 1\n\n2 2 2\n", [":5:1:", "one more entry", "1 entries"]),
        ("3 3 1\n1 1\n", [":3:4:", "the end of the line", "a value"]),
        ("3 3 1\n1 1 x\n", [":3:5:", "\"x\""]),
        ("3 3 1\n1 1 nan\n", [":3:5:", "finite"]),
        ("3 3 1\n1 1 1e99\n", [":3:5:", "finite"]),
        ("3 3 1\n1 1 1 1\n", [":3:7:", "after the entry"]),
        ("3 3\n", [":2:1:", "three whole numbers"]),
        ("", [":1:1:", "cut short"]),
        ("3 -3 0\n", [":2:1:"]),
        ("0 0 1\n1 1 1\n", [":3:1:", "there are 0"]),
        ("4000000000 1 0\n", ["4000000000 rows", "memory"]),
        ("5000000000 1 0\n", [":2:1:", "at most"]),
    ])
    func refusesWhatDoesNotFit(body: String, parts: [String]) {
        expectBadData(saying: ["test.mtx"] + parts) {
            _ = try read("%%MatrixMarket matrix coordinate real general\n" + body)
        }
    }

    @Test(arguments: [
        ("%%MatrixMarket matrix table real general\n1 1\n1\n", ["table", "coordinate or array"]),
        ("%%MatrixMarket matrix array pattern general\n1 1\n1\n", ["pattern", "integer or unsigned-integer"]),
        ("%%MatrixMarket matrix coordinate complex general\n1 1 0\n", ["complex"]),
        ("%%MatrixMarket matrix coordinate real hermitian\n1 1 0\n", ["hermitian"]),
        ("%%MatrixMarket vector coordinate real general\n1 1 0\n", ["vector"]),
        ("%%MatrixMarket matrix coordinate real\n1 1 0\n", ["the end of the line"]),
        ("%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n", ["2 × 3", "symmetric"]),
        ("%%MatrixMarket matrix coordinate pattern general\n2 3 1\n1 1 1\n", [":3:5:", "pattern"]),
        ("%%MatrixMarket matrix coordinate integer general\n2 3 1\n1 1 1.5\n", [":3:5:", "whole number"]),
        ("%%MatrixMarket matrix coordinate real general\n1 1 2\n1 1 3e38\n1 1 3e38\n", ["row 1, column 1", "sum"]),
    ])
    func refusesOtherKinds(text: String, parts: [String]) {
        expectBadData(saying: parts) { _ = try read(text) }
    }

    @Test func blocksAndThreadsDoNotMatter() throws {
        var generator = SplitMix(state: 7)
        var body = ""
        for _ in 0..<500 {
            body += "\(Int.random(in: 1...20, using: &generator)) \(Int.random(in: 1...15, using: &generator)) "
            body += "\(generatedNumber(&generator))\n"
        }
        let text = Array(body.utf8)
        func entries(blockSize: Int, threads: Int) throws -> Corpus {
            let parallelism = Parallelism(threads: threads)
            var lines = TripletLines(
                rowCount: 20, columnCount: 15, entryCount: 500, hasValues: true, hasWholeValues: false, rowName: "row",
                columnName: "column", commentMark: nil, linesBefore: 0)
            lines.blockSize = blockSize
            var parsing = TripletParsing(lines, name: "test")
            let pieces = try text.withUnsafeBufferPointer { try parsing.parse($0, parallelism: parallelism) }
            try parsing.requireAll()
            return try Corpus(
                CoordinatePiece.rowMajor(pieces, rowCount: 20, columnCount: 15),
                provenance: CorpusProvenance(format: "test"), name: "test", parallelism: parallelism)
        }
        let reference = try entries(blockSize: 1 << 20, threads: 1)
        #expect(reference.provenance.duplicatesMerged > 0)
        for (blockSize, threads) in [(1, 2), (16, 5), (100, 3)] {
            #expect(try entries(blockSize: blockSize, threads: threads) == reference)
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func whatIsWrittenIsReadBack(seed: UInt64) throws {
        let matrix = try generatedMatrix(seed: seed)
        let path = folder.path("m.mtx")
        try MatrixMarketWriter.write(matrix, to: path)
        #expect(try MatrixMarketReader.read(path: path).matrix == matrix)
    }

    @Test func wholeNumbersAreWrittenAsIntegers() throws {
        let matrix = try CSRMatrix(
            rowCount: 2, columnCount: 3, rowOffsets: [0, 1, 2], columnIndices: [2, 0], values: [3, -1])
        try MatrixMarketWriter.write(matrix, to: folder.path("m.mtx"))
        let text = try String(contentsOfFile: folder.path("m.mtx"), encoding: .utf8)
        #expect(text == "%%MatrixMarket matrix coordinate integer general\n2 3 2\n1 3 3\n2 1 -1\n")
    }
}
