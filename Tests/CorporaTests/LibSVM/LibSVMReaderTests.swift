import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct LibSVMReaderTests {
    func expectSame(_ corpus: Corpus, _ reference: ReferenceLibSVM, _ trace: String) {
        #expect(corpus.matrix.rowCount == reference.rows.count, "\(trace)")
        #expect(corpus.matrix.columnCount == reference.columnCount, "\(trace)")
        for (row, expected) in reference.rows.enumerated() where row < corpus.matrix.rowCount {
            let (columns, values) = corpus.matrix.row(row)
            let sorted = expected.sorted { $0.key < $1.key }
            #expect(columns.map(Int.init) == sorted.map(\.key), "\(trace), row \(row)")
            #expect(values.map(\.bitPattern) == sorted.map(\.value.bitPattern), "\(trace), row \(row)")
        }
        let rows = corpus.matrix.rowCount
        #expect((0..<rows).map { corpus.labels?[$0] } == reference.labels, "\(trace)")
        #expect(corpus.ids ?? Array(repeating: "", count: rows) == reference.ids, "\(trace)")
        #expect(corpus.qids ?? Array(repeating: nil, count: rows) == reference.qids, "\(trace)")
        #expect(corpus.weights ?? Array(repeating: 1, count: rows) == reference.weights, "\(trace)")
        let provenance = corpus.provenance
        #expect(provenance.unsortedRows == reference.unsortedRows, "\(trace)")
        #expect(provenance.duplicatesMerged == reference.duplicates, "\(trace)")
        #expect(provenance.explicitZerosDropped == reference.zeros, "\(trace)")
        #expect(provenance.blankLines == reference.blankLines, "\(trace)")
        #expect(provenance.commentLines == reference.commentLines, "\(trace)")
        #expect(provenance.rowsWithoutFeatures == reference.rows.count { $0.isEmpty }, "\(trace)")
    }

    @Test func generatedFilesAgreeWithTheReference() throws {
        for seed in 0..<400 as Range<UInt64> {
            let text = generatedLibSVM(seed: seed)
            let reference = ReferenceLibSVM(text)
            var first: Corpus?
            for (blockSize, threads) in [(1 << 20, 1), (1, 2), (7, 5), (64, 1), (64, 2), (300, 5)] {
                let corpus = try LibSVMReader.read(text: text, blockSize: blockSize, threads: threads)
                if let first {
                    #expect(corpus == first, "seed \(seed), blocks of \(blockSize), \(threads) threads")
                } else {
                    expectSame(corpus, reference, "seed \(seed)")
                    first = corpus
                }
            }
            // What comes out holds the invariants that the parser promises without a check.
            if let matrix = first?.matrix {
                _ = try CSRMatrix(
                    rowCount: matrix.rowCount, columnCount: matrix.columnCount, rowOffsets: matrix.rowOffsets,
                    columnIndices: matrix.columnIndices, values: matrix.values)
            }
        }
    }

    @Test(arguments: [
        "", "\n", "\n\n", "# only a comment", "1", "1\n", "1 \t \n", "1 1:1", "1 1:1\n", "1 1:1\r\n", "1 1:1\r",
        "\t1\t1:1\t3:2\t\n",
        "1:1 2:1\n3:1\n", "1,4 1:1\n", "-1 qid:7 1:1 # id\n", "qid:7 1:1\n", "qid:7\n", "1#id\n", "1 1:1#id:5 \n",
        "1 1:1 #\n",
        "1 3:1 1:2\n", "1 1:1 1:2 1:4\n", "1 2:1 1:1 2:-1\n", "1 1:0 2:-0 3:5\n", "1 1:1e-3 2:.5 3:2. 4:-.5e+1\n",
        "0 0:1 4294967295:1\n", "1 0000000001:1 00000000000000000000002:1\n", "1\n\n2\n  \n3\n", "1 1:1\n2:1\n",
        "word 1:1\n",
        "über 1:1\n", "1 12345678:1 123456789:1\n", "1 1:3.4028235e38\n", "1 1:1e-60\n",
        "1 1:00000000000000000000000000001\n",
        "\u{FEFF}1 1:1\n", "\u{FEFF}1 1:1 2:2 3:3 4:4 5:5 6:6\n1 1:1 2:2 3:3 4:4 5:5\n",
    ])
    func accepts(_ text: String) throws {
        let plain = text.replacingOccurrences(of: "\u{FEFF}", with: "").replacingOccurrences(of: "\r", with: "")
        for blockSize in [1, 5, 1 << 20] {
            expectSame(
                try LibSVMReader.read(text: text, blockSize: blockSize), ReferenceLibSVM(plain), text.debugDescription)
        }
    }

    @Test func indexBaseIsDecidedOnceAndSaid() throws {
        let zero = try LibSVMReader.read(text: "1 1:1\n1 3:1\n1 0:1 2:1\n", blockSize: 4)
        #expect(zero.matrix.columnIndices == [1, 3, 0, 2])
        #expect(zero.provenance.indexBase == .zero)
        #expect(zero.provenance.indexBaseReason?.contains("line 3") == true)
        let one = try LibSVMReader.read(text: "1 1:1\n1 3:1\n")
        #expect(one.matrix.columnIndices == [0, 2])
        #expect(one.provenance.indexBase == .one)
        let asked = try LibSVMReader.read(text: "1 1:1\n1 3:1\n", options: LibSVMOptions(indexBase: .zero))
        #expect(asked.matrix.columnIndices == [1, 3])
        #expect(asked.matrix.columnCount == 4)
        // Unsorted rows with index 0, which is the one that does not fit below the assumed base.
        let unsorted = try LibSVMReader.read(text: "1 5:1 0:2 3:4 0:1\n")
        #expect(unsorted.matrix.columnIndices == [0, 3, 5])
        #expect(unsorted.matrix.values == [3, 4, 1])
    }

    @Test func excessFeatures() throws {
        let text = "1 1:1 3:1\n1 2:1 9:1 4:1\n# c\n1 4:1\n1 1:1 7:2 8:1\n"
        for blockSize in [1, 12, 1 << 20] {
            let options = LibSVMOptions(featureCount: 4, excessFeatures: .drop)
            let corpus = try LibSVMReader.read(text: text, options: options, blockSize: blockSize, threads: 2)
            #expect(corpus.matrix.columnCount == 4)
            #expect(corpus.matrix.rowOffsets == [0, 2, 4, 5, 6])
            #expect(corpus.matrix.columnIndices == [0, 2, 1, 3, 3, 0])
            #expect(corpus.provenance.excessFeaturesDropped == 3)
            let zeroBased = try LibSVMReader.read(text: "0 0:1\n" + text, options: options, blockSize: blockSize)
            #expect(zeroBased.matrix.rowOffsets == [0, 1, 3, 4, 4, 5])
            #expect(zeroBased.provenance.excessFeaturesDropped == 5)
            let wide = try LibSVMReader.read(text: text, options: LibSVMOptions(featureCount: 20), blockSize: blockSize)
            #expect(wide.matrix.columnCount == 20)
        }
    }

    @Test func labelWeights() throws {
        let options = LibSVMOptions(labelWeights: true)
        let text = "1:0.5 3:1\n2 1:1\n-1:2e1\nqid:4 1:1\n3:0 qid:2 1:1\n"
        let corpus = try LibSVMReader.read(text: text, options: options)
        expectSame(corpus, ReferenceLibSVM(text, options: options), "weights")
        #expect(corpus.weights == [0.5, 1, 20, 1, 0])
        #expect(try LibSVMReader.read(text: "1:0.5 3:1\n").labels == nil)
    }

    @Test func idsThatAreNotUTF8AreRepairedAndCounted() throws {
        let bytes = Array("1 1:1 # caf".utf8) + [0xE9, 0x0A]
        let corpus = try LibSVMReader.read(array: bytes)
        #expect(corpus.ids == ["caf\u{FFFD}"])
        #expect(corpus.provenance.idsRepaired == 1)
    }

    @Test func readsCompressedFiles() throws {
        let gzipped: [UInt8] = [
            0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x33, 0x54, 0x30, 0xB4, 0x32, 0x54,
            0x30, 0xB2, 0x32, 0xE6, 0xD2, 0x35, 0x54, 0x30, 0xB7, 0x32, 0xD0, 0x33, 0xE5, 0x02, 0x00, 0x7C,
            0x3A, 0xAA, 0xDE, 0x13, 0x00, 0x00, 0x00,
        ]
        let path = NSTemporaryDirectory() + "corpus-\(UUID().uuidString)"
        defer { unlink(path) }
        try Data(gzipped).write(to: URL(filePath: path))
        expectSame(try LibSVMReader.read(path: path), ReferenceLibSVM("1 1:1 2:3\n-1 7:0.5\n"), "gzip")
        try Data(gzipped.dropLast(3)).write(to: URL(filePath: path))
        #expect(throws: FileError.self) { try LibSVMReader.read(path: path) }
    }

    @Test func readsMappedFilesOfAnySize() throws {
        let path = NSTemporaryDirectory() + "corpus-\(UUID().uuidString).svm"
        defer { unlink(path) }
        for size in [0, 1, 4096, 8192] {
            var text = ""
            while text.utf8.count < size { text += "1 1:1 2:3\n" }
            text = String(text.prefix(size))
            if text.hasSuffix(":") { text += "1" }
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            expectSame(try LibSVMReader.read(path: path), ReferenceLibSVM(text), "\(size) bytes")
        }
    }
}
