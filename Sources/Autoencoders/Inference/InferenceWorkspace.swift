import SparseMatrices

/// The source of a run's noise: a document's noise depends only on the seed, the step, the draw and, unless all have the
/// same, its row.
package struct NoiseSource {
    let seed: UInt64
    let step: UInt64
    /// Whether all documents have the noise of the first row.
    let isShared: Bool

    package init(seed: UInt64, step: UInt64, isShared: Bool = false) {
        self.seed = seed
        self.step = step
        self.isShared = isShared
    }
}

/// The working memory of inference on a batch: encode, sample, evaluate, refine.
package final class InferenceWorkspace {
    let encoding = EncoderWorkspace()
    /// The encoder's posterior.
    let posterior = GaussianPosterior()
    /// The refined posterior.
    let refined = GaussianPosterior()
    let evidence = LikelihoodEvidence()
    let results = LikelihoodResults()
    private let noise = ScratchMatrix()
    /// The z that was evaluated last, rows × K.
    let sample = ScratchMatrix()

    package init() {}

    /// Computes the encoder's posterior of the batch's inputs.
    func encode(_ batch: SparseBatch, by model: VariationalAutoencoder, execution: Execution) {
        batch.withInputs { model.encoder.forward($0, workspace: encoding, execution: execution) }
        model.latent.forward(
            encoding.codes.elements, rows: batch.rowCount, into: posterior, parallelism: execution.parallelism)
    }

    /// Evaluates log p(x|z) and its derivatives at a sample of `posterior`.
    func evaluateSample(
        of posterior: any LatentPosterior, _ likelihood: any Likelihood, _ batch: SparseBatch,
        _ source: NoiseSource, draw: Int, wantsCurvature: Bool, _ execution: Execution
    ) {
        let rows = source.isShared ? [Int](repeating: 0, count: batch.rowCount) : batch.rows
        noise.fillNormal(
            rows: rows, width: posterior.width, seed: source.seed, step: source.step, draw: UInt64(draw),
            parallelism: execution.parallelism)
        posterior.reparameterize(noise, draws: 1, into: sample, parallelism: execution.parallelism)
        likelihood.evaluate(
            sample.elements, evidence: evidence, wantsCurvature: wantsCurvature, into: results, execution: execution)
    }

    /// ln p(z) − ln q(z|x) of a row at the sample that was evaluated last.
    ///
    /// - Parameter logVolume: the log-volume of the posterior that the sample was drawn from.
    func logDensityRatio(_ row: Int, width: Int, logVolume: Double) -> Double {
        var difference = 0.0
        for i in row * width..<(row + 1) * width {
            let epsilon = Double(noise.elements[i]), z = Double(sample.elements[i])
            difference += epsilon * epsilon - z * z
        }
        return 0.5 * difference + logVolume
    }

    /// Refines the encoder's posterior, whose sample must have been evaluated with curvature last; afterwards a sample
    /// of the refined posterior has been evaluated. Without steps the result is the encoder's posterior, and nothing is
    /// evaluated.
    func refine(
        _ likelihood: any Likelihood, _ batch: SparseBatch, _ refinement: PosteriorRefinement, beta: Float,
        _ source: NoiseSource, _ execution: Execution
    ) {
        refined.copy(from: posterior)
        for step in 0..<refinement.steps {
            refinement.update(refined, results, step: step, beta: beta, parallelism: execution.parallelism)
            evaluateSample(
                of: refined, likelihood, batch, source, draw: step + 1, wantsCurvature: step + 1 < refinement.steps,
                execution)
        }
    }

    /// Adds the bound of every row to the sums.
    ///
    /// - Parameter skippingEmpty: whether rows without tokens are left out. Used for likelihoods of words given the
    ///   length, under which an empty document has no loss.
    /// - Returns: −ELBO of all rows, including those left out.
    @discardableResult
    func addBound(
        _ logLikelihoods: [Double], of posterior: any LatentPosterior, skippingEmpty: Bool,
        to statistics: inout BoundStatistics
    ) -> Double {
        var loss = 0.0
        for row in logLikelihoods.indices {
            let divergence = posterior.divergence(ofRow: row), tokens = evidence.tokens[row]
            loss = loss + divergence.total - logLikelihoods[row]
            guard !skippingEmpty || tokens > 0 else { continue }
            statistics.add(logLikelihood: logLikelihoods[row], divergence: divergence, tokens: tokens)
        }
        return loss
    }
}

/// Documents with the posteriors that a bound is computed with; valid until the next batch.
struct InferredBatch {
    /// The rows of the documents, which are consecutive.
    let rows: Range<Int>
    let documents: SparseBatch
    let likelihood: any Likelihood
    /// The encoder's posteriors or refined ones.
    let posterior: any LatentPosterior
    /// E_q log p(x|z) of each document, estimated by a mean over samples.
    let meanLogLikelihoods: [Double]
    /// The workspace, whose `evidence` is that of the documents.
    let workspace: InferenceWorkspace
}

extension VariationalAutoencoder {
    /// Infers the posteriors of all documents, in order, a batch at a time. A document's posterior depends only on the
    /// seed, its row and its entries.
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
                of: posterior, likelihood, batch, samples: settings.samples,
                NoiseSource(seed: settings.seed, step: 0x626f_756e, isShared: settings.sharesNoise), execution)
            try body(
                InferredBatch(
                    rows: start..<start + chosen.count, documents: batch, likelihood: likelihood,
                    posterior: posterior, meanLogLikelihoods: means, workspace: workspace))
        }
    }

    /// The number of documents for which their K × K matrices take at most a few hundred megabytes.
    private static func rowsPerInferredBatch(width: Int) -> Int { min(256, max(32, (1 << 24) / (width * width))) }
}

extension InferenceWorkspace {
    /// E_q log p(x|z) of every row, estimated by samples.
    func meanLogLikelihoods(
        of posterior: any LatentPosterior, _ likelihood: any Likelihood, _ batch: SparseBatch, samples: Int,
        _ source: NoiseSource, _ execution: Execution
    ) -> [Double] {
        var means = [Double](repeating: 0, count: batch.rowCount)
        for draw in 0..<samples {
            evaluateSample(
                of: posterior, likelihood, batch, source, draw: draw, wantsCurvature: false, execution)
            for row in means.indices { means[row] += results.logLikelihoods[row] / Double(samples) }
        }
        return means
    }
}
