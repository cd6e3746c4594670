import Foundation
import SparseMatrices
import Testing

@testable import Corpora

@Suite struct FeatureWeightingTests {
    /// Rows of column to value; the plain form that expectations are computed from.
    typealias Rows = [[Int: Float]]

    static let counts: Rows = [[0: 1, 2: 3], [:], [1: 2, 2: 1, 3: 10], [2: 7], [0: 4, 1: 1, 2: 1]]

    static func matrix(_ rows: Rows, columns: Int) throws -> CSRMatrix {
        var offsets = [0]
        var indices: [UInt32] = []
        var values: [Float] = []
        for row in rows {
            for (column, value) in row.sorted(by: { $0.key < $1.key }) {
                indices.append(UInt32(column))
                values.append(value)
            }
            offsets.append(values.count)
        }
        return try CSRMatrix(
            rowCount: rows.count, columnCount: columns, rowOffsets: offsets, columnIndices: indices, values: values)
    }

    /// scikit-learn's TfidfTransformer(sublinear_tf=True, smooth_idf=True, norm='l2' or None), in Double.
    static func tfIdf(_ rows: Rows, fittedTo training: Rows, l2: Bool) -> [[Int: Double]] {
        rows.map { row in
            var weighted: [Int: Double] = [:]
            for (column, value) in row {
                let documents = Double(training.count { $0[column] != nil })
                let idf = log((1 + Double(training.count)) / (1 + documents)) + 1
                weighted[column] = (1 + log(Double(value))) * idf
            }
            return l2 ? unitLength(weighted) : weighted
        }
    }

    static func unitLength(_ row: [Int: Double]) -> [Int: Double] {
        let norm = row.values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return norm > 0 ? row.mapValues { $0 / norm } : row
    }

