import COpenBLAS

/// Small symmetric matrices as their lower triangles, row by row: entry (i, j), j ≤ i, is at i(i+1)/2 + j. So are their
/// Cholesky factors L, A = L·Lᵀ.
package enum PackedTriangles {
    package static func count(order: Int) -> Int { order * (order + 1) / 2 }

    /// Where entry (i, i) is.
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
    /// - Returns: whether A is positive definite to working precision; if not, L is left as it was.
    /// - Complexity: O(order³).
    package static func factor(
        _ a: UnsafePointer<Float>, order: Int, into l: UnsafeMutablePointer<Float>
    ) -> Bool {
        DenseProducts.prepare(threads: 1)
        var square = unpacked(a, order: order)
        // LAPACK counts by columns: its upper triangle is our lower one.
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
