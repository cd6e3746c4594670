import Autoencoders
import RealModule
import SparseMatrices

extension PlanePoints {
    /// The coordinates that pyLDAvis gives topics, `js_PCoA`: classical scaling with the units' Jensen–Shannon divergences
    /// D as distances, so that the coordinates are √λ·v of the two largest eigenvalues λ of −½·J·(D∘D)·J, J = I − 11ᵀ/n.
    ///
    /// - Complexity: O(features·H²) logarithms, and memory for two blocks of distributions.
    init(scaling distributions: UnitDistributions, parallelism: Parallelism) {
        let divergences = distributions.jensenShannonDivergences(parallelism: parallelism)
        self.init(
            scaling: divergences.map { -0.5 * $0 * $0 }, n: distributions.unitCount, parallelism: parallelism)
    }
}

extension UnitDistributions {
    /// D_ij = ½·Σ p·ln(p/m) + ½·Σ q·ln(q/m) with p = p(·|i), q = p(·|j) and m = (p + q)/2, in nats (Lin, IEEE Trans. Inf.
    /// Theory 1991), H × H.
    func jensenShannonDivergences(parallelism: Parallelism) -> [Double] {
        let n = unitCount
        var sums = [Double](repeating: 0, count: n * n)
        let columns = ScratchMatrix()
        forEachBlock(parallelism: parallelism) { rows, p in
            for start in stride(from: rows.lowerBound, to: n, by: rows.count) {
                let others = start..<min(n, start + rows.count)
                fillNormalized(columns, others, parallelism: parallelism)
                // Each task reads rows of its own and writes to places of its own.
                nonisolated(unsafe) let (p, q) = (p, UnsafePointer(columns.elements))
                let block = parallelism.map(rows.count) { i in
                    others.map { other in
                        other <= rows.lowerBound + i
                            ? 0
                            : Self.divergence(
                                p + i * featureCount, q + (other - others.lowerBound) * featureCount, featureCount)
                    }
                }
                for (i, row) in zip(rows, block) {
                    for (j, divergence) in zip(others, row) where j > i {
                        (sums[i * n + j], sums[j * n + i]) = (divergence, divergence)
                    }
                }
            }
        }
        return sums
    }

    private static func divergence(_ p: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ count: Int) -> Double {
        var sum = 0.0
        for i in 0..<count {
            let (a, b) = (Double(p[i]), Double(q[i]))
            if a == 0 || b == 0 {
                sum += (a + b) * 0.5 * log2
            } else {
                let m = 0.5 * (a + b)
                sum += 0.5 * (a * Double.log(a / m) + b * Double.log(b / m))
            }
        }
        return max(0, sum)
    }

    private static let log2 = Double.log(2)
}
