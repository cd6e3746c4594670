import COpenBLAS

/// Dense products by OpenBLAS. Its own threads stay off: it splits sums by the number of threads, which would change
/// the bytes. Ours cut the rows of the result into fixed blocks instead.
package enum DenseProducts {
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// C = α·op(A)·op(B) + β·C for row-major Float matrices, op(M) being M or its transpose: op(A) m × k, op(B) k × n,
    /// C m × n.
    ///
    /// - Complexity: O(m·n·k).
    package static func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposeA: Bool = false, transposeB: Bool = false,
        m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0,
        into c: UnsafeMutablePointer<Float>, parallelism: Parallelism
    ) {
        _ = singleThreaded
        let strideA = transposeA ? m : k
        let strideB = transposeB ? k : n
        parallelism.forEachRange(of: m, blockSize: rowsPerBlock) { rows in
            let start = transposeA ? a + rows.lowerBound : a + rows.lowerBound * k
            cblas_sgemm(
                CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
                blasint(rows.count), blasint(n), blasint(k),
                alpha, start, blasint(strideA), b, blasint(strideB), beta, c + rows.lowerBound * n, blasint(n))
        }
    }

    /// The same for Double.
    package static func multiply(
        _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, transposeA: Bool = false, transposeB: Bool = false,
        m: Int, n: Int, k: Int, alpha: Double = 1, beta: Double = 0,
        into c: UnsafeMutablePointer<Double>, parallelism: Parallelism
    ) {
        _ = singleThreaded
        let strideA = transposeA ? m : k
        let strideB = transposeB ? k : n
        parallelism.forEachRange(of: m, blockSize: rowsPerBlock) { rows in
            let start = transposeA ? a + rows.lowerBound : a + rows.lowerBound * k
            cblas_dgemm(
                CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
                blasint(rows.count), blasint(n), blasint(k),
                alpha, start, blasint(strideA), b, blasint(strideB), beta, c + rows.lowerBound * n, blasint(n))
        }
    }

    private static let rowsPerBlock = 64
}
