import Autoencoders
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct HeldOutBoundTests {
    func model() throws -> VariationalAutoencoder {
        var settings = VariationalSettings()
        settings.latentWidth = 2
        settings.hiddenWidths = [3]
        var training = TrainingSettings()
        training.epochs = 1
        return try trainVariationalAutoencoder(on: try matrix([[0, 1], [2, 3], [1]]), settings, training: training)
    }

    func matrix(_ rows: [[UInt32]]) throws -> CSRMatrix {
        let offsets = rows.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        return try CSRMatrix(
            rowCount: rows.count, columnCount: 4, rowOffsets: offsets, columnIndices: Array(rows.joined()),
            values: rows.joined().map { _ in 2 })
    }

    @Test func emptyDocumentsDoNotCount() throws {
        let model = try model()
        let full = try #require(try model.heldOutBound(on: try matrix([[0, 1], [3]])))
        let gaps = try #require(try model.heldOutBound(on: try matrix([[], [0, 1], [], [3], []])))
        #expect(full.perplexityPerCorpus == gaps.perplexityPerCorpus && full.klDivergence == gaps.klDivergence)
        #expect(full.perplexityPerDocument == gaps.perplexityPerDocument)
        #expect(try model.heldOutBound(on: try matrix([[], []])) == nil)
    }
}
