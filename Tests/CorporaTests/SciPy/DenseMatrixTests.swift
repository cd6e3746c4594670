import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

/// Files of SciPy and NumPy must be read as SciPy and NumPy read them; `Fixtures/make-matrices.py` tells how.
@Suite struct DenseMatrixTests {
    struct Fixture: Decodable, CustomTestStringConvertible {
        let name: String
        let content: Data
        let shape: [Int]
        let rows: [[Float]]
        let rounded: Int

        var testDescription: String { name }
    }

    static let fixtures: [Fixture] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/matrices.json")
        do {
            return try JSONDecoder().decode([Fixture].self, from: Data(contentsOf: file))
        } catch {
            preconditionFailure("\(file.path): \(error)")
        }
    }()

    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    /// Every way to take rows gives the same.
    private func requireSame(_ path: String, _ expected: CSRMatrix) throws {
        let out = folder.path("out.safetensors")
        for size in [1, 16, 1 << 25] {
            var options = CorpusReadingOptions()
            options.pieceSize = size
            #expect(try CorpusReader.importCorpus([path], to: out, options: options).matrix == expected)
            options.isForModel = true
            options.featureCount = expected.columnCount
            options.pieceRows = 3
            let pieces = try CorpusPieces(path, options: options)
            var parts: [CSRMatrix] = []
            while let piece = try pieces.next() { parts.append(piece.matrix) }
            #expect(CSRMatrix(stacking: parts, columnCount: expected.columnCount) == expected)
        }
        guard expected.columnCount > 0 else { return }
        var options = CorpusReadingOptions()
        options.isTransposed = true
        #expect(try CorpusReader.read(path, options: options).matrix == expected.transposed())
        #expect(
            try CorpusReader.importCorpus([path], to: out, options: options).matrix == expected.transposed())
    }

    @Test(arguments: fixtures) func readsWhatOthersWrote(fixture: Fixture) throws {
        let path = try folder.write(fixture.content, to: fixture.name)
        guard fixture.shape[0] > 0 else {
            expectBadData(saying: [fixture.name, "no documents"]) { _ = try CorpusReader.read(path) }
            return
        }
        let corpus = try CorpusReader.read(path)
        #expect([corpus.rowCount, corpus.featureCount] == fixture.shape)
        #expect(corpus.matrix.dense == fixture.rows)
        #expect(corpus.matrix.entryCount == fixture.rows.joined().count { $0 != 0 })
        // Of fractions in text none is exact, which is not counted; of diagonals also what lies outside of the matrix is.
        if !fixture.name.hasSuffix(".mtx"), !fixture.name.hasPrefix("dia-of") {
            #expect(corpus.provenance.valuesRounded == fixture.rounded)
        }
        try requireSame(path, corpus.matrix)
        // The content tells the format if the name does not.
        let unnamed = try folder.write(fixture.content, to: "unnamed")
        #expect(try CorpusReader.read(unnamed).matrix == corpus.matrix)
    }

    @Test func compressedArraysAreRead() throws {
        for fixture in Self.fixtures where ["f8-C.npy", "f8-F.npy", "general.mtx"].contains(fixture.name) {
            let path = try folder.write(fixture.content, to: fixture.name)
            let packed = Process()
            packed.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            packed.arguments = ["gzip", "-k", path]
            try packed.run()
            packed.waitUntilExit()
            let corpus = try CorpusReader.read(path + ".gz")
            #expect(corpus.matrix.dense == fixture.rows)
            try requireSame(path + ".gz", corpus.matrix)
        }
    }

    /// An array file of version 1.
    private func array(_ type: String, _ shape: String, _ content: [UInt8], order: String = "False") -> Data {
        let text = Array("{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n".utf8)
        return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count), 0] + text + content)
    }

    private func floats(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    }

    @Test func refusesArraysThatAreNoMatrices() throws {
        func refuse(_ data: Data, _ parts: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
            let path = try folder.write(data, to: "a.npy")
            expectBadData(saying: ["a.npy"] + parts, sourceLocation: sourceLocation) {
                _ = try CorpusReader.read(path)
            }
            expectBadData(saying: ["a.npy"], sourceLocation: sourceLocation) {
                _ = try CorpusReader.importCorpus([path], to: folder.path("out.safetensors"))
            }
        }
        try refuse(array("<f4", "(2,)", floats([1, 2])), ["shape (2)", "two dimensions", "reshape"])
        try refuse(array("<f4", "(1, 1, 2)", floats([1, 2])), ["shape (1, 1, 2)"])
        try refuse(array("<c8", "(1, 1)", floats([1, 2])), ["<c8", "real numbers"])
        try refuse(array("<f16", "(1, 1)", floats([1, 2, 3, 4])), ["<f16", "astype"])
        try refuse(array("|O", "(1, 1)", floats([1, 2])), ["pickled"])
        try refuse(array("<f4", "(2, 2)", floats([1, 2, 3])), ["12 bytes", "16 for"])
        try refuse(array("<f4", "(2, 2)", floats([1, 2, 3, 4, 5])), ["20 bytes", "16 for"])
        let inf = Float.infinity
        for order in ["False", "True"] {
            try refuse(
                array("<f4", "(2, 2)", floats([1, 2, 3, .nan]), order: order), ["row 2, column 2", "not finite"])
        }
        try refuse(array("<f4", "(2, 3)", floats([1, 2, 3, 4, inf, .nan])), ["row 2, column 2"])
        try refuse(array("<f4", "(2, 3)", floats([1, inf, 3, 4, .nan, 0]), order: "True"), ["row 1, column 3"])
        try refuse(array("<f8", "(1, 1)", [0, 0, 0, 0, 0, 0, 0xE0, 0x7F]), ["row 1, column 1", "3.4028235e38"])
        try refuse(array("<f4", "(4000000000, 0)", []), ["4000000000 rows", "memory"])
        try refuse(array("<f4", "(0, 4000000000)", []), ["row of 4000000000", "memory"])
        try refuse(array("<f4", "(4000000000, 4000000000)", []), ["2^63"])
        try refuse(Data([0x93] + Array("NUMPY".utf8) + [1, 0, 200, 0] + Array("{'descr'".utf8)), ["header"])
    }

    @Test func valuesTooSmallForFloatsAreCounted() throws {
        let tiny = withUnsafeBytes(of: (1e-60).bitPattern.littleEndian) { Array($0) }
        for name in ["False", "True"] {
            let corpus = try CorpusReader.read(
                folder.write(array("<f8", "(1, 2)", tiny + [0, 0, 0, 0, 0, 0, 0, 0], order: name), to: "a.npy"))
            #expect(corpus.matrix.entryCount == 0)
            #expect(corpus.provenance.explicitZerosDropped == 1 && corpus.provenance.valuesRounded == 1)
        }
        let text = "%%MatrixMarket matrix array real general\n1 4\n0\n1e-60\n-0.0e9\n2\n"
        let corpus = try CorpusReader.read(folder.write(text, to: "a.mtx"))
        #expect(corpus.matrix.dense == [[0, 0, 0, 2]] && corpus.provenance.explicitZerosDropped == 1)
    }

    @Test(arguments: [
        ("general\n2 2\n1\n2\n3\n", [":6:1:", "after 3 entries", "4 entries"]),
        ("general\n2 2\n1\n2\n\n3\n4\n5\n", [":8:1:", "one more entry"]),
        ("general\n2 2\n1\nx\n3\n4\n", [":4:1:", "\"x\"", "finite number"]),
        ("general\n2 2\n1\nnan\n3\n4\n", [":4:1:", "finite number"]),
        ("general\n2 2\n1\n2 3\n3\n4\n", [":4:3:", "an entry a line"]),
        ("general\n2 2 4\n1\n2\n3\n4\n", [":2:1:", "two whole numbers"]),
        ("general\n4000000000 4000000000\n1\n", ["memory"]),
        ("general\n1 4000000000\n1\n", [":4:1:", "4000000000 entries"]),
        ("symmetric\n2 3\n1\n2\n3\n", ["2 × 3"]),
        ("symmetric\n2 2\n1\n2\n", [":5:1:", "3 entries"]),
        ("skew-symmetric\n2 2\n1\n2\n", [":4:1:", "one more entry"]),
        ("skew-symmetric\n0 0\n", ["no documents"]),
    ])
    func refusesArraysAsText(body: String, parts: [String]) throws {
        let path = try folder.write("%%MatrixMarket matrix array real \(body)", to: "a.mtx")
        expectBadData(saying: ["a.mtx"] + parts) { _ = try CorpusReader.read(path) }
        expectBadData(saying: ["a.mtx"] + parts) {
            _ = try CorpusReader.importCorpus([path], to: folder.path("out.safetensors"))
        }
    }
}
