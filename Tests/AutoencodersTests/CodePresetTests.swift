import Autoencoders
import SparseMatrices
import Testing

@Suite struct CodePresetTests {
    @Test func widthsAreQuartered() {
        #expect(CodePreset.sparse.activation(width: 128).description == "topk:32")
        #expect(CodePreset.sparse.activation(width: 3).description == "topk:1")
        #expect(CodePreset.dense.activation(width: 128).description == "relu")
    }

    /// At most a quarter of the units is active on documents that were not learned from, and none is dead.
    @Test func sparseCodesAreSparseOnNewDocuments() throws {
        let planted = PlantedTopics()
        let rows = Array(0..<planted.matrix.rowCount)
        let learned = planted.matrix.rows(rows.filter { $0 % 5 != 0 })
        let new = planted.matrix.rows(rows.filter { $0 % 5 == 0 })
        let model = try trainSparseAutoencoder(
            on: learned, settings { $0.activation = CodePreset.sparse.activation(width: $0.latentWidth) })
        let codes = model.encoder.encode(new)
        var used = [Bool](repeating: false, count: 16)
        for row in 0..<new.rowCount {
            let active = (0..<16).filter { codes[row, $0] != 0 }
            #expect(active.count <= 4)
            for unit in active { used[unit] = true }
        }
        #expect(used.allSatisfy { $0 })
    }
}
