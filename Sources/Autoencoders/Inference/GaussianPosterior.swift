import SparseMatrices

/// q(z|x) = N(mean, diag(exp(logVariance))) for each row of a batch, against the prior N(0, I).
package final class GaussianPosterior {
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

    /// z = mean + σ·ε (Kingma & Welling, "Auto-Encoding Variational Bayes", ICLR 2014).
    ///
    /// - Parameters:
    ///   - noise: ε, rows × K.
    ///   - z: rows × K, overwritten.
    package func reparameterize(_ noise: ScratchMatrix, into z: ScratchMatrix, parallelism: Parallelism) {
        z.resize(rows: rowCount, width: width)
        parallelism.forEachRange(of: rowCount, blockSize: 64) { rows in
            for i in rows.lowerBound * width..<rows.upperBound * width {
                z.elements[i] = mean.elements[i] + exponential(0.5 * logVariance.elements[i]) * noise.elements[i]
            }
        }
    }

    /// KL(q‖p) of one unit of one row, in nats: ½(μ² + σ² − 1 − log σ²).
    package func klDivergence(row: Int, unit: Int) -> Double {
        let i = row * width + unit
        let mu = Double(mean.elements[i]), logVar = Double(logVariance.elements[i])
        return 0.5 * (mu * mu + exponential(logVar) - 1 - logVar)
    }

    /// KL(q‖p) of one row, in nats.
    package func klDivergence(row: Int) -> Double {
        (0..<width).reduce(0) { $0 + klDivergence(row: row, unit: $1) }
    }
}

extension ScratchMatrix {
    /// Fills rows with standard normal noise. Each row has a generator of its own, so its noise depends neither on the
    /// batch it is in nor on threads.
    package func fillNormal(
        rows: [Int], width: Int, seed: UInt64, step: UInt64, draw: UInt64, parallelism: Parallelism
    ) {
        resize(rows: rows.count, width: width)
        parallelism.forEachRange(of: rows.count, blockSize: 64) { range in
            for row in range {
                var generator = RandomGenerator(seed: seed, stream: step, draw, UInt64(rows[row]))
                for i in row * width..<(row + 1) * width { elements[i] = generator.nextNormal() }
            }
        }
    }
}
