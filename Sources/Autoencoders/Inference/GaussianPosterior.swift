import SparseMatrices

/// A Gaussian q(z|x) for each row of a batch, against the prior p(z) = N(0, I).
package protocol LatentPosterior: AnyObject {
    var rowCount: Int { get }
    /// K.
    var width: Int { get }
    /// rows × K.
    var mean: ScratchMatrix { get }

    /// Samples of every row from standard normal noise ε (Kingma & Welling, "Auto-Encoding Variational Bayes",
    /// ICLR 2014).
    ///
    /// - Parameters:
    ///   - noise: (rows·draws) × K, those of a row one after the other.
    ///   - z: as many, overwritten.
    func reparameterize(_ noise: ScratchMatrix, draws: Int, into z: ScratchMatrix, parallelism: Parallelism)

    /// ½ ln det Σ, which makes ln q(z|x) = −½‖ε‖² − ½ ln det Σ − ½K ln 2π at a sample.
    func logVolume(ofRow row: Int) -> Double

    /// KL(q‖p) of a row.
    func divergence(ofRow row: Int) -> LatentDivergence
}

/// KL(q‖p) in nats.
package struct LatentDivergence {
    package let total: Double
    /// That of each unit's own marginal distribution; where units are correlated the total is more than their sum.
    package let byUnit: [Double]
}

/// q(z|x) = N(mean, diag(exp(logVariance))) for each row of a batch, against the prior N(0, I).
package final class GaussianPosterior: LatentPosterior {
    /// rows × K.
    package let mean = ScratchMatrix()
    /// rows × K.
    package let logVariance = ScratchMatrix()

    package init() {}

    package var rowCount: Int { mean.rowCount }
    package var width: Int { mean.width }

    package func resize(rows: Int, width: Int) {
        mean.resize(rows: rows, width: width)
        logVariance.resize(rows: rows, width: width)
    }

    package func copy(from other: GaussianPosterior) {
        resize(rows: other.rowCount, width: other.width)
        mean.elements.update(from: other.mean.elements, count: mean.elementCount)
        logVariance.elements.update(from: other.logVariance.elements, count: mean.elementCount)
    }

    /// z = mean + σ·ε.
    package func reparameterize(
        _ noise: ScratchMatrix, draws: Int = 1, into z: ScratchMatrix, parallelism: Parallelism
    ) {
        z.resize(rows: rowCount * draws, width: width)
        parallelism.forEachRange(of: rowCount * draws) { rows in
            for row in rows {
                let source = row / draws * width, target = row * width
                for unit in 0..<width {
                    z.elements[target + unit] =
                        mean.elements[source + unit]
                        + exponential(0.5 * logVariance.elements[source + unit]) * noise.elements[target + unit]
                }
            }
        }
    }

    /// KL(q‖p) of one unit of one row, in nats: ½(μ² + σ² − 1 − log σ²).
    package func klDivergence(row: Int, unit: Int) -> Double {
        let i = row * width + unit
        let mu = Double(mean.elements[i]), logVar = Double(logVariance.elements[i])
        return 0.5 * (mu * mu + exponential(logVar) - 1 - logVar)
    }

    /// ½ Σ log σ².
    package func logVolume(ofRow row: Int) -> Double {
        (row * width..<(row + 1) * width).reduce(0) { $0 + 0.5 * Double(logVariance.elements[$1]) }
    }

    /// KL(q‖p) of one row, the sum of its units'.
    package func divergence(ofRow row: Int) -> LatentDivergence {
        let byUnit = (0..<width).map { klDivergence(row: row, unit: $0) }
        return LatentDivergence(total: byUnit.reduce(0, +), byUnit: byUnit)
    }
}

extension ScratchMatrix {
    /// Fills rows with standard normal noise. Each row has a generator of its own, so its noise depends neither on the
    /// batch it is in nor on threads.
    package func fillNormal(
        rows: [Int], width: Int, seed: UInt64, step: UInt64, draw: UInt64, parallelism: Parallelism
    ) {
        resize(rows: rows.count, width: width)
        parallelism.forEachRange(of: rows.count) { range in
            for row in range {
                var generator = RandomGenerator(seed: seed, stream: step, draw, UInt64(rows[row]))
                for i in row * width..<(row + 1) * width { elements[i] = generator.nextNormal() }
            }
        }
    }
}
