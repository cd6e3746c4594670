import Autoencoders
import Corpora
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
            let leading = Set(expected.prefix(20))
            for word in unit.lifted {
                func share(_ rows: some Collection<Int>) -> Double {
                    Double(rows.count { corpus.matrix.row($0).columnIndices.contains(UInt32(word.feature)) })
                        / Double(rows.count)
                }
                #expect(abs(word.share - share(leading)) < 1e-12 && word.lift > 1)
                #expect(abs(word.lift - share(leading) / share(0..<300)) < 1e-9)
            }
        }
        #expect(try model.units(in: corpus, execution: Execution(parallelism: .serial)) == units)
    }

    @Test func rememberedDocumentsStandInForACorpus() throws {
        let units = try sparseModel().units()
        #expect(units.allSatisfy { $0.density != nil && $0.lifted.isEmpty && $0.documents.isEmpty })
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
        #expect(try #require(byLift.npmi) > 0 && model.coherence(in: test).npmi != nil)
    }
}
