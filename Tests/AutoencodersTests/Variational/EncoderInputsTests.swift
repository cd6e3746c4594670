import NumericTolerance
import SparseMatrices
import Testing

@testable import Autoencoders

@Suite struct EncoderInputsTests {
    /// A logarithm, a length that divides it and the product, each rounded.
    private let rounding = tolerance(terms: 6)

    @Test(arguments: GeneratedMatrix.all, InputLength.allCases)
    func areLogarithmsOfTheirLength(generated: GeneratedMatrix, length: InputLength) {
        for matrix in [generated.matrix, generated.matrix.asCounts] {
            let inputs = LikelihoodKind.multinomial.encoderInputs(from: WeightedRows(matrix), length: length).weighted()
            #expect(inputs.rowCount == matrix.rowCount && inputs.columnCount == matrix.columnCount)
            #expect(inputs.entryCount == matrix.entryCount)
            let dense = inputs.denseRows(inputs.allRows)
            for (row, (values, expected)) in zip(dense, matrix.logarithmicRows(length)).enumerated() {
                #expect(largestError(values.map(Float.init), expected) <= rounding, "row \(row)")
                if length == .unit && matrix.entryCount(ofRow: row) > 0 {
                    #expect(abs(dot(values, values) - 1) <= 2 * rounding, "row \(row)")
                }
            }
        }
    }

    @Test func valuesBelowZeroLeaveTheirRow() throws {
        let matrix = try CSRMatrix(
            rowCount: 3, columnCount: 4, rowOffsets: [0, 2, 2, 4], columnIndices: [0, 3, 1, 2],
            values: [1, 2, 5, -0.5])
        let inputs = LikelihoodKind.multinomial.encoderInputs(from: WeightedRows(matrix), length: .unit).weighted()
        #expect(inputs.denseRows(1..<3) == matrix.denseRows(1..<3))
        // The others are what they are alone.
        let alone = LikelihoodKind.multinomial.encoderInputs(from: WeightedRows(matrix.rows([0])), length: .unit)
        #expect(inputs.row(0) == alone.weighted().row(0) && inputs.row(0).values != matrix.row(0).values)
    }

    @Test func hugeAndTinyCountsStayFinite() throws {
        let matrix = try CSRMatrix(
            rowCount: 2, columnCount: 2, rowOffsets: [0, 2, 4], columnIndices: [0, 1, 0, 1],
            values: [3e38, 1e-30, 1e-30, 2e-30])
        let inputs = LikelihoodKind.multinomial.encoderInputs(from: WeightedRows(matrix), length: .unit).weighted()
            .denseRows(0..<2)
        #expect(inputs.joined().allSatisfy { $0.isFinite })
        #expect(abs(dot(inputs[1], inputs[1]) - 1) <= 2 * rounding)
    }
}
