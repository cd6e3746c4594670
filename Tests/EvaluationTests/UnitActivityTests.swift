import Autoencoders
import Corpora
import Gossamer
import SparseMatrices
import Testing

@testable import Evaluation

@Suite struct UnitActivityTests {
    /// Shares on the borders of bands, and beside them.
    @Test func bandsHoldTheirBorders() {
        let active = [0, 1, 2, 3, 19, 20, 21, 199, 200, 201, 999, 1000, 1001, 2000]
        var activity = UnitActivity(width: active.count)
        for document in 0..<2000 { activity.add(active.map { document < $0 ? -0.5 : 0 }) }
        // Of 2,000 documents 0.1 % are 2, 1 % are 20, 10 % are 200 and 50 % are 1,000.
        #expect(activity.frequencies.counts == [2, 3, 3, 4, 2])
        #expect(activity.mean == Double(active.reduce(0, +)) / 2000)
        #expect(activity.deadFraction == 1.0 / 14)
        #expect(UnitActivity(width: 3).frequencies.counts == [3, 0, 0, 0, 0])
    }

    @Test func bandsOfModelsAreThoseOfTheirCodes() throws {
        let model = try sparseModel()
        let corpus = try topicalCorpus(300, stream: 2)
        let codes = try model.embed(corpus)
        let shares = (0..<6).map { unit in Double((0..<300).count { codes[$0, unit] != 0 }) / 300 }
        let bands = shares.map { $0 < 0.001 ? 0 : $0 < 0.01 ? 1 : $0 < 0.1 ? 2 : $0 <= 0.5 ? 3 : 4 }
        let report = try #require(
            try model.reconstruction(of: model.inputs(from: corpus), execution: Execution()))
        #expect(report.unitFrequencies.counts == (0..<5).map { band in bands.count { $0 == band } })
    }

    @Test func decoderCosinesAreThoseOfColumns() throws {
        let model = try sparseModel()
        let weights = model.decoder.weights
        func dot(_ i: Int, _ j: Int) -> Double {
            (0..<model.featureCount).reduce(0) { $0 + Double(weights[$1, i]) * Double(weights[$1, j]) }
        }
        let expected = (0..<6).map { i in
            (0..<6).filter { $0 != i }.map { abs(dot(i, $0)) / (dot(i, i) * dot($0, $0)).squareRoot() }.max() ?? 0
        }
        let cosines = model.largestDecoderCosines()
        #expect(cosines.count == 6 && zip(cosines, expected).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(cosines == model.largestDecoderCosines(parallelism: .serial))
    }

    /// Units 0 and 2 add the same to features, unit 1 nothing.
    @Test func repeatedUnitsHaveCosineOne() throws {
        let trained = try sparseModel()
        func cosines(_ width: Int, _ elements: [Float]) -> [Double] {
            let zeros = DenseMatrix(rowCount: 2, columnCount: width)
            let network = SparseAutoencoder(
                encoder: SparseEncoder(
                    input: LinearLayer(weights: zeros, bias: Array(repeating: 0, count: width)), activation: .relu),
                decoder: LinearDecoder(
                    weights: DenseMatrix(rowCount: 2, columnCount: width, elements: elements), bias: [0, 0]))
            let weighting = FeatureWeighting(scheme: .none, normalization: .none)
            return FeatureModel(
                network: network, weighting: weighting, indexBase: nil, vocabulary: nil, record: trained.record
            ).largestDecoderCosines()
        }
        #expect(cosines(3, [1, 0, -2, 1, 0, -2]).allSatisfy { abs($0 - 1) < 1e-12 })
        #expect(cosines(3, [1, 0, -2, 1, 0, -2]).count == 2 && cosines(2, [1, 0, 1, 0]).isEmpty)
        #expect(cosines(2, [1, 0, 0, 1]) == [0, 0])
    }
}
