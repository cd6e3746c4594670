import Autoencoders
import Corpora
import Foundation
import SparseMatrices
import Testing

@testable import Gossamer

@Suite struct StreamTests {
    /// The sample does not depend on when rows are removed.
    @Test func aReservoirIsThatOfAllRows() throws {
        let matrix = try smallCorpus(documents: 500).matrix
        var (often, once) = (
            RowReservoir(mostRows: 40, seed: 3, stream: 1), RowReservoir(mostRows: 40, seed: 3, stream: 1)
        )
        for row in 0..<500 {
            _ = often.add(row, row, of: matrix)
            if row % 17 == 0 { _ = often.trim() }
            _ = once.add(row, row, of: matrix)
        }
        #expect(once.rows.count == 500)
        _ = (often.trim(), once.trim())
        #expect(often.ordered.map(\.number) == once.ordered.map(\.number) && often.rows.count == 40)
        // Rows of all parts: fewer than a tenth of the halves' expectation would be a wonder of 1 in 10⁹.
        #expect((2..<39).contains(often.rows.count { $0.number < 250 }))
        for row in often.rows { #expect(row.columns == matrix.row(row.number).columnIndices) }
    }

    /// Every document is learned from once, or is held out at the end.
    @Test func noDocumentIsLost() throws {
        let folder = try ScratchFolder()
        let path = folder.path("t.txt")
        try writeLines(40_000, to: path)
        var reading = CorpusReadingOptions()
        reading.text.hashBits = 12
        let source = try CorpusStream(path, options: reading)
        let first = try #require(try source.next())
        let weighting = FeatureWeighting(scheme: .none, normalization: .none)
        let documents = StreamedDocuments(first, then: source, weighting, heldOut: 100, seed: 1) { _ in }
        var learned: [[UInt32]: Int] = [:]
        var total = 0
        while let chunk = try documents.next() {
            for row in chunk.rows.learned { learned[chunk.documents.matrix.row(row).columnIndices, default: 0] += 1 }
            total += chunk.rows.learned.count
            #expect(chunk.rows.heldOut.count <= 100 && chunk.rows.sample.count <= 2048)
        }
        let last = try documents.last()
        #expect(last.rows.heldOut.count == 100 && last.rows.learned.count == StreamedDocuments.mostSampled)
        #expect(total + 100 == 40_000 && documents.documents == 40_000)
        for row in last.rows.heldOut { learned[last.documents.matrix.row(row).columnIndices, default: 0] += 1 }
        let whole = try CorpusReader.read(path, options: reading).matrix
        for row in 0..<whole.rowCount { learned[whole.row(row).columnIndices, default: 0] -= 1 }
        #expect(learned.values.allSatisfy { $0 == 0 })
    }

    private func writeLines(_ count: Int, to path: String) throws {
        let text = (0..<count).map { "w\($0 % 89) v\($0 % 97) u\($0 % 101)\n" }.joined()
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    @Test func aStreamedModelIsLikeAnyOther() throws {
        let folder = try ScratchFolder()
        try writeLines(5_000, to: folder.path("t.txt"))
        var reading = CorpusReadingOptions()
        reading.text.hashBits = 9
        for settings in [quickSettings(), quickVariationalSettings { $0.variational.hiddenWidths = [5] }] {
            let model = try FeatureModel.train(on: CorpusStream(folder.path("t.txt"), options: reading), settings)
            #expect(model.record.documents == 5_000 && model.record.entries > 0 && model.featureCount == 512)
            #expect(model.reference != nil && model.observed?.sizes.documentCount == 5_000)
            try model.save(to: folder.path("m"))
            let loaded = try FeatureModel(contentsOf: folder.path("m"))
            #expect(loaded.record == model.record && loaded.textOptions?.hashBits == 9)
            // It goes on learning like any other.
            let corpus = try CorpusReader.read(folder.path("t.txt"), options: reading)
            var training = TrainingSettings()
            training.epochs = 1
            let continued = try loaded.continued(on: corpus, training: training)
            #expect(continued.featureCount == 512 && continued.learnedDocuments == 10_000)
        }
    }
}
