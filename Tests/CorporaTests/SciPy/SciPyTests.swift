import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct SciPyTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    func read(_ data: Data) throws -> Corpus { try SciPyReader.read(path: try folder.write(data, to: "m.npz")) }

    @Test func readsWhatSciPyWrote() throws {
        let dense: [[Float]] = [[0, 1.5, 0, 0.1], [0, 0, 0, 0], [-2, 0, 3, 0]]
        let double = try read(SciPyFixtures.csrDoubleCompressed)
        #expect(double.matrix.dense == dense)
        // 0.1 as a Double is not a Float.
        #expect(double.provenance.valuesRounded == 1 && double.provenance.warnings.count == 1)
        let float = try read(SciPyFixtures.csrFloatStored)
        #expect(float.matrix == double.matrix && float.provenance.valuesRounded == 0)
        #expect(try read(SciPyFixtures.cscInt64).matrix.dense == [[0, 7, 0], [1, 0, 2]])
        let coordinates = try read(SciPyFixtures.cooInt32)
        #expect(coordinates.matrix.dense == [[2, 0, 0], [8, 0, 5]] && coordinates.matrix.entryCount == 3)
        #expect(coordinates.provenance.duplicatesMerged == 1 && coordinates.provenance.explicitZerosDropped == 1)
    }

    @Test func refusesPickledObjects() {
        expectBadData(saying: ["m.npz", "'data'", "pickled"]) { _ = try read(SciPyFixtures.pickled) }
    }

    @Test func refusesOtherTypesAndShapes() throws {
        expectBadData(saying: ["'data'", "<c16"]) { _ = try read(SciPyFixtures.complexData) }
        expectBadData(saying: ["'indices'", "2 at position 0", "0 to 1"]) {
            _ = try read(SciPyFixtures.columnOutOfRange)
        }
        expectBadData(saying: ["'indptr'", "position 1"]) { _ = try read(SciPyFixtures.fallingOffsets) }
        expectBadData(saying: ["'indices'", "<f8", "whole numbers"]) { _ = try read(SciPyFixtures.floatIndices) }
        #expect(try read(SciPyFixtures.denseArray).matrix.entryCount > 0)
        expectBadData(saying: ["'data'", "position 1", "finite"]) { _ = try read(SciPyFixtures.notANumber) }
        #expect(try read(SciPyFixtures.blockMatrix).matrix.entryCount > 0)
    }

    @Test func refusesDamagedFiles() {
        expectBadData(saying: ["m.npz", "zip"]) { _ = try read(SciPyFixtures.csrFloatStored.dropLast(300)) }
        var altered = SciPyFixtures.csrDoubleCompressed
        if let place = altered.firstRange(of: Data("data.npy".utf8))?.upperBound { altered[place + 12] ^= 0xFF }
        expectBadData(saying: ["m.npz"]) { _ = try read(altered) }
        expectBadData(saying: ["m.npz"]) { _ = try read(Data("PK\u{3}\u{4}".utf8)) }
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func whatIsWrittenIsReadBack(seed: UInt64) throws {
        let matrix = try generatedMatrix(seed: seed)
        let path = folder.path("m.npz")
        try SciPyWriter.write(matrix, to: path)
        let corpus = try SciPyReader.read(path: path)
        #expect(corpus.matrix == matrix && corpus.provenance.warnings.isEmpty)
    }
}
