import Testing

@testable import SparseMatrices

@Suite struct ColumnMomentsTests {
    /// Column 0 is a constant, 1 has zeros that are not stored, 2 is large beside its variance, 3 is always zero.
    private let table = try! CSRMatrix(
        rowCount: 4, columnCount: 4, rowOffsets: [0, 3, 6, 8, 11], columnIndices: [0, 1, 2, 0, 1, 2, 0, 2, 0, 1, 2],
        values: [5, 2, 10001, 5, -2, 9999, 5, 10001, 5, 4, 9999])

    @Test func zerosThatAreNotStoredCount() {
        let moments = ColumnMoments(of: WeightedRows(table), rows: [0, 1, 2, 3])
        #expect(moments.means == [5, 1, 10000, 0])
        #expect(moments.variances == [0, 5, 1, 0])
        let few = ColumnMoments(of: WeightedRows(table), rows: [2, 0])
        #expect(few.means == [5, 1, 10001, 0] && few.variances == [0, 1, 0, 0])
        let none = ColumnMoments(of: WeightedRows(table), rows: [])
        #expect(none.means == [0, 0, 0, 0] && none.variances == [0, 0, 0, 0])
    }

    @Test func denseAndSparseRowsAgree() {
        let dense = DenseMatrix(
            rowCount: 4, columnCount: 4, elements: (0..<4).flatMap { row in (0..<4).map { self.element(row, $0) } })
        let (a, b) = (ColumnMoments(of: dense), ColumnMoments(of: WeightedRows(table), rows: [0, 1, 2, 3]))
        #expect(a.means == b.means && a.variances == b.variances)
    }

    private func element(_ row: Int, _ column: Int) -> Float {
        let (columns, values) = table.row(row)
        return columns.firstIndex { $0 == UInt32(column) }.map { values[$0] } ?? 0
    }
}
