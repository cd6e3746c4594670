import SparseMatrices

/// What is left of the documents that an earlier model has learned from, for a decoder that is fitted anew: the decoder
/// itself and the codes of some of them.
///
/// With A = Σ h hᵀ over all these documents, estimated from those codes, the statistics B of which D was the solution are
/// D·(A + εI). A decoder fitted to these and to those of new documents suits both.
struct DecoderMemory: Sendable {
    /// In the units of the training, like the statistics.
    var decoder: LinearDecoder
    let codes: DenseMatrix
    /// The number of documents that the codes stand for.
    let documents: Int
}

extension OptimalDecoder {
    /// Adds the statistics of earlier documents, without which nothing may have been collected.
    ///
    /// - Parameter ridge: as `solve` is to be called with.
    /// - Complexity: O(codes·H² + V·H²).
    mutating func recall(_ memory: DecoderMemory, ridge: Double, execution: Execution) {
        let n = stride
        var moments = [Double](repeating: 0, count: n * n)
        let weight = Double(memory.documents) / Double(max(1, memory.codes.rowCount))
        for row in 0..<memory.codes.rowCount {
            let code = memory.codes.row(row).map(Double.init) + (hasBias ? [1] : [])
            for i in code.indices where code[i] != 0 {
                for j in code.indices { moments[i * n + j] += weight * code[i] * code[j] }
            }
        }
        let trace = (0..<width).reduce(0.0) { $0 + moments[$1 * n + $1] }
        let epsilon = trace > 0 ? ridge * trace / Double(width) : 1
        var factors = moments
        for i in 0..<n { factors[i * n + i] += epsilon }
        setStatistics(
            codeMoments: moments, crossMoments: product(of: memory.decoder, factors, execution), execution: execution)
    }

    /// D·F with the bias as the last column of D: V × stride.
    private func product(of decoder: LinearDecoder, _ factors: [Double], _ execution: Execution) -> DenseMatrix {
        let n = stride
        var widened = DenseMatrix(rowCount: decoder.featureCount, columnCount: n)
        widened.withUnsafeMutableElements { target in
            decoder.weights.withUnsafeElements { source in
                for row in 0..<decoder.featureCount {
                    (target + row * n).update(from: source + row * width, count: width)
                    if hasBias { target[row * n + width] = decoder.bias[row] }
                }
            }
        }
        let (small, rows) = (factors.map { Float($0) }, decoder.featureCount)
        var result = DenseMatrix(rowCount: rows, columnCount: n)
        result.withUnsafeMutableElements { target in
            widened.withUnsafeElements {
                DenseProducts.multiply(
                    $0, small, m: rows, n: n, k: n, into: target, parallelism: execution.parallelism)
            }
        }
        return result
    }
}
