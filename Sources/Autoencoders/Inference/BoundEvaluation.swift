import SparseMatrices

extension VariationalAutoencoder {
    /// How a bound is computed.
    package struct BoundSettings: Sendable {
        /// Draws of z that the expectation of log p(x|z) is averaged over.
        package var samples = 10
        /// Steps from the encoder's posterior towards the best Gaussian of each document, of full covariance; 0 stays
        /// with the encoder's.
        package var refinementSteps = 0
        /// Draws of z that the importance-weighted bound averages p(x, z)/q(z|x) over; 0 computes none.
        package var importanceSamples = 0
        package var seed: UInt64 = 0

        package init() {}
    }

    /// The evidence lower bound on the documents of `targets`, exact but for the sampling of z, and if asked for the
    /// importance-weighted bound
    ///
    ///     log p(x) ≥ E log 1/N Σ_i p(x, z_i)/q(z_i|x),   z_i ~ q(z|x)
    ///
    /// which the number of samples N tightens (Burda, Grosse & Salakhutdinov, "Importance Weighted Autoencoders", ICLR
    /// 2016). Samples that are reported on are never those that a posterior was refined by. With a backend that can
    /// fail, `execution.checkBackend` tells whether the bound is worth anything.
    ///
    /// - Complexity: O((samples + importance samples + refinement steps·K/2)·rows·V·K).
    package func bound(
        on targets: CSRMatrix, _ settings: BoundSettings = BoundSettings(), execution: Execution = Execution()
    ) -> BoundReport {
        precondition(settings.samples > 0, "a bound needs at least one sample")
        var statistics = BoundStatistics(width: latentWidth), importance = LossSums()
        forEachInferredBatch(of: WeightedRows(targets), settings, execution: execution) { batch in
            let workspace = batch.workspace
            for row in 0..<batch.rows.count {
                statistics.add(
                    logLikelihood: batch.meanLogLikelihoods[row], divergence: batch.posterior.divergence(ofRow: row),
                    tokens: workspace.evidence.tokens[row])
            }
            if settings.importanceSamples > 0 {
                workspace.addImportanceBound(
                    of: batch.posterior, batch.likelihood, batch.documents, samples: settings.importanceSamples,
                    seed: settings.seed, to: &importance, execution)
            }
        }
        var report = statistics.report
        if settings.importanceSamples > 0 { report.importanceWeighted = importance.report }
        return report
    }

    /// The posterior means of all rows, rows × K: the embedding of documents. With a backend that can fail,
    /// `execution.checkBackend` tells whether they are worth anything.
    ///
    /// - Complexity: O(nnz(X)·width₁) and the dense layers' products.
    package func encode(_ targets: CSRMatrix, execution: Execution = Execution()) -> DenseMatrix {
        var codes = DenseMatrix(rowCount: targets.rowCount, columnCount: latentWidth)
        let inputs = encoderInputs(from: targets)
        let posterior = GaussianPosterior()
        codes.withUnsafeMutableElements { codes in
            encoder.encodeBlocks(of: inputs, execution: execution) { hidden, rows in
                latent.forward(hidden, rows: rows.count, into: posterior, parallelism: execution.parallelism)
                (codes + rows.lowerBound * latentWidth).update(
                    from: posterior.mean.elements, count: rows.count * latentWidth)
            }
        }
        return codes
    }
}

extension InferenceWorkspace {
    /// Adds −log 1/N Σ p(x, z)/q(z|x) of every row.
    func addImportanceBound(
        of posterior: any LatentPosterior, _ likelihood: any Likelihood, _ batch: SparseBatch, samples: Int,
        seed: UInt64, to losses: inout LossSums, _ execution: Execution
    ) {
        let volumes = (0..<batch.rowCount).map(posterior.logVolume)
        var sums = Array(repeating: LogarithmOfSum(), count: batch.rowCount)
        for draw in 0..<samples {
            evaluateSample(
                of: posterior, likelihood, batch, NoiseSource(seed: seed, step: 0x696d_7074), draw: draw,
                wantsCurvature: false, execution)
            for row in sums.indices {
                let ratio = logDensityRatio(row, width: posterior.width, logVolume: volumes[row])
                sums[row].add(results.logLikelihoods[row] + ratio)
            }
        }
        for row in sums.indices {
            losses.add(logarithm(Double(samples)) - sums[row].value, tokens: evidence.tokens[row])
        }
    }
}

/// ln Σ exp(x), term by term, never leaving the range of Double.
struct LogarithmOfSum {
    private var maximum = -Double.infinity
    /// Σ exp(x − maximum).
    private var sum = 0.0

    mutating func add(_ x: Double) {
        if x > maximum {
            sum = sum * exponential(maximum - x) + 1
            maximum = x
        } else if x > -.infinity {
            sum += exponential(x - maximum)
        }
    }

    var value: Double { maximum + logarithm(sum) }
}
