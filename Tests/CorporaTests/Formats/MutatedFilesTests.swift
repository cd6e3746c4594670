import FileIO
import Foundation
import SparseMatrices
import Testing

@testable import Corpora

/// Damaged files of every format become errors or other corpora, never crashes.
@Suite struct MutatedFilesTests {
    private func mutated(_ data: Data, _ generator: inout SplitMix) -> Data {
        var data = data
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !data.isEmpty {
            let place = Int.random(in: 0..<data.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: data[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: data[place] = [0x20, 0x0A, 0x30, 0x39, 0x2D, 0x3A].randomElement(using: &generator) ?? 0
            case 2: data.remove(at: place)
            default: data = data.prefix(max(1, place))
            }
        }
        return data
    }

    @Test(arguments: ["svm", "mtx", "npz", "safetensors", "txt", "ldac"]) func neverCrash(ending: String) throws {
        let folder = try ScratchFolder()
        let matrix = try CSRMatrix(
            rowCount: 4, columnCount: 5, rowOffsets: [0, 2, 2, 4, 5], columnIndices: [0, 4, 1, 2, 3],
            values: [1, 2, 3, 4, 5])
        let corpus = Corpus(
            matrix: matrix, labels: RowLabels(["1", "2", nil, "3"]), ids: ["a", "b", "", "d"],
            provenance: CorpusProvenance(format: "test"))
        let path = folder.path("docword.\(ending)")
        switch ending {
        case "txt": try folder.write("4\n5\n5\n1 1 1\n1 5 2\n3 2 3\n3 3 4\n4 4 5\n", to: "docword.txt")
        case "ldac": try folder.write("2 0:1 4:2\n0\n2 1:3 2:4\n1 3:5\n", to: "docword.ldac")
        case "svm", "mtx", "npz", "safetensors": try CorpusOutputFormat(path: path).write(corpus, to: path)
        default: return
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try CorpusReader.read(path).matrix == matrix)
        var generator = SplitMix(state: 11)
        var refused = 0
        for _ in 0..<400 {
            try folder.write(mutated(whole, &generator), to: "docword.\(ending)")
            do {
                let read = try CorpusReader.read(path, parallelism: .serial)
                read.matrix.withUnsafeView { view in
                    #expect(view.columnIndices.allSatisfy { $0 < view.columnCount })
                }
            } catch let error as FileError {
                refused += 1
                #expect(!error.description.isEmpty)
            }
        }
        #expect(refused > 50, "\(refused) of 400")
    }
}
