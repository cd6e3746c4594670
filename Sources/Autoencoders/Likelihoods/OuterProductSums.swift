import SparseMatrices

/// Σ_v w_v (D_v − d)(D_v − d)ᵀ of many documents, each with weights w of its own, as packed triangles.
///
/// For a block of features at a time the outer products are written down, K(K+1)/2 numbers a feature; the sums of all
/// documents are then one dense product of the weights with them. Neither weights nor outer products are ever whole.
///
/// - Complexity: O(documents·V·K²/2).
struct OuterProductSums {
    /// The features whose weights and outer products exist at the same time.
    let blocks: FeatureBlocks
    /// d.
    let center: [Float]

    private var width: Int { center.count }
    private var triangleCount: Int { PackedTriangles.count(order: width) }

    /// At 128 features, a block's outer products stay in the second-level cache for 50 units.
    private static let featuresPerBlock = 128
    /// The documents that one thread works on at a time.
    private static let documentsPerBlock = 32

    init(_ decoder: LinearDecoder, center: [Float]? = nil) {
        blocks = FeatureBlocks(decoder, blockWidth: Self.featuresPerBlock)
        self.center = center ?? Array(repeating: 0, count: decoder.latentWidth)
    }

    /// Clears the matrices of the documents that `rows` rows belong to, `draws` to each.
    func reset(_ matrices: ScratchMatrix, rows: Int, draws: Int) {
        precondition(draws > 0 && rows % draws == 0, "\(rows) rows are not \(draws) of every document")
        matrices.reset(rows: rows / draws, width: triangleCount)
    }

    func forEachDocument(
        of matrices: ScratchMatrix, _ execution: Execution, _ body: (Int, UnsafeMutablePointer<Float>) -> Void
    ) {
        execution.parallelism.forEachRange(of: matrices.rowCount, blockSize: 8) { documents in
            for document in documents { body(document, matrices.elements + document * triangleCount) }
        }
    }

    /// Adds the sums over all features.
    ///
    /// - Parameters:
    ///   - weights: D.
    ///   - factors: w of every row, rows × block; those of a document's rows are averaged.
    ///   - prepare: writes the factors of some rows for a block of features.
    func add(
        _ weights: DenseMatrix, weighedBy factors: ScratchMatrix, draws: Int, _ results: LikelihoodResults,
        into matrices: ScratchMatrix, _ execution: Execution, prepare: (Range<Int>, Range<Int>) -> Void
    ) {
        results.outerProducts.resize(rows: blocks.blockWidth, width: triangleCount)
        let stride = draws * blocks.blockWidth
        for features in blocks.ranges {
            writeProducts(of: weights, features, into: results.outerProducts, execution)
            execution.parallelism.forEachRange(of: matrices.rowCount, blockSize: Self.documentsPerBlock) { documents in
                prepare(documents.lowerBound * draws..<documents.upperBound * draws, features)
                for document in documents {
                    average(factors.elements + document * stride, draws: draws, count: features.count)
                }
                DenseProducts.multiplyBlock(
                    factors.elements + documents.lowerBound * stride, strideA: stride,
                    results.outerProducts.elements, strideB: triangleCount, transposeB: false,
                    m: documents.count, n: triangleCount, k: features.count, beta: 1,
                    into: matrices.elements + documents.lowerBound * triangleCount, strideC: triangleCount)
            }
        }
    }

    /// The mean of `draws` rows into the first.
    private func average(_ rows: UnsafeMutablePointer<Float>, draws: Int, count: Int) {
        if draws == 1 { return }
        for draw in 1..<draws { kernels.axpy(count: count, alpha: 1, x: rows + draw * blocks.blockWidth, y: rows) }
        kernels.scale(count: count, alpha: 1 / Float(draws), x: rows)
    }

    private func writeProducts(
        of weights: DenseMatrix, _ features: Range<Int>, into products: ScratchMatrix, _ execution: Execution
    ) {
        weights.withUnsafeElements { d in
            execution.parallelism.forEachRange(of: features.count, blockSize: 16) { range in
                var moved = [Float](repeating: 0, count: width)
                for i in range {
                    let row = d + (features.lowerBound + i) * width
                    for unit in 0..<width { moved[unit] = row[unit] - center[unit] }
                    PackedTriangles.writeOuterProduct(moved, into: products.elements + i * triangleCount)
                }
            }
        }
    }
}
