import SparseMatrices

extension LinearDecoder {
    /// DᵀD, H × H, row-major.
    ///
    /// - Complexity: O(V·H²), in Double.
    package func gram(parallelism: Parallelism) -> [Double] {
        let width = latentWidth
        let featuresPerBlock = 4096
        var gram = [Double](repeating: 0, count: width * width)
        for start in stride(from: 0, to: featureCount, by: featuresPerBlock) {
            let features = start..<min(start + featuresPerBlock, featureCount)
            let block = weights.withUnsafeElements { d in
                (features.lowerBound * width..<features.upperBound * width).map { Double(d[$0]) }
            }
            block.withUnsafeBufferPointer { block in
                gram.withUnsafeMutableBufferPointer { gram in
                    guard let block = block.baseAddress, let gram = gram.baseAddress else { return }
                    DenseProducts.multiply(
                        block, block, transposeA: true, m: width, n: width, k: features.count, beta: 1, into: gram,
                        parallelism: parallelism)
                }
            }
        }
        return gram
    }
}
