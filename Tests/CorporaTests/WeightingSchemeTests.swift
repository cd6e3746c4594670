import SparseMatrices
import Testing

@testable import Corpora

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct WeightingSchemeTests {
    /// Feature 2 is in every document as often, feature 3 in none.
    private static let counts: [[Double]] = [
        [1, 0, 2, 0, 5], [0, 3, 2, 0, 0], [4, 1, 2, 0, 0], [0, 0, 2, 0, 0], [0, 0, 2, 0, 9],
    ]

    private let matrix: CSRMatrix

    init() throws {
        var (offsets, columns, values) = ([0], [UInt32](), [Float]())
        for row in Self.counts {
            for (column, count) in row.enumerated() where count > 0 {
                columns.append(UInt32(column))
                values.append(Float(count))
            }
            offsets.append(columns.count)
        }
        matrix = try CSRMatrix(
            rowCount: 5, columnCount: 5, rowOffsets: offsets, columnIndices: columns, values: values)
    }

    private func expect(_ scheme: WeightingScheme, _ weight: (_ row: Int, _ column: Int, _ x: Double) -> Double) throws
    {
        let weighted = try FeatureWeighting(scheme: scheme, normalization: .none, fittedTo: matrix)(matrix)
        for row in 0..<5 {
            let (columns, values) = weighted.row(row)
            for (column, value) in zip(columns, values) {
                let expected = weight(row, Int(column), Self.counts[row][Int(column)])
                #expect(abs(Double(value) - expected) <= 1e-6 * max(1, abs(expected)), "row \(row), column \(column)")
            }
        }
    }

    private func documentFrequency(_ column: Int) -> Double { Double(Self.counts.count { $0[column] > 0 }) }

    @Test(arguments: [(1.2, 0.75), (2, 0), (0.5, 1)]) func bm25(k1: Double, b: Double) throws {
        let lengths = Self.counts.map { $0.reduce(0, +) }
        let mean = lengths.reduce(0, +) / 5
        try expect(.bm25(k1: k1, b: b)) { row, column, x in
            let df = documentFrequency(column)
            return log((5 - df + 0.5) / (df + 0.5) + 1) * x * (k1 + 1)
                / (x + k1 * (1 - b + b * lengths[row] / mean))
        }
    }

    @Test func logEntropy() throws {
        try expect(.logEntropy) { _, column, x in
            let shares = Self.counts.map { $0[column] }.filter { $0 > 0 }
            let total = shares.reduce(0, +)
            return log(1 + x) * (1 + shares.reduce(0) { $0 + $1 / total * log($1 / total) } / log(5))
        }
    }

    /// A feature that all documents have as often tells nothing of any.
    @Test func logEntropyOfOneEverywhereIsZero() throws {
        let weighting = FeatureWeighting(scheme: .logEntropy, normalization: .none, fittedTo: matrix)
        #expect(weighting.statistics.featureWeights[2] < 1e-6)
        #expect(weighting.statistics.featureWeights[3] == 1)
    }

    /// Later documents are weighed by what was learned of the first.
    @Test func statisticsAreThoseOfTraining() throws {
        let later = try CSRMatrix(
            rowCount: 1, columnCount: 5, rowOffsets: [0, 1], columnIndices: [0], values: [2])
        let weighting = FeatureWeighting(scheme: .bm25(), normalization: .none, fittedTo: matrix)
        let lengths = Self.counts.map { $0.reduce(0, +) }
        let mean = lengths.reduce(0, +) / 5
        let expected = log((5 - 2 + 0.5) / (2 + 0.5) + 1) * 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 2 / mean))
        #expect(abs(Double(try weighting(later).values[0]) - expected) < 1e-6)
    }

    @Test func descriptionsReadBack() {
        for scheme in WeightingScheme.all { #expect(WeightingScheme(scheme.description) == scheme) }
        #expect(WeightingScheme("bm25") == .bm25())
        #expect(WeightingScheme("bm25:1.5:0.5") == .bm25(k1: 1.5, b: 0.5))
        #expect(WeightingScheme.bm25(k1: 1.5, b: 0.5).description == "bm25:1.5:0.5")
        for text in [
            "bm25:", "bm25:1", "bm25:0:0.5", "bm25:1:2", "bm25:1:-1", "bm25:nan:0", "bm25:inf:0", "log:1", "idf", "",
        ] {
            #expect(WeightingScheme(text) == nil, "\(text)")
        }
    }
}
