import Autoencoders
import Corpora
import Foundation
import Gossamer
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct UnitReportTests {
    @Test func describesUnitsByTheirDocuments() throws {
        let model = try sparseModel()
        let corpus = try topicalCorpus(300, stream: 1)
        let units = try model.units(in: corpus)
        #expect(units.map(\.unit).sorted() == Array(0..<6))
        #expect(units.map(\.importance) == units.map(\.importance).sorted(by: >))
        #expect(abs(units.reduce(0) { $0 + $1.importance } - 1) < 1e-9)
        let codes = try model.embed(corpus)
        let words = model.decoder.unitFeatures(count: 10)
        let norms = model.decoder.columnNorms()
        for unit in units {
            let activities = (0..<300).map { codes[$0, unit.unit] }
            #expect(unit.density == Double(activities.count { $0 != 0 }) / 300)
            #expect(abs(unit.norm - Double(norms[unit.unit])) < 1e-5)
            #expect(unit.strongest.map(\.feature) == words[unit.unit].strongest.map(\.feature))
            let expected = activities.indices.filter { activities[$0] > 0 }
                .sorted { (activities[$1], $0) < (activities[$0], $1) }
            #expect(unit.documents.map(\.row) == Array(expected.prefix(5)))
            #expect(unit.nearest.count == 3 && !unit.nearest.contains { $0.unit == unit.unit })
            #expect(unit.nearest.allSatisfy { abs($0.cosine) <= 1 + 1e-9 })
            // The share and the lift word for word.
            let leading = expected.prefix(20)
            let total = leading.reduce(0) { $0 + Double(activities[$1]) }
            for word in unit.lifted {
                func holds(_ row: Int) -> Bool {
                    corpus.matrix.row(row).columnIndices.contains(UInt32(word.feature))
                }
                let share = leading.filter(holds).reduce(0) { $0 + Double(activities[$1]) } / total
                #expect(abs(word.share - share) < 1e-12 && word.lift > 1)
                #expect(abs(word.lift - share / (Double((0..<300).count(where: holds)) / 300)) < 1e-9)
            }
            #expect(unit.words.map(\.feature) == unit.lifted.map(\.feature))
            #expect(unit.words.allSatisfy { $0.weight == model.decoder.weights[$0.feature, unit.unit] })
        }
        #expect(try model.units(in: corpus, execution: Execution(parallelism: .serial)) == units)
    }

    @Test func rememberedDocumentsStandInForACorpus() throws {
        let units = try sparseModel().units()
        #expect(units.allSatisfy { $0.density != nil && $0.documents.isEmpty })
        #expect(abs(units.reduce(0) { $0 + $1.importance } - 1) < 1e-9)
        let variational = try variationalModel(.multinomial).units()
        #expect(variational.count == 4 && variational.allSatisfy { $0.density == nil })
        #expect(abs(variational.reduce(0) { $0 + $1.importance } - 1) < 1e-9)
    }

    @Test func unitsThatAreNeverActiveAreTold() throws {
        let encoder = SparseEncoder(
            input: LinearLayer(
                weights: DenseMatrix(rowCount: 2, columnCount: 2, elements: [1, -1, 1, -1]), bias: [0, 0]),
            activation: .relu)
        let network = SparseAutoencoder(
            encoder: encoder,
            decoder: LinearDecoder(
                weights: DenseMatrix(rowCount: 2, columnCount: 2, elements: [1, 0, 1, 0]), bias: [0, 0]))
        let trained = try sparseModel()
        let model = FeatureModel(
            network: network,
            weighting: FeatureWeighting(scheme: .none, normalization: .none),
            indexBase: nil, vocabulary: nil, record: trained.record)
        let matrix = try CSRMatrix(
            rowCount: 2, columnCount: 2, rowOffsets: [0, 1, 2], columnIndices: [0, 1], values: [1, 2])
        let units = try model.units(
            in: Corpus(matrix: matrix, provenance: CorpusProvenance(format: "generated")))
        #expect(units.map(\.unit) == [0, 1] && units.map(\.importance) == [1, 0] && units.map(\.density) == [1, 0])
        #expect(units[1].documents.isEmpty && units[1].lifted.isEmpty && units[1].nearest.isEmpty)
        #expect(units[0].documents.map(\.row) == [1, 0])
        // Without any documents all units count alike.
        #expect(try model.units().map(\.importance) == [1, 0])
        #expect(try model.units().map { $0.words.count } == [2, 0])
    }

    @Test func aModelRemembersTheWordsOfItsDocuments() throws {
        let corpus = try topicalCorpus(300, stream: 1)
        var settings = ModelSettings()
        (settings.autoencoder.latentWidth, settings.training.epochs) = (6, 3)
        let trained = try FeatureModel.train(on: corpus, settings)
        let words = try #require(trained.words)
        #expect(words.units.count == 6 && words.units.contains { !$0.isEmpty })
        // The same as the corpus tells, then and after the model was read again.
        let told = try trained.units(in: corpus).sorted { $0.unit < $1.unit }
        #expect(told.map(\.lifted) == words.units.map { Array($0.prefix(10)) })
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors").path
        defer { unlink(path) }
        try trained.save(to: path)
        let read = try #require(try FeatureModel(contentsOf: path).words)
        for (unit, stored) in zip(words.units, read.units) {
            #expect(unit.map(\.feature) == stored.map(\.feature))
            #expect(zip(unit, stored).allSatisfy { abs($0.lift - $1.lift) <= 1e-6 * $0.lift })
        }
        #expect(
            try #require(try trained.coherenceByLift(test: corpus)) == #require(
                try trained.coherenceByLift(train: corpus, test: corpus)))
    }

    @Test func codesOfLabelledDocumentsAreEvaluated() throws {
        let model = try sparseModel()
        let (train, test) = (try topicalCorpus(400, stream: 1), try topicalCorpus(90, stream: 2))
        let report = try #require(try model.evaluateCodes(train: train, test: test))
        let probe = try #require(report.probe)
        #expect(probe.classes == 4 && probe.testDocuments == 90 && probe.score > 0.9)
        #expect(try #require(report.retrievalPrecision) > 0.7)
        let unlabelled = Corpus(matrix: test.matrix, provenance: test.provenance)
        #expect(try model.evaluateCodes(train: train, test: unlabelled) == nil)
        #expect(try model.evaluateCodes(train: unlabelled, test: test) == nil)
        let byLift = try model.coherenceByLift(train: train, test: test)
        #expect(try #require(byLift?.npmi) > 0 && model.coherence(in: test).npmi != nil)
    }
}
