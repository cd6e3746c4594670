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

    /// A⁻¹, row-major.
    ///
    /// - Complexity: O(order³).
    package func inverse() -> [Double] {
        var result = factor
        var n = blasint(order), info: blasint = 0
        dpotri_("L", &n, &result, &n, &info)
        // LAPACK fills one triangle; column-major lower is row-major upper.
        for i in 0..<order {
            for j in 0..<i { result[i * order + j] = result[j * order + i] }
        }
        return result
    }
}
