import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora
@testable import TensorFiles

@Suite struct CorpusFileTests {
    let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    func sample() throws -> Corpus {
        var provenance = CorpusProvenance(format: "libsvm", indexBase: .one, indexBaseReason: "counted from 1")
        provenance.duplicatesMerged = 3
        provenance.sources = ["a.svm"]
        return Corpus(
            matrix: try CSRMatrix(
                rowCount: 4, columnCount: 3, rowOffsets: [0, 2, 2, 3, 4], columnIndices: [0, 2, 1, 1],
                values: [1, 2.5, -3, 4]),
            labels: RowLabels(sets: [["a"], [], ["Arts, Crafts", "", "\\"], ["back\\slash\nline\r"]]),
            ids: ["one", "", "\\N", "ä\tö"],
            qids: [1, nil, -5, 7], weights: [1, 0.5, 2, 1], vocabulary: Vocabulary(words: ["x", "new york", "\\"]),
            provenance: provenance)
    }

    func write(_ corpus: Corpus) throws -> String {
        try CorpusFileWriter.write(corpus, to: folder.path("c.safetensors"))
        return folder.path("c.safetensors")
    }

    @Test func keepsEverything() throws {
        let corpus = try sample()
        let read = try CorpusFile.open(path: try write(corpus))
        #expect(read.matrix == corpus.matrix && read.labels == corpus.labels && read.ids == corpus.ids)
        #expect(read.qids == corpus.qids && read.weights == corpus.weights && read.vocabulary == corpus.vocabulary)
        #expect(read.provenance.format == "corpus" && read.provenance.origin == "libsvm")
        #expect(read.provenance.indexBase == .one && read.provenance.duplicatesMerged == 3)
        #expect(read.provenance.sources == ["a.svm"])
        // Written again it is the same file.
        try CorpusFileWriter.write(read, to: folder.path("again.safetensors"))
        let bytes = try ["c", "again"].map { try Data(contentsOf: folder.url.appending(path: "\($0).safetensors")) }
        #expect(bytes[0] == bytes[1])
    }

    @Test(arguments: 0..<10 as Range<UInt64>) func keepsGeneratedMatrices(seed: UInt64) throws {
        let corpus = Corpus(matrix: try generatedMatrix(seed: seed), provenance: CorpusProvenance(format: "test"))
        let read = try CorpusFile.open(path: try write(corpus))
        #expect(read.matrix == corpus.matrix && read.labels == nil && read.ids == nil && read.vocabulary == nil)
    }

    @Test func partsAreWrittenOneAfterAnother() throws {
        let corpus = try sample()
        let writer = try CorpusFileWriter(path: folder.path("parts.safetensors"))
        let bare = Corpus(matrix: corpus.matrix.rows([1, 0]), provenance: corpus.provenance)
        for part in [corpus, bare] { try writer.append(part) }
        try writer.finish(vocabulary: corpus.vocabulary, provenance: corpus.provenance)
        let read = try CorpusFile.open(path: folder.path("parts.safetensors"))
        #expect(read.matrix == corpus.matrix.rows([0, 1, 2, 3, 1, 0]))
        #expect(read.labels?[4] == nil && read.labels?[0] == "a" && read.ids?[4] == "" && read.weights?[5] == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["parts.safetensors"])
    }

    /// The file with tensors or metadata replaced.
    func forged(
        offsets: [Int] = [0, 2, 2, 3, 4], columns: [UInt32] = [0, 2, 1, 1], values: [Float] = [1, 2.5, -3, 4],
        width: String = "3", labels: String = "a\nb\nc\nd\n"
    ) throws -> String {
        let file = try SafetensorsWriter(
            path: folder.path("forged.safetensors"),
            tensors: [
                TensorDescription(name: "row_offsets", type: .int64, shape: [offsets.count]),
                TensorDescription(name: "column_indices", type: .uint32, shape: [columns.count]),
                TensorDescription(name: "values", type: .float32, shape: [values.count]),
                TensorDescription(name: "labels", type: .uint8, shape: [labels.utf8.count]),
            ], metadata: ["format": "gossamer-corpus-1", "columns": width])
        try file.write(offsets, to: "row_offsets")
        try file.write(columns, to: "column_indices")
        try file.write(values, to: "values")
        try file.write(Array(labels.utf8), to: "labels")
        try file.commit()
        return folder.path("forged.safetensors")
    }

