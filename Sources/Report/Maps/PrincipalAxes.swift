import Autoencoders
import RealModule
import SparseMatrices

/// The leading eigenvectors of a symmetric matrix, by subspace iteration with a Rayleigh–Ritz step (Saad, "Numerical
/// Methods for Large Eigenvalue Problems", 2011, chapter 5).
struct PrincipalAxes {
    /// In descending order; those below zero are set to zero.
    let values: [Double]
    /// n × count, row-major; columns are orthonormal, and the largest component of each is positive.
    let vectors: [Double]
    let count: Int

    /// - Parameters:
    ///   - matrix: n × n, symmetric, row-major.
    ///   - count: how many vectors; at most n are returned.
    ///   - tolerance: by how much the values may change in the last iteration, relative to the largest.
    /// - Complexity: O(n²·count) an iteration, of which there are at most `mostIterations`.
    init(of matrix: [Double], n: Int, count: Int, tolerance: Double = 1e-9, parallelism: Parallelism) {
        precondition(matrix.count == n * n, "\(matrix.count) numbers for \(n) × \(n)")
        let wanted = min(count, n)
        // A few more than wanted, since the last ones of a subspace converge slowly.
        let width = min(n, wanted + 8)
        var basis = Self.start(n: n, width: width)
        orthonormalize(&basis, rows: n, columns: width)
        var product = [Double](repeating: 0, count: n * width)
        var values = [Double](repeating: 0, count: width)
        for _ in 0..<Self.mostIterations {
            multiply(matrix, basis, m: n, n: width, k: n, into: &product, parallelism: parallelism)
            var small = [Double](repeating: 0, count: width * width)
            multiply(basis, product, transposeA: true, m: width, n: width, k: n, into: &small, parallelism: parallelism)
            let ritz = JacobiEigenvectors(of: small, n: width)
            let change = zip(ritz.values.prefix(wanted), values).reduce(0) { max($0, abs($1.0 - $1.1)) }
            values = ritz.values
            multiply(product, ritz.vectors, m: n, n: width, k: width, into: &basis, parallelism: parallelism)
            orthonormalize(&basis, rows: n, columns: width)
            if change <= tolerance * abs(values.first ?? 0) { break }
        }
        self.count = wanted
        self.values = values.prefix(wanted).map { max(0, $0) }
        vectors = Self.signed(basis, n: n, width: width, keeping: wanted)
    }

    private static let mostIterations = 100

    private static func start(n: Int, width: Int) -> [Double] {
        var generator = RandomGenerator(seed: 0, stream: 0x6178_6573)
        return (0..<n * width).map { _ in Double(generator.nextNormal()) }
    }

    private static func signed(_ basis: [Double], n: Int, width: Int, keeping wanted: Int) -> [Double] {
        let signs = (0..<wanted).map { column in
            let largest = (0..<n).reduce(0.0) {
                abs(basis[$1 * width + column]) > abs($0) ? basis[$1 * width + column] : $0
            }
            return largest < 0 ? -1.0 : 1.0
        }
        return (0..<n).flatMap { row in (0..<wanted).map { signs[$0] * basis[row * width + $0] } }
    }
}

/// C = op(A)·B for row-major matrices in arrays.
func multiply(
    _ a: [Double], _ b: [Double], transposeA: Bool = false, m: Int, n: Int, k: Int, into c: inout [Double],
    parallelism: Parallelism
) {
    precondition(a.count == m * k && b.count == k * n && c.count == m * n, "the shapes do not fit together")
    if m * n * k == 0 { return }
    a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
            c.withUnsafeMutableBufferPointer { c in
                guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
                DenseProducts.multiply(
                    a, b, transposeA: transposeA, m: m, n: n, k: k, into: c, parallelism: parallelism)
            }
        }
    }
}

/// Makes the columns orthonormal, in order, by modified Gram–Schmidt, twice; a column that depends on those before it
/// becomes zero.
private func orthonormalize(_ basis: inout [Double], rows: Int, columns: Int) {
    basis.withUnsafeMutableBufferPointer { basis in
        for column in 0..<columns {
            let before = length(basis, column, rows: rows, stride: columns)
            for _ in 0..<2 {
                for earlier in 0..<column {
                    var dot = 0.0
                    for row in 0..<rows { dot += basis[row * columns + column] * basis[row * columns + earlier] }
                    for row in 0..<rows { basis[row * columns + column] -= dot * basis[row * columns + earlier] }
                }
            }
            let after = length(basis, column, rows: rows, stride: columns)
            let scale = after > 1e-12 * before ? 1 / after : 0
            for row in 0..<rows { basis[row * columns + column] *= scale }
        }
    }
}

private func length(_ basis: UnsafeMutableBufferPointer<Double>, _ column: Int, rows: Int, stride: Int) -> Double {
    var sum = 0.0
    for row in 0..<rows { sum += basis[row * stride + column] * basis[row * stride + column] }
    return sum.squareRoot()
}

/// All eigenvectors of a small symmetric matrix, by Jacobi's rotations (Golub & Van Loan, "Matrix Computations", 8.5).
struct JacobiEigenvectors {
    /// In descending order.
    let values: [Double]
    /// n × n, row-major; column i belongs to value i.
    let vectors: [Double]

    init(of matrix: [Double], n: Int) {
        var a = matrix
        var v = (0..<n * n).map { $0 / n == $0 % n ? 1.0 : 0.0 }
        let total = a.reduce(0) { $0 + $1 * $1 }
        for _ in 0..<60 {
            var off = 0.0
            for p in 0..<n { for q in 0..<n where p != q { off += a[p * n + q] * a[p * n + q] } }
            if off <= 1e-24 * total { break }
            for p in 0..<n { for q in p + 1..<max(p + 1, n) { Self.rotate(&a, &v, p, q, n) } }
        }
        let order = (0..<n).sorted { (a[$1 * n + $1], $0) < (a[$0 * n + $0], $1) }
        values = order.map { a[$0 * n + $0] }
        vectors = (0..<n).flatMap { row in order.map { v[row * n + $0] } }
    }

    private static func rotate(_ a: inout [Double], _ v: inout [Double], _ p: Int, _ q: Int, _ n: Int) {
        let apq = a[p * n + q]
        if apq == 0 { return }
        let theta = (a[q * n + q] - a[p * n + p]) / (2 * apq)
        let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot(), s = t * c
        for k in 0..<n {
            let (akp, akq) = (a[k * n + p], a[k * n + q])
            (a[k * n + p], a[k * n + q]) = (c * akp - s * akq, s * akp + c * akq)
        }
        for k in 0..<n {
            let (apk, aqk) = (a[p * n + k], a[q * n + k])
            (a[p * n + k], a[q * n + k]) = (c * apk - s * aqk, s * apk + c * aqk)
        }
        for k in 0..<n {
            let (vkp, vkq) = (v[k * n + p], v[k * n + q])
            (v[k * n + p], v[k * n + q]) = (c * vkp - s * vkq, s * vkp + c * vkq)
        }
    }
}
