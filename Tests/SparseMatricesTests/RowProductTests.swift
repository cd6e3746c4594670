import SparseMatrices
import Testing

/// Y += X·W by rows.
@Suite struct RowProducts {
    private static let widths = Array(1...20) + [31, 32, 50, 65, 128]

    @Test(arguments: Array(availableKernels.indices), [0, 1, 2, 7, 64, 301])
    func everyKernelEqualsThreeLoops(kernel: Int, inner: Int) {
        var numbers = Numbers(seed: 71)
        for width in Self.widths {
            for count in 0...9 {
                let x = DenseMatrix.random(count, inner, &numbers), w = DenseMatrix.random(inner, width, &numbers)
                let initial = DenseMatrix.random(count, width, &numbers)
                var expected = ExpectedSums(initial.elements, width: width)
                for row in 0..<count {
                    for i in 0..<inner { expected.add(x[row, i], timesRow: i, of: w.elements, toRow: row) }
                }
                let sums = multiply(x, w, addedTo: initial, kernel: kernel)
                #expect(
                    expected.firstMismatch(with: sums.elements) == nil,
                    "\(availableKernels[kernel].name), \(count) × \(inner) × \(width)")
            }
        }
    }

    /// A row's result has the same bits in every company.
    @Test(arguments: Array(availableKernels.indices), widths)
    func rowsDoNotDependOnOneAnother(kernel: Int, width: Int) {
        var numbers = Numbers(seed: 72)
        let inner = 45, count = 23
        let x = DenseMatrix.random(count, inner, &numbers), w = DenseMatrix.random(inner, width, &numbers)
        let initial = DenseMatrix.random(count, width, &numbers)
        let whole = multiply(x, w, addedTo: initial, kernel: kernel)
        for part in [0..<1, 22..<23, 3..<8, 5..<23, 1..<20] {
            func rows(_ matrix: DenseMatrix) -> DenseMatrix {
                DenseMatrix(
                    rowCount: part.count, columnCount: matrix.columnCount,
                    elements: part.flatMap { Array(matrix.row($0)) })
            }
            let alone = multiply(rows(x), w, addedTo: rows(initial), kernel: kernel)
            #expect(alone.elements.map(\.bitPattern) == rows(whole).elements.map(\.bitPattern), "rows \(part)")
        }
    }

    @Test func threadsDoNotMatter() {
        var numbers = Numbers(seed: 73)
        let x = DenseMatrix.random(700, 33, &numbers), w = DenseMatrix.random(33, 21, &numbers)
        let results = [1, 2, 5].map { threads in
            var y = [Float](repeating: 1, count: 700 * 21)
            DenseProducts.accumulateRows(
                x.elements, w.elements, rows: 700, inner: 33, width: 21, into: &y,
                parallelism: Parallelism(threads: threads))
            return y
        }
        #expect(results[0] == results[1] && results[0] == results[2])
    }

    private func multiply(_ x: DenseMatrix, _ w: DenseMatrix, addedTo y: DenseMatrix, kernel: Int) -> DenseMatrix {
        let inner = w.rowCount
        var sums = y
        x.withUnsafeElements { x in
            w.withUnsafeElements { w in
                sums.withUnsafeMutableElements {
                    availableKernels[kernel].multiplyRows(
                        count: y.rowCount, inner: inner, width: y.columnCount, x: x, w: w, y: $0)
                }
            }
        }
        return sums
    }
}
