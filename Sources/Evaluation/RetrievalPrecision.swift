import SparseMatrices

/// How many of a test document's nearest training documents share a class with it: the mean over test documents of
/// the share among the `count` training documents of largest cosine similarity of codes (precision at `count`; the
/// protocol of Salakhutdinov & Hinton, "Replicated Softmax", NIPS 2009).
///
/// Of equally near documents the first ones count. A code of zeros has the similarity 0 to all.
/// - Parameters:
///   - codes: training documents × units; with their classes.
///   - queries: test documents × units; with their classes.
///   - mostQueries: of more test documents, as many at equal distances are asked for.
/// - Returns: nil without training or test documents, or with codes that are not finite.
/// - Complexity: O(documents·queries·units); no matrix of documents × queries is ever whole.
package func retrievalPrecision(
    among codes: DenseMatrix, _ labels: ClassLabels, for queries: DenseMatrix, _ queryLabels: ClassLabels,
    count: Int = 10, mostQueries: Int = 20_000, parallelism: Parallelism = .allCores
) -> Double? {
    precondition(codes.columnCount == queries.columnCount, "codes of \(codes.columnCount) and \(queries.columnCount)")
    precondition(codes.rowCount == labels.count && queries.rowCount == queryLabels.count, "each row needs a label")
    precondition(count > 0 && mostQueries > 0, "nothing is asked for")
    guard codes.rowCount > 0, queries.rowCount > 0, codes.isFinite, queries.isFinite else { return nil }
    let asked = min(queries.rowCount, mostQueries)
    let selection = (0..<asked).map { $0 * queries.rowCount / asked }
    let nearest = NearestRows(of: codes.withUnitRows, count: min(count, codes.rowCount))
    let unitQueries = queries.rows(selection).withUnitRows
    var precisions = [Double](repeating: 0, count: asked)
    precisions.withUnsafeMutableBufferPointer { precisions in
        // Each block of queries writes to places of its own.
        nonisolated(unsafe) let precisions = precisions
        parallelism.forEachRange(of: asked, blockSize: NearestRows.queriesPerBlock) { rows in
            for (row, found) in zip(rows, nearest.find(unitQueries, rows: rows)) {
                let wanted = queryLabels.rows[selection[row]]
                // A class that training did not have is shared with nothing.
                let shared = found.count { labels.rows[$0].contains { $0 < labels.classCount && wanted.contains($0) } }
                precisions[row] = Double(shared) / Double(found.count)
            }
        }
    }
    return precisions.reduce(0, +) / Double(asked)
}

/// Searches rows by their product with a query.
struct NearestRows {
    static let queriesPerBlock = 64
    private static let rowsPerBlock = 512
    private let rows: DenseMatrix
    private let count: Int

    init(of rows: DenseMatrix, count: Int) {
        self.rows = rows
        self.count = count
    }

    /// The numbers of the rows with the largest products, the largest first, for each query of a block.
    func find(_ queries: DenseMatrix, rows block: Range<Int>) -> [[Int]] {
        var best = [TopEntries](repeating: TopEntries(count: count), count: block.count)
        var products = [Float](repeating: 0, count: block.count * Self.rowsPerBlock)
        for start in stride(from: 0, to: rows.rowCount, by: Self.rowsPerBlock) {
            let candidates = start..<min(rows.rowCount, start + Self.rowsPerBlock)
            multiply(queries, block, candidates, into: &products)
            for i in 0..<block.count {
                for (j, row) in candidates.enumerated() {
                    best[i].add(row, Double(products[i * candidates.count + j]))
                }
            }
        }
        return best.map { $0.sorted.map(\.index) }
    }

    private func multiply(
        _ queries: DenseMatrix, _ block: Range<Int>, _ candidates: Range<Int>, into products: inout [Float]
    ) {
        let width = rows.columnCount
        products.withUnsafeMutableBufferPointer { products in
            queries.withUnsafeElements { q in
                rows.withUnsafeElements { x in
                    guard let products = products.baseAddress else { return }
                    DenseProducts.multiplyBlock(
                        q + block.lowerBound * width, strideA: width, x + candidates.lowerBound * width,
                        strideB: width, transposeB: true, m: block.count, n: candidates.count, k: width, beta: 0,
                        into: products, strideC: candidates.count)
                }
            }
        }
    }
}

extension DenseMatrix {
    /// Every row divided by its length; rows of zeros stay.
    fileprivate var withUnitRows: DenseMatrix {
        var result = self
        result.withUnsafeMutableElements { x in
            for row in 0..<rowCount {
                let start = x + row * columnCount
                var square = 0.0
                for i in 0..<columnCount { square += Double(start[i]) * Double(start[i]) }
                if square > 0 { kernels.scale(count: columnCount, alpha: Float(1 / square.squareRoot()), x: start) }
            }
        }
        return result
    }
}
