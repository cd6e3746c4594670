import COpenBLAS

/// Dense products by OpenBLAS. Its own threads stay off: it splits sums by the number of threads, which would change
/// the bytes. Ours cut the rows of the result into fixed blocks instead.
package enum DenseProducts {
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// Whether a factor is used as it is stored or transposed.
    package enum Orientation {
        case asStored, transposed

        fileprivate var blas: CBLAS_TRANSPOSE { self == .asStored ? CblasNoTrans : CblasTrans }
    }

    /// C = α·op(A)·op(B) + β·C for row-major Float matrices: op(A) m × k, op(B) k × n, C m × n.
    ///
    /// - Complexity: O(m·n·k).
    package static func multiply(
        _ a: UnsafePointer<Float>, _ orientationA: Orientation = .asStored,
        _ b: UnsafePointer<Float>, _ orientationB: Orientation = .asStored,
        m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0,
        into c: UnsafeMutablePointer<Float>, parallelism: Parallelism
    ) {
        _ = singleThreaded
        let strideA = orientationA == .asStored ? k : m
        let strideB = orientationB == .asStored ? n : k
        parallelism.forEachRange(of: m, blockSize: rowsPerBlock) { rows in
            let start = orientationA == .asStored ? a + rows.lowerBound * k : a + rows.lowerBound
            cblas_sgemm(
                CblasRowMajor, orientationA.blas, orientationB.blas, blasint(rows.count), blasint(n), blasint(k),
                alpha, start, blasint(strideA), b, blasint(strideB), beta, c + rows.lowerBound * n, blasint(n))
        }
    }

    /// The same for Double.
    package static func multiply(
        _ a: UnsafePointer<Double>, _ orientationA: Orientation = .asStored,
        _ b: UnsafePointer<Double>, _ orientationB: Orientation = .asStored,
        m: Int, n: Int, k: Int, alpha: Double = 1, beta: Double = 0,
        into c: UnsafeMutablePointer<Double>, parallelism: Parallelism
    ) {
        _ = singleThreaded
        let strideA = orientationA == .asStored ? k : m
        let strideB = orientationB == .asStored ? n : k
        parallelism.forEachRange(of: m, blockSize: rowsPerBlock) { rows in
            let start = orientationA == .asStored ? a + rows.lowerBound * k : a + rows.lowerBound
            cblas_dgemm(
                CblasRowMajor, orientationA.blas, orientationB.blas, blasint(rows.count), blasint(n), blasint(k),
                alpha, start, blasint(strideA), b, blasint(strideB), beta, c + rows.lowerBound * n, blasint(n))
        }
    }

    private static let rowsPerBlock = 64
}
