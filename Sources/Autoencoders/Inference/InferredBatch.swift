import SparseMatrices

/// Some documents with the posteriors that a bound is taken with; valid until the next batch.
struct InferredBatch {
    /// The documents, in a row.
    let rows: Range<Int>
    let documents: SparseBatch
    let likelihood: any Likelihood
    /// The encoder's, or refined ones.
    let posterior: any LatentPosterior
    /// E_q log p(x|z) of each document, a mean over samples.
    let meanLogLikelihoods: [Double]
    /// Which holds the documents' evidence.
    let workspace: InferenceWorkspace
}

extension VariationalAutoencoder {
    /// Infers the posteriors of all documents, in order, some at a time. A document's depend on the seed, its row and
    /// its entries alone.
    ///
    /// - Complexity: O((samples + refinement steps·K/2)·rows·V·K); memory does not grow with the rows.
    func forEachInferredBatch<E: Error>(
        of targets: WeightedRows, _ settings: BoundSettings, execution: Execution,
        _ body: (InferredBatch) throws(E) -> Void
    ) throws(E) {
        precondition(settings.samples > 0, "a bound needs at least one sample")
        let inputs = encoderInputs(from: targets)
        let observations = likelihood.observations(from: targets)
        let refinement = FullCovarianceRefinement(
            steps: settings.refinementSteps, largestStep: likelihood.largestRefinementStep)
        let likelihood = makeLikelihood()
        let workspace = InferenceWorkspace(), refining = RefinementWorkspace(), refined = FullCovariancePosterior()
        var batch = SparseBatch(columnCount: featureCount)
        let rows = Array(0..<targets.rowCount), batchRows = Self.rowsPerInferredBatch(width: latentWidth)
        for start in stride(from: 0, to: rows.count, by: batchRows) {
            let chosen = rows[start...].prefix(batchRows)
            batch.load(chosen, of: observations, inputs: inputs)
            workspace.encode(batch, by: self, execution: execution)
            var posterior: any LatentPosterior = workspace.posterior
            if refinement.steps > 0 {
                refined.copy(from: workspace.posterior)
                refining.refine(
                    refined, of: chosen, in: observations, batch: &batch, likelihood, refinement, seed: settings.seed,
                    execution)
                batch.load(chosen, of: observations)
                posterior = refined
            }
            batch.withTargets { likelihood.observe($0, into: workspace.evidence, execution: execution) }
            let means = workspace.meanLogLikelihoods(
                of: posterior, likelihood, batch, samples: settings.samples, seed: settings.seed, execution)
            try body(
                InferredBatch(
                    rows: start..<start + chosen.count, documents: batch, likelihood: likelihood,
                    posterior: posterior, meanLogLikelihoods: means, workspace: workspace))
        }
    }

    /// So many documents at a time that their matrices of K × K stay within some hundred megabytes.
    private static func rowsPerInferredBatch(width: Int) -> Int { min(256, max(32, (1 << 24) / (width * width))) }
}

extension InferenceWorkspace {
    /// E_q log p(x|z) of every row, by samples.
    func meanLogLikelihoods(
        of posterior: any LatentPosterior, _ likelihood: any Likelihood, _ batch: SparseBatch, samples: Int,
        seed: UInt64, _ execution: Execution
    ) -> [Double] {
        var means = [Double](repeating: 0, count: batch.rowCount)
        for draw in 0..<samples {
            evaluateSample(
                of: posterior, likelihood, batch, NoiseSource(seed: seed, step: 0x626f_756e), draw: draw,
                wantsCurvature: false, execution)
            for row in means.indices { means[row] += results.logLikelihoods[row] / Double(samples) }
        }
        return means
    }
}
