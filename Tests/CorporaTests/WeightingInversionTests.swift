import SparseMatrices
import Testing

@testable import Corpora

@Suite struct WeightingInversionTests {
    private let counts: CSRMatrix

    init() throws {
        counts = try CSRMatrix(
            rowCount: 4, columnCount: 6, rowOffsets: [0, 3, 4, 4, 9], columnIndices: [0, 2, 5, 1, 0, 1, 2, 3, 4],
            values: [1, 4, 2, 7, 1, 1, 12, 3, 1])
    }

    @Test(arguments: WeightingScheme.all, FeatureWeighting.Normalization.allCases)
    func undoesTheWeighting(
        scheme: WeightingScheme, normalization: FeatureWeighting.Normalization
    ) throws {
        let weighting = FeatureWeighting(scheme: scheme, normalization: normalization, fittedTo: counts)
        let weighted = try weighting(counts)
        for row in 0..<4 {
            let (columns, values) = weighted.row(row)
            let raw = counts.row(row).values
            let back = weighting.rawEntries(columns: columns, weighted: values, tokens: Int(raw.reduce(0, +)))
            switch scheme {
            case .none: #expect(back == values)
            case .binary: #expect(back == raw.map { _ in 1 })
            default: #expect(back == raw)
            }
        }
    }

    @Test func countsAreOneAtLeastAndSumToTheLength() {
        let weighting = FeatureWeighting(
            scheme: .tfIdf, normalization: .l2, statistics: WeightingStatistics(featureWeights: [1, 2, 3, 1.5]))
        let columns: [UInt32] = [0, 1, 3]
        #expect(weighting.rawEntries(columns: columns, weighted: [0.5, 1e-9, 0.2], tokens: 3) == [1, 1, 1])
        #expect(weighting.rawEntries(columns: columns, weighted: [0.5, 1e-9, 0.2], tokens: 0) == [1, 1, 1])
        for tokens in [5, 20, 1000, 4_000_000_000] {
            let values = weighting.rawEntries(columns: columns, weighted: [0.5, 0.4, 0.2], tokens: tokens)
            let sum = values.reduce(0.0) { $0 + Double($1) }
            #expect(abs(sum - Double(tokens)) <= max(2, 1e-6 * Double(tokens)), "\(values)")
        }
        let wild = FeatureWeighting(scheme: .log, normalization: .none)
        #expect(wild.rawEntries(columns: [0], weighted: [1e30], tokens: 5) == [.greatestFiniteMagnitude])
        #expect(wild.rawEntries(columns: [], weighted: [], tokens: 5) == [])
    }
}
