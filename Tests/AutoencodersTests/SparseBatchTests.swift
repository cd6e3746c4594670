import NumericTolerance
import SparseMatrices
import Testing

@testable import Autoencoders

/// A view written out: dense rows in Double.
private func dense(_ view: CSRView) -> [[Double]] {
    (0..<view.rowCount).map { row in
        var values = [Double](repeating: 0, count: view.columnCount)
        for entry in view.entries(ofRow: row) { values[Int(view.columnIndices[entry])] += Double(view.values[entry]) }
        return values
    }
}

private func transposed(_ rows: [[Double]], columns: [UInt32]) -> [[Double]] {
    columns.map { column in rows.map { $0[Int(column)] } }
}

@Suite struct SparseBatchTests {
    /// Compares every view of a loaded batch to the source; returns the inputs.
    @discardableResult
    private func expectViews(
        _ batch: SparseBatch, rows: [Int], of matrix: CSRMatrix, sourceLocation: SourceLocation = #_sourceLocation
    ) -> [[Double]] {
        let source = matrix.denseRows(rows)
        let inputs = batch.withInputs(dense)
        let columns = batch.touchedColumns
        func check(_ holds: Bool, _ what: Comment) { #expect(holds, what, sourceLocation: sourceLocation) }
        check(batch.rows == rows && batch.rowCount == rows.count, "rows")
        check(batch.withTargets(dense) == source, "targets")
        let occurring = Set((0..<matrix.columnCount).filter { column in source.contains { $0[column] != 0 } })
        check(Set(columns.map(Int.init)) == occurring && columns.count == occurring.count, "touched columns")
        check(batch.withCompactTargets(dense) == source.map { row in columns.map { row[Int($0)] } }, "compact targets")
        check(batch.withTransposedTargets(dense) == transposed(source, columns: columns), "transposed targets")
        check(batch.withTransposedInputs(dense) == transposed(inputs, columns: columns), "transposed inputs")
        check(batch.withInputs { $0.columnCount } == matrix.columnCount, "width of inputs")
        check(batch.withCompactTargets { $0.columnCount } == columns.count, "width of compact targets")
        return inputs
    }

    @Test(arguments: GeneratedMatrix.all)
    func viewsAgreeWithTheSource(generated: GeneratedMatrix) {
        let matrix = generated.matrix
        let batch = matrix.batch(matrix.allRows)
        let inputs = expectViews(batch, rows: Array(matrix.allRows), of: matrix)
        #expect(inputs == matrix.denseRows(matrix.allRows))
    }

    @Test(arguments: GeneratedMatrix.all)
    func corruptionChangesInputsOnly(generated: GeneratedMatrix) {
        let matrix = generated.matrix
        let corruption = Corruption(probability: 0.5, seed: 3, epoch: 2)
        let batch = matrix.batch(matrix.allRows, corruption: corruption)
        let inputs = expectViews(batch, rows: Array(matrix.allRows), of: matrix)
        for (input, source) in zip(inputs, matrix.denseRows(matrix.allRows)) {
            #expect(zip(input, source).allSatisfy { $0 == 0 || $0 == 2 * $1 })
        }
    }

    /// One batch through bigger, smaller, empty, repeated, corrupted and clean loads.
    @Test func memoryIsReusedCleanly() {
        let matrix = GeneratedMatrix.random(rows: 40, columns: 25, density: 0.2, seed: 9)
        let corruption = Corruption(probability: 0.3, seed: 1, epoch: 1)
        var batch = SparseBatch(columnCount: 25)
        let selections: [([Int], Corruption?)] = [
            (Array(0..<40), corruption), ([3], nil), ([5, 5, 2], corruption), ([], nil), ([], corruption),
            (Array((10..<30).reversed()), nil), ([39, 0], corruption), (Array(0..<40), nil),
        ]
        for (rows, corruption) in selections {
            batch.load(rows[...], of: matrix, corruption: corruption)
            let inputs = expectViews(batch, rows: rows, of: matrix)
            if corruption == nil { #expect(inputs == matrix.denseRows(rows)) }
        }
    }

    @Test func aScaleMultipliesAllViews() throws {
        let matrix = GeneratedMatrix.random(rows: 20, columns: 15, density: 0.3, seed: 10)
        let corruption = Corruption(probability: 0.5, seed: 1, epoch: 1)
        var batch = SparseBatch(columnCount: 15)
        batch.load([3, 1, 19], of: matrix, corruption: corruption, scale: 4)
        let inputs = expectViews(batch, rows: [3, 1, 19], of: try matrix.mapValues { _, _, value in 4 * value })
        batch.load([3, 1, 19], of: matrix, corruption: corruption)
        #expect(inputs == batch.withInputs(dense).map { row in row.map { 4 * $0 } })
    }

    @Test(arguments: [0.1, 0.5, 0.7] as [Float])
    func aboutTheNamedShareIsDropped(probability: Float) {
        let matrix = GeneratedMatrix("full", rows: 200, columns: 50) { _, _, _ in true }.matrix
        let batch = matrix.batch(0..<200, corruption: Corruption(probability: probability, seed: 4, epoch: 1))
        let kept = batch.withInputs { $0.values.count }
        let dropped = 1 - Double(kept) / 10_000
        #expect(abs(dropped - Double(probability)) < 0.02)
        let inputs = batch.withInputs(dense)
        let expected = 1 / (1 - Double(probability))
        for (input, source) in zip(inputs, matrix.denseRows(0..<200)) {
            // The factor and the product are rounded.
            let bound = tolerance(terms: 3) * expected
            #expect(zip(input, source).allSatisfy { $0 == 0 || abs($0 / $1 - expected) <= bound })
        }
    }

    @Test func aRowsMaskDependsOnSeedEpochAndRowOnly() {
        let matrix = GeneratedMatrix("full", rows: 30, columns: 40) { _, _, _ in true }.matrix
        func inputs(_ rows: [Int], seed: UInt64 = 1, epoch: Int = 1) -> [[Double]] {
            var batch = SparseBatch(columnCount: 40)
            batch.load(rows[...], of: matrix, corruption: Corruption(probability: 0.5, seed: seed, epoch: epoch))
            return batch.withInputs(dense)
        }
        let all = inputs(Array(0..<30))
        #expect(inputs([7])[0] == all[7])
        #expect(inputs([29, 7, 0, 7]) == [all[29], all[7], all[0], all[7]])
        #expect(inputs([7], seed: 2)[0] != all[7])
        #expect(inputs([7], epoch: 2)[0] != all[7])
        let masks = Set(all.map { row in row.map { $0 != 0 } })
        #expect(masks.count == 30, "rows share masks")
    }
}
