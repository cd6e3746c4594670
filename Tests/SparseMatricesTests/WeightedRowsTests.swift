import Testing

@testable import SparseMatrices

@Suite struct WeightedRowsTests {
    /// Each value divided by its row's sum, plus its column.
    private func weighted(_ columns: [UInt32], _ values: [Float]) -> [Float] {
        let sum = values.reduce(0, +)
        return zip(columns, values).map { $1 / sum + Float($0) }
    }

    private func rows(of matrix: CSRMatrix) -> WeightedRows {
        WeightedRows(matrix) { columns, values in
            let sum = values.reduce(0, +)
            for i in values.indices { values[i] = values[i] / sum + Float(columns[i]) }
        }
    }

    private let matrix: CSRMatrix

    init() throws {
        matrix = try CSRMatrix(
            rowCount: 4, columnCount: 5, rowOffsets: [0, 2, 2, 5, 6], columnIndices: [0, 4, 1, 2, 3, 2],
            values: [1, 3, 2, 5, 1, 8])
    }

    @Test func aCopyHoldsWhatEachRowIsSeenAs() {
        let rows = rows(of: matrix)
        #expect(rows.rowCount == 4 && rows.columnCount == 5 && rows.entryCount == 6 && rows.entryCount(ofRow: 2) == 3)
        let copy = rows.weighted()
        let selected = rows.rows([3, 2, 2, 1])
        for row in 0..<4 {
            let (columns, values) = matrix.row(row)
            #expect(copy.row(row).columnIndices == columns)
            #expect(copy.row(row).values == weighted(columns, values))
        }
        for (place, row) in [3, 2, 2, 1].enumerated() { #expect(selected.row(place).values == copy.row(row).values) }
        var seen: [Int] = []
        rows.forEachRow(in: [2, 0, 1]) { row, columns, values in
            seen.append(row)
            #expect(Array(columns) == copy.row(row).columnIndices && Array(values) == copy.row(row).values)
        }
        #expect(seen == [2, 0, 1])
        #expect(matrix.values == [1, 3, 2, 5, 1, 8])
    }

    @Test func withoutAWeightingNothingIsCopied() {
        let rows = WeightedRows(matrix)
        let addresses = [matrix, rows.weighted()].map { $0.withUnsafeView { $0.values.baseAddress } }
        #expect(addresses[0] == addresses[1])
        #expect(rows.rows([2, 0]) == matrix.rows([2, 0]))
    }

    @Test func mapsSeeWhatIsLeftOfARow() {
        let mapped = rows(of: matrix).scalingColumns(by: [1, 2, 3, 4, 5])
            .mapping { values in for i in values.indices { values[i] += 1 } }
            .mapping(nil)
            .mapping { values in for i in values.indices { values[i] *= Float(values.count) } }
        for row in 0..<4 {
            let (columns, values) = matrix.row(row)
            let expected = zip(columns, weighted(columns, values)).map {
                Float(columns.count) * ($1 * Float($0 + 1) + 1)
            }
            #expect(mapped.weighted().row(row).values == expected && mapped.rows([row]).row(0).values == expected)
        }
        #expect(WeightedRows(matrix).valuesSatisfy { $0 >= 1 } && !WeightedRows(matrix).valuesSatisfy { $0 < 8 })
    }

    @Test func columnsWithoutEntriesCanBeLeftOut() throws {
        let wide = try CSRMatrix(
            rowCount: 4, columnCount: 12, rowOffsets: [0, 2, 2, 5, 6], columnIndices: [1, 9, 3, 4, 8, 4],
            values: [1, 3, 2, 5, 1, 8])
        let occupied = OccupiedColumns(of: wide)
        #expect(occupied.columns == [1, 3, 4, 8, 9] && occupied.areFew)
        #expect(!OccupiedColumns(of: matrix).areFew)
        let rows = rows(of: wide).keeping(occupied)
        #expect(rows.columnCount == 5 && rows.entryCount == 6)
        let (full, narrow) = (self.rows(of: wide).weighted(), rows.weighted())
        #expect(narrow.columnCount == 5)
        let scaled = rows.scalingColumns(by: [1, 2, 3, 4, 5]).scalingColumns(by: [1, 1, 1, 1, 2])
        for row in 0..<4 {
            // The weighting sees the matrix's own columns.
            #expect(narrow.row(row).values == full.row(row).values)
            #expect(narrow.row(row).columnIndices == matrix.row(row).columnIndices)
            let factors: [Float] = [1, 2, 3, 4, 10]
            let (columns, values) = scaled.rows([row]).row(0)
            #expect(values == zip(columns, narrow.row(row).values).map { factors[Int($0)] * $1 })
        }
        #expect(rows.rowCountsOfColumns(in: [0, 2]) == [1, 1, 1, 1, 1])
        #expect(rows.rowCountsOfColumns(in: [3, 2, 1]) == [0, 1, 2, 1, 0])
        #expect(self.rows(of: wide).rowCountsOfColumns(in: [3, 2, 1]) == [0, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 0])
    }

    @Test func rowsAreSpreadOverAllColumns() throws {
        let wide = try CSRMatrix(
            rowCount: 1, columnCount: 4, rowOffsets: [0, 2], columnIndices: [1, 3], values: [1, 1])
        let occupied = OccupiedColumns(of: wide)
        let spread = occupied.spread(DenseMatrix(rowCount: 2, columnCount: 2, elements: [1, 2, 3, 4]))
        #expect(spread == DenseMatrix(rowCount: 4, columnCount: 2, elements: [0, 0, 1, 2, 0, 0, 3, 4]))
        #expect(occupied.spread([5, 6]) == [0, 5, 0, 6])
    }
}