    func expect(
        _ matrix: CSRMatrix, equals expected: [[Int: Double]], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(matrix.rowCount == expected.count, sourceLocation: sourceLocation)
        for row in 0..<matrix.rowCount {
            let (columns, values) = matrix.row(row)
            #expect(columns.map(Int.init) == expected[row].keys.sorted(), "row \(row)", sourceLocation: sourceLocation)
            for (column, value) in zip(columns, values) {
                let right = expected[row][Int(column)] ?? .nan
                #expect(
                    abs(Double(value) - right) <= 1e-6 * max(1, abs(right)),
                    "(\(row), \(column)): \(value), not \(right)",
                    sourceLocation: sourceLocation)
            }
        }
    }

    @Test(arguments: [false, true]) func tfIdfIsScikitLearns(l2: Bool) throws {
        let matrix = try Self.matrix(Self.counts, columns: 5)
        let weighting = FeatureWeighting(scheme: .tfIdf, normalization: l2 ? .l2 : .none, fittedTo: matrix)
        expect(try weighting(matrix), equals: Self.tfIdf(Self.counts, fittedTo: Self.counts, l2: l2))
        // Later documents are weighed by the training documents' frequencies.
        let later: Rows = [[4: 2], [:], [0: 1, 1: 1, 2: 1, 3: 1, 4: 1000]]
        expect(
            try weighting(Self.matrix(later, columns: 5)), equals: Self.tfIdf(later, fittedTo: Self.counts, l2: l2))
    }

    /// TfidfTransformer's own numbers for [[1, 1], [2, 0]], worked out by hand.
    @Test func tfIdfByHand() throws {
        let matrix = try Self.matrix([[0: 1, 1: 1], [0: 2]], columns: 2)
        let weighting = FeatureWeighting(scheme: .tfIdf, normalization: .l2, fittedTo: matrix)
        #expect(abs(weighting.statistics.featureWeights[0] - 1) < 1e-7)
        #expect(abs(weighting.statistics.featureWeights[1] - 1.4054651) < 1e-6)
        let weighted = try weighting(matrix)
        #expect(abs(weighted.values[0] - 0.5797387) < 1e-6)
        #expect(abs(weighted.values[1] - 0.8148025) < 1e-6)
        #expect(weighted.values[2] == 1)
    }

    @Test func logBinaryAndNone() throws {
        let rows: Rows = [[0: 0.5, 1: 3], [:], [2: 1e6]]
        let matrix = try Self.matrix(rows, columns: 3)
        for normalization in FeatureWeighting.Normalization.allCases {
            func expected(_ weigh: (Double) -> Double) -> [[Int: Double]] {
                rows.map { row in
                    let weighted = row.mapValues { weigh(Double($0)) }
                    return normalization == .l2 ? Self.unitLength(weighted) : weighted
                }
            }
            func weighted(_ scheme: WeightingScheme) throws -> CSRMatrix {
                try FeatureWeighting(scheme: scheme, normalization: normalization, fittedTo: matrix)(matrix)
            }
            expect(try weighted(.log), equals: expected { log(1 + $0) })
            expect(try weighted(.binary), equals: expected { _ in 1 })
            expect(try weighted(.none), equals: expected { $0 })
        }
    }

    @Test func negativeMeasurementsKeepTheirSign() throws {
        let matrix = try Self.matrix([[0: -3, 1: 4]], columns: 2)
        #expect(try FeatureWeighting(scheme: .none, normalization: .l2)(matrix).values == [-0.6, 0.8])
        #expect(try FeatureWeighting(scheme: .binary, normalization: .none)(matrix).values == [1, 1])
    }

    @Test func emptyRowsStayEmpty() throws {
        let matrix = try Self.matrix([[:], [:]], columns: 3)
        for scheme in WeightingScheme.all {
            let weighted = try FeatureWeighting(scheme: scheme, normalization: .l2, fittedTo: matrix)(matrix)
            #expect(weighted == matrix)
        }
    }

    /// A stored zero has no direction: its row is left as it is, not divided by zero.
    @Test func aRowOfStoredZerosIsNotDivided() throws {
        let matrix = try Self.matrix([[0: 0, 1: 0]], columns: 2)
        #expect(try FeatureWeighting(scheme: .none, normalization: .l2)(matrix).values == [0, 0])
        #expect(try FeatureWeighting(scheme: .log, normalization: .l2)(matrix).values == [0, 0])
    }

    @Test(arguments: [
        (WeightingScheme.tfIdf, Float(0)), (.tfIdf, -1), (.tfIdf, -1e-30), (.log, -0.5), (.log, -3e38), (.bm25(), 0),
        (.bm25(), -1), (.logEntropy, -0.5),
    ])
    func undefinedValuesAreErrors(scheme: WeightingScheme, value: Float) throws {
        let matrix = try Self.matrix([[:], [0: 1, 2: value], [1: value]], columns: 3)
        let weighting = FeatureWeighting(scheme: scheme, normalization: .l2, fittedTo: matrix)
        #expect(throws: WeightingError(scheme: scheme, row: 1, column: 2, value: value)) { try weighting(matrix) }
    }

    @Test func theMessageSaysWhereWhatAndWhatToDo() {
        let message = WeightingError(scheme: .tfIdf, row: 1, column: 2, value: -4).description
        for part in ["row 2", "number 3", "-4.0", "expected", "tf-idf", "use weighting none"] {
            #expect(message.contains(part), "\(message) lacks \(part)")
        }
    }

    @Test func extremeMagnitudesStayFinite() throws {
        let largest = Float.greatestFiniteMagnitude
        let smallest = Float.leastNonzeroMagnitude
        let matrix = try Self.matrix(
            [[0: largest, 1: largest], [0: smallest, 1: smallest], [0: 1, 1: largest]], columns: 2)
        let unit = try FeatureWeighting(scheme: .none, normalization: .l2)(matrix).values
        let half = Float(0.5.squareRoot())
        #expect(unit == [half, half, half, half, 1 / largest, 1])
        for scheme in [WeightingScheme.log, .tfIdf, .bm25(), .logEntropy] {
            let weighted = try FeatureWeighting(scheme: scheme, normalization: .l2, fittedTo: matrix)(matrix)
            for row in 0..<3 {
                let norm = weighted.row(row).values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
                #expect(abs(norm - 1) < 1e-6, "\(scheme), row \(row)")
            }
        }
    }

    @Test func countsAskForTfIdfAndMeasurementsForNothing() throws {
        func suitable(_ values: [Float]) throws -> [String] {
            let row = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0, $1) })
            let suitable = FeatureWeighting.suitable(for: try Self.matrix([row], columns: 8))
            return [suitable.scheme.description, suitable.normalization.rawValue]
        }
        #expect(try suitable([1, 2, 300]) == ["tf-idf", "l2"])
        #expect(try suitable([1e30]) == ["tf-idf", "l2"])
        #expect(try suitable([]) == ["tf-idf", "l2"])
        #expect(try suitable([1, 2.5]) == ["none", "none"])
        #expect(try suitable([1, -1]) == ["none", "none"])
        #expect(try suitable([1, 0]) == ["none", "none"])
    }

    @Test func thePatternIsSharedAndTheSourceUntouched() throws {
        let matrix = try Self.matrix(Self.counts, columns: 5)
        let before = matrix.values
        let weighted = try FeatureWeighting(scheme: .tfIdf, normalization: .l2, fittedTo: matrix)(matrix)
        #expect(matrix.values == before)
        #expect(weighted.columnIndices == matrix.columnIndices && weighted.rowOffsets == matrix.rowOffsets)
    }
}
