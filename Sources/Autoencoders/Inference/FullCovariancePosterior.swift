import SparseMatrices

/// q(z|x) = N(μ, P⁻¹) for each row of a batch, with a precision matrix P of its own, against the prior N(0, I).
///
/// - Complexity: of memory, O(rows·K²).
package final class FullCovariancePosterior: LatentPosterior {
    /// μ: rows × K.
    package let mean = ScratchMatrix()
    /// P: rows × K(K+1)/2, as `PackedTriangles`.
    package let precision = ScratchMatrix()
    /// L with P = L·Lᵀ, likewise.
    package let factor = ScratchMatrix()

    package init() {}

    package var rowCount: Int { mean.rowCount }
    package var width: Int { mean.width }
    private var triangleCount: Int { precision.width }

    /// Starts as a posterior without correlations.
    package func copy(from other: GaussianPosterior) {
        let rows = other.rowCount, width = other.width
        mean.resize(rows: rows, width: width)
        mean.elements.update(from: other.mean.elements, count: mean.elementCount)
        for triangles in [precision, factor] {
            triangles.reset(rows: rows, width: PackedTriangles.count(order: width))
        }
        for row in 0..<rows {
            for unit in 0..<width {
                let i = row * triangleCount + PackedTriangles.diagonal(unit)
                let logVariance = other.logVariance.elements[row * width + unit]
                precision.elements[i] = exponential(-logVariance)
                factor.elements[i] = exponential(-0.5 * logVariance)
            }
        }
    }

    /// z = μ + L⁻ᵀε, whose covariance is L⁻ᵀL⁻¹ = P⁻¹.
    package func reparameterize(
        _ noise: ScratchMatrix, draws: Int, into z: ScratchMatrix, parallelism: Parallelism
    ) {
        z.resize(rows: rowCount * draws, width: width)
        parallelism.forEachRange(of: rowCount, blockSize: 16) { rows in
            for row in rows {
                for draw in row * draws..<(row + 1) * draws {
                    let sample = z.elements + draw * width
                    sample.update(from: noise.elements + draw * width, count: width)
                    PackedTriangles.solve(factor(ofRow: row), order: width, transposed: true, sample)
                    kernels.axpy(count: width, alpha: 1, x: mean.elements + row * width, y: sample)
                }
            }
        }
    }

    /// P ← (1 − ρ)P + ρ(I + H) for every row. Where rounding has made it indefinite, P stays as it was.
    ///
    /// - Parameter curvature: H, rows × K(K+1)/2.
    func mixIn(_ curvature: ScratchMatrix, rate: Float, parallelism: Parallelism) {
        let count = triangleCount, width = width
        parallelism.forEachRange(of: rowCount, blockSize: 8) { rows in
            var mixed = [Float](repeating: 0, count: count)
            for row in rows {
                let old = precision.elements + row * count, added = curvature.elements + row * count
                for i in 0..<count { mixed[i] = (1 - rate) * old[i] + rate * added[i] }
                for unit in 0..<width { mixed[PackedTriangles.diagonal(unit)] += rate }
                if PackedTriangles.factor(mixed, order: width, into: factor.elements + row * count) {
                    old.update(from: mixed, count: count)
                }
            }
        }
    }

    /// P⁻¹v, in place.
    func solve(row: Int, _ v: UnsafeMutablePointer<Float>) {
        PackedTriangles.solve(factor(ofRow: row), order: width, transposed: false, v)
        PackedTriangles.solve(factor(ofRow: row), order: width, transposed: true, v)
    }

    /// −½ ln det P, the sum of the logarithms of the diagonal of L⁻¹.
    package func logVolume(ofRow row: Int) -> Double {
        let l = factor(ofRow: row)
        return (0..<width).reduce(0) { $0 - logarithm(Double(l[PackedTriangles.diagonal($1)])) }
    }

    /// KL(q‖p) = ½(tr P⁻¹ + μᵀμ − K + ln det P); of a unit, that of its marginal distribution.
    package func divergence(ofRow row: Int) -> LatentDivergence {
        let variances = PackedTriangles.inverseDiagonal(factor(ofRow: row), order: width)
        var squares = 0.0
        var byUnit = [Double](repeating: 0, count: width)
        for unit in 0..<width {
            let mu = Double(mean.elements[row * width + unit]), variance = variances[unit]
            squares += mu * mu + variance
            byUnit[unit] = 0.5 * (mu * mu + variance - 1 - logarithm(variance))
        }
        return LatentDivergence(total: 0.5 * (squares - Double(width)) - logVolume(ofRow: row), byUnit: byUnit)
    }

    private func factor(ofRow row: Int) -> UnsafePointer<Float> { UnsafePointer(factor.elements + row * triangleCount) }
}
