import SparseMatrices

extension VariationalAutoencoder {
    /// How a bound is computed.
    public struct BoundSettings: Sendable {
        /// Draws of z that the expectation of log p(x|z) is averaged over.
        public var samples = 10
        /// Steps on each document's own posterior; 0 stays with the encoder's.
        public var refinementSteps = 0
        public var seed: UInt64 = 0

        public init() {}
    }

    /// The evidence lower bound on the documents of `targets`, exact but for the sampling of z.
    ///
    /// - Complexity: O((samples + refinement steps)·rows·V·K).
    public func bound(
        on targets: CSRMatrix, _ settings: BoundSettings = BoundSettings(), execution: Execution = Execution()
    ) -> BoundReport {
        precondition(settings.samples > 0, "a bound needs at least one sample")
        let inputs = likelihood.encoderInputs(from: targets)
        let workspace = InferenceWorkspace()
        let observations = likelihood.observations(from: targets)
        let likelihood = makeLikelihood()
        let refinement = PosteriorRefinement(
            steps: settings.refinementSteps, largestStep: self.likelihood.largestRefinementStep)
        var batch = SparseBatch(columnCount: featureCount)
        var statistics = BoundStatistics(width: latentWidth)
        let rows = Array(0..<targets.rowCount)
        for start in stride(from: 0, to: rows.count, by: 256) {
            batch.load(rows[start...].prefix(256), of: observations, inputs: inputs)
            workspace.encode(batch, by: self, execution: execution)
            batch.withTargets { likelihood.observe($0, into: workspace.evidence, execution: execution) }
            let refining = NoiseSource(seed: settings.seed, step: 0x7265_6669)
            if refinement.steps > 0 {
                workspace.evaluateSample(
                    of: workspace.posterior, likelihood, batch, refining, draw: 0, wantsCurvature: true, execution)
            }
            workspace.refine(likelihood, batch, refinement, beta: 1, refining, execution)
            var means = [Double](repeating: 0, count: batch.rowCount)
            for draw in 0..<settings.samples {
                workspace.evaluateSample(
                    of: workspace.refined, likelihood, batch, NoiseSource(seed: settings.seed, step: 0x626f_756e),
                    draw: draw, wantsCurvature: false, execution)
                for row in means.indices {
                    means[row] += workspace.results.logLikelihoods[row] / Double(settings.samples)
                }
            }
            workspace.addBound(means, of: workspace.refined, to: &statistics)
        }
        return statistics.report
    }

    /// The posterior means of all rows, rows × K: the embedding of documents.
    ///
    /// - Complexity: O(nnz(X)·width₁) and the dense layers' products.
    public func encode(_ targets: CSRMatrix, execution: Execution = Execution()) -> DenseMatrix {
        var codes = DenseMatrix(rowCount: targets.rowCount, columnCount: latentWidth)
        let inputs = likelihood.encoderInputs(from: targets)
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
