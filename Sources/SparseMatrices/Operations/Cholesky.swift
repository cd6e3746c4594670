import COpenBLAS

/// The Cholesky factorization of a symmetric positive definite matrix, by LAPACK.
package struct Cholesky {
    /// The matrix is not positive definite to working precision; the leading minor of this order is the first that fails.
    package struct NotPositiveDefinite: Error { package let order: Int }

    package let order: Int
    private var factor: [Double]

    /// Factors A = U·Uᵀ (order × order; symmetric, so row- and column-major agree).
    ///
    /// - Complexity: O(order³).
    package init(_ matrix: [Double], order: Int) throws(NotPositiveDefinite) {
        precondition(matrix.count == order * order, "\(matrix.count) elements are not \(order) × \(order)")
        self.order = order
        factor = matrix
        DenseProducts.prepare(threads: 1)
        var n = blasint(order), info: blasint = 0
        dpotrf_("L", &n, &factor, &n, &info)
        if info != 0 { throw NotPositiveDefinite(order: Int(info)) }
    }

    /// Replaces each of the `count` rows b of B (row-major, count × order) by A⁻¹b.
    ///
    /// - Complexity: O(count·order²).
    package func solveRows(_ b: UnsafeMutablePointer<Double>, count: Int) {
        var n = blasint(order), rhs = blasint(count), info: blasint = 0
        factor.withUnsafeBufferPointer { dpotrs_("L", &n, &rhs, $0.baseAddress, &n, b, &n, &info) }
    }

    /// Replaces A by A⁻¹, both order × order.
    ///
    /// - Returns: whether A is positive definite to working precision; if not, it is left in pieces.
    /// - Complexity: O(order³); allocates nothing.
    package static func invert(_ a: UnsafeMutablePointer<Double>, order: Int) -> Bool {
        DenseProducts.prepare(threads: 1)
        var n = blasint(order), info: blasint = 0
        dpotrf_("L", &n, a, &n, &info)
        if info != 0 { return false }
        dpotri_("L", &n, a, &n, &info)
        if info != 0 { return false }
        // LAPACK fills one triangle; column-major lower is row-major upper.
        for i in 0..<order {
            for j in 0..<i { a[i * order + j] = a[j * order + i] }
        }
        return true
    }
}
