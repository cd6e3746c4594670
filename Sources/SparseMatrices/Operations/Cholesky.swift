import COpenBLAS

/// The Cholesky factorization of a symmetric positive definite matrix, by LAPACK.
package struct Cholesky {
    /// The matrix is not positive definite to working precision; `order` is that of the first leading minor that is not
    /// positive.
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
    /// - Returns: whether A is positive definite to working precision; if not, the contents of A are undefined.
    /// - Complexity: O(order³); allocates nothing.
    package static func invert(_ a: UnsafeMutablePointer<Double>, order: Int) -> Bool {
        DenseProducts.prepare(threads: 1)
        var n = blasint(order), info: blasint = 0
        dpotrf_("L", &n, a, &n, &info)
        if info != 0 { return false }
        dpotri_("L", &n, a, &n, &info)
        if info != 0 { return false }
        // LAPACK fills one triangle; its lower triangle in column-major order is the upper one in row-major order.
        for i in 0..<order {
            for j in 0..<i { a[i * order + j] = a[j * order + i] }
        }
        return true
    }
}

/// Small symmetric matrices stored as their lower triangles, row by row: entry (i, j), j ≤ i, is at i(i+1)/2 + j. Their
/// Cholesky factors L, A = L·Lᵀ, are stored in the same way.
package enum PackedTriangles {
    package static func count(order: Int) -> Int { order * (order + 1) / 2 }

    /// The position of entry (i, i).
    package static func diagonal(_ i: Int) -> Int { i * (i + 3) / 2 }

    /// A = x·xᵀ.
    package static func writeOuterProduct(_ x: [Float], into a: UnsafeMutablePointer<Float>) {
        x.withUnsafeBufferPointer { x in
            var target = a
            for i in 0..<x.count {
                let factor = x[i]
                for j in 0...i { target[j] = factor * x[j] }
                target += i + 1
            }
        }
    }

    /// A += weight·x·xᵀ.
    package static func addOuterProduct(_ x: [Float], weight: Float, to a: UnsafeMutablePointer<Float>) {
        x.withUnsafeBufferPointer { x in
            var target = a
            for i in 0..<x.count {
                let factor = weight * x[i]
                for j in 0...i { target[j] += factor * x[j] }
                target += i + 1
            }
        }
    }

    /// A += XᵀX for X of rows × width.
    ///
    /// - Complexity: O(rows·width²).
    package static func addGram(_ x: [Float], rows: Int, width: Int, to a: UnsafeMutablePointer<Float>) {
        DenseProducts.prepare(threads: 1)
        var gram = [Float](repeating: 0, count: width * width)
        let order = blasint(width)
        cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, order, blasint(rows), 1, x, order, 0, &gram, order)
        var target = a
        for i in 0..<width {
            for j in 0...i { target[j] += gram[i * width + j] }
            target += i + 1
        }
    }

    /// The Cholesky factor of A, computed in Double.
    ///
    /// - Returns: whether A is positive definite to working precision; if not, L is unchanged.
    /// - Complexity: O(order³).
    package static func factor(
        _ a: UnsafePointer<Float>, order: Int, into l: UnsafeMutablePointer<Float>
    ) -> Bool {
        DenseProducts.prepare(threads: 1)
        var square = unpacked(a, order: order)
        // LAPACK uses column-major order, in which its upper triangle is our lower one.
        var n = blasint(order), info: blasint = 0
        dpotrf_("U", &n, &square, &n, &info)
        if info != 0 { return false }
        var target = l
        for i in 0..<order {
            for j in 0...i { target[j] = Float(square[i * order + j]) }
            target += i + 1
        }
        return true
    }

    /// x = L⁻¹x, or x = L⁻ᵀx.
    ///
    /// - Complexity: O(order²).
    package static func solve(
        _ l: UnsafePointer<Float>, order: Int, transposed: Bool, _ x: UnsafeMutablePointer<Float>
    ) {
        cblas_stpsv(
            CblasRowMajor, CblasLower, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, blasint(order), l, x, 1)
    }

    /// The diagonal of A⁻¹ = L⁻ᵀL⁻¹, from the factor.
    ///
    /// - Complexity: O(order³).
    package static func inverseDiagonal(_ l: UnsafePointer<Float>, order: Int) -> [Double] {
        DenseProducts.prepare(threads: 1)
        let square = unpacked(l, order: order)
        var inverse = [Double](repeating: 0, count: order * order)
        for i in 0..<order { inverse[i * order + i] = 1 }
        let n = blasint(order)
        cblas_dtrsm(
            CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, n, n, 1, square, n, &inverse, n)
        var diagonal = [Double](repeating: 0, count: order)
        for i in 0..<order {
            for j in 0...i { diagonal[j] += inverse[i * order + j] * inverse[i * order + j] }
        }
        return diagonal
    }

    /// The lower triangle of a square matrix, in Double.
    private static func unpacked(_ a: UnsafePointer<Float>, order: Int) -> [Double] {
        var square = [Double](repeating: 0, count: order * order)
        var source = a
        for i in 0..<order {
            for j in 0...i { square[i * order + j] = Double(source[j]) }
            source += i + 1
        }
        return square
    }
}