    @Test func refusesWhatDoesNotFitTogetherWhenOpened() throws {
        func expect(_ parts: [String], _ path: String) {
            expectBadData(saying: ["forged.safetensors"] + parts) { _ = try CorpusFile.open(path: path) }
        }
        #expect(try CorpusFile.open(path: try forged()).rowCount == 4)
        expect(["row offsets"], try forged(offsets: [0, 2, 1, 3, 4]))
        expect(["row offsets"], try forged(offsets: [1, 2, 2, 3, 4]))
        expect(["row offsets"], try forged(offsets: [0, 2, 2, 3, 400]))
        expect(["row offsets"], try forged(offsets: [0, 2, -2, 3, 4]))
        expect(["row offsets"], try forged(offsets: [0, 2, 2, 3, 3]))
        expect(["'labels'"], try forged(offsets: [0, 4]))
        expect(["row_offsets"], try forged(offsets: []))
        expect(["values"], try forged(values: [1]))
        expect(["columns"], try forged(width: "-1"))
        expect(["'labels'"], try forged(labels: "a\nb\nc\nd"))
        expect(["'labels'"], try forged(labels: "a\nb\nc\n\\x\n"))
        expect(["'labels'"], try forged(labels: "a\n"))
        // Escaped commas stand between labels only where the file says so; both routes hold to that.
        let escaped = try forged(labels: "a\\,b\nb\nc\nd\n")
        expect(["'labels'"], escaped)
        var options = CorpusReadingOptions(libSVM: LibSVMOptions(featureCount: 3))
        options.isForModel = true
        expectBadData(saying: ["forged.safetensors", "'labels'"]) { _ = try CorpusPieces(escaped, options: options) }
    }

    @Test func refusesWrongEntriesBeforeTheyAreUsed() throws {
        func expect(_ parts: [String], _ path: String) throws {
            let corpus = try CorpusFile.open(path: path)
            expectBadData(saying: ["forged.safetensors"] + parts) {
                try CorpusFile.validateEntries(of: corpus, path: path)
            }
            expectBadData(saying: ["forged.safetensors"] + parts) { _ = try CorpusReader.read(path) }
        }
        try expect(["row 0 has column 3", "3 columns"], try forged(columns: [0, 3, 1, 1]))
        try expect(["row 0 has column 4294967295"], try forged(columns: [0, .max, 1, 1]))
        try expect(["row 0", "strictly rise"], try forged(columns: [2, 0, 1, 1]))
        try expect(["row 0", "strictly rise"], try forged(columns: [1, 1, 1, 1]))
        try expect(["row 2", "not finite"], try forged(values: [1, 1, .nan, 1]))
    }

    @Test func unvalidatedEntriesStopTheProgram() async throws {
        await #expect(processExitsWith: .failure) {
            let offsets = [0, 1]
            let columns: [UInt32] = [7]
            let matrix = try offsets.withUnsafeBufferPointer { offsets in
                try columns.withUnsafeBufferPointer { columns in
                    try [Float(1)].withUnsafeBufferPointer { values in
                        try CSRMatrix(
                            rowCount: 1, columnCount: 2, rowOffsets: offsets, columnIndices: columns, values: values,
                            validatingEntriesLaterOf: Owner())
                    }
                }
            }
            _ = matrix.row(0)
        }
    }

    @Test func refusesCutAndForeignFiles() throws {
        let path = try write(try sample())
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        for length in stride(from: 0, to: data.count, by: 37) {
            let cut = try folder.write(data.prefix(length), to: "cut.safetensors")
            expectBadData(saying: ["cut.safetensors"]) { _ = try CorpusFile.open(path: cut) }
        }
        let file = try SafetensorsWriter(path: folder.path("other.safetensors"), tensors: [])
        try file.commit()
        expectBadData(saying: ["another kind"]) { _ = try CorpusFile.open(path: folder.path("other.safetensors")) }
    }
}

private final class Owner: Sendable {}
