import Allocation
import COpenBLAS
import Synchronization
import VectorKernelInterface

/// Dense products; all but `accumulateRows` are computed by OpenBLAS. OpenBLAS' own threads are turned off, since it
/// splits sums by the number of threads, which would change the result. Instead, the rows of the result are divided
/// into fixed blocks, one per task.
///
/// OpenBLAS sums a row of the result in a different order at the edge of a block than inside it, so the last bits of a
/// row depend on the neighbouring rows.
package enum DenseProducts {
    /// The number of concurrent threads for which memory for OpenBLAS' buffers has been checked.
    private static let roomyThreads = Atomic<Int>(AddressSpace.limit == nil ? .max : 0)
    /// The buffer size of OpenBLAS' builds for x86-64, in bytes; other builds use less.
    private static let bufferSize = 129 << 20

    /// Prepares a call of OpenBLAS. Other code in the process may have changed its number of threads since the last
    /// call; and OpenBLAS allocates, and keeps, a buffer for each thread that calls it concurrently.
    @inline(__always)
    static func prepare(threads: Int) {
        if openblas_get_num_threads() != 1 { openblas_set_num_threads(1) }
        if threads > roomyThreads.load(ordering: .relaxed) { findRoom(threads: threads) }
    }

    private static func findRoom(threads: Int) {
        let known = roomyThreads.exchange(threads, ordering: .relaxed)
        if threads > known { AddressSpace.require((threads - known) * (bufferSize + AddressSpace.bytesPerThread)) }
    }

    /// C = α·op(A)·op(B) + β·C for row-major Float matrices, op(M) being M or its transpose: op(A) m × k, op(B) k × n,
    /// C m × n.
    ///
    /// - Complexity: O(m·n·k).
    package static func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, transposeA: Bool = false, transposeB: Bool = false,
        m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0,
        into c: UnsafeMutablePointer<Float>, parallelism: Parallelism
    ) {
        prepare(threads: parallelism.threads)
        let strideA = transposeA ? m : k
        let strideB = transposeB ? k : n
        parallelism.forEachRange(of: m, blockSize: rowsPerBlock(of: m)) { rows in
            let start = transposeA ? a + rows.lowerBound : a + rows.lowerBound * k
            cblas_sgemm(
                CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
                blasint(rows.count), blasint(n), blasint(k),
                alpha, start, blasint(strideA), b, blasint(strideB), beta, c + rows.lowerBound * n, blasint(n))
        }
    }

    /// The same for matrices of Double.
    package static func multiply(
        _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, transposeA: Bool = false, transposeB: Bool = false,
        m: Int, n: Int, k: Int, alpha: Double = 1, beta: Double = 0,
        into c: UnsafeMutablePointer<Double>, parallelism: Parallelism
    ) {
        prepare(threads: parallelism.threads)
        let strideA = transposeA ? m : k
        let strideB = transposeB ? k : n
        parallelism.forEachRange(of: m, blockSize: rowsPerBlock(of: m)) { rows in
            let start = transposeA ? a + rows.lowerBound : a + rows.lowerBound * k
            cblas_dgemm(
                CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
                blasint(rows.count), blasint(n), blasint(k),
                alpha, start, blasint(strideA), b, blasint(strideB), beta, c + rows.lowerBound * n, blasint(n))
        }
    }

    /// C = op(A)·op(B) + β·C for blocks of larger matrices, on the calling thread; strides are the row lengths of the
    /// larger matrices.
    package static func multiplyBlock(
        _ a: UnsafePointer<Float>, strideA: Int, transposeA: Bool = false, _ b: UnsafePointer<Float>, strideB: Int,
        transposeB: Bool, m: Int, n: Int, k: Int, beta: Float, into c: UnsafeMutablePointer<Float>, strideC: Int
    ) {
        prepare(threads: 1)
        cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasint(m), blasint(n), blasint(k), 1, a, blasint(strideA), b, blasint(strideB), beta, c, blasint(strideC))
    }

    /// Y += X·W for row-major matrices. A row of Y depends only on the same row of X, not on its position or on other
    /// rows. Used where results must not depend on the batch, such as for a document's code.
    ///
    /// - Parameters:
    ///   - x: rows × inner.
    ///   - w: inner × width.
    ///   - y: rows × width, added to.
    /// - Complexity: O(rows·inner·width).
    package static func accumulateRows(
        _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, rows: Int, inner: Int, width: Int,
        into y: UnsafeMutablePointer<Float>, parallelism: Parallelism
    ) {
        parallelism.forEachRange(of: rows, blockSize: rowsPerBlock(of: rows)) { range in
            kernels.multiplyRows(
                count: range.count, inner: inner, width: width, x: x + range.lowerBound * inner, w: w,
                y: y + range.lowerBound * width)
        }
    }

    /// Each block packs B again, so blocks are as large as possible while the rows of a minibatch still occupy two
    /// cores.
    private static func rowsPerBlock(of m: Int) -> Int { m < 128 ? 32 : 64 }
}
