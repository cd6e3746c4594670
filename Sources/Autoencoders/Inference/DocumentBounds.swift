import SparseMatrices

/// What a model says of some documents, one by one.
package struct DocumentLosses {
    /// The documents, in a row.
    package let rows: Range<Int>
    /// −ELBO, or −log p(x|h), of each, in nats.
    package let losses: [Double]
    /// The posterior means, or the codes: rows × K; valid within the call only.
    package let codes: UnsafePointer<Float>
    /// log p(x|z) of each at its code.
    package let logLikelihoods: [Double]

    package init(rows: Range<Int>, losses: [Double], codes: UnsafePointer<Float>, logLikelihoods: [Double]) {
        self.rows = rows
        self.losses = losses
        self.codes = codes
        self.logLikelihoods = logLikelihoods
    }
}

extension VariationalAutoencoder {
    /// The negative evidence lower bound of every document, in order, some hundred at a time. A document's bound depends on
    /// the seed, its row and its entries alone.
    ///
    /// - Complexity: O((samples + refinement steps)·rows·V·K); memory does not grow with the rows.
    package func forEachDocumentLoss<E: Error>(
        of targets: CSRMatrix, _ settings: BoundSettings, execution: Execution,
        _ body: (DocumentLosses) throws(E) -> Void
    ) throws(E) {
        precondition(settings.samples > 0, "a bound needs at least one sample")
        let inputs = likelihood.encoderInputs(from: targets)
        let observations = likelihood.observations(from: targets)
        let likelihood = makeLikelihood()
        let refinement = PosteriorRefinement(
            steps: settings.refinementSteps, largestStep: self.likelihood.largestRefinementStep)
        let workspace = InferenceWorkspace()
        var batch = SparseBatch(columnCount: featureCount)
        let rows = Array(0..<targets.rowCount)
        for start in stride(from: 0, to: rows.count, by: 256) {
            batch.load(rows[start...].prefix(256), of: observations, inputs: inputs)
            workspace.encode(batch, by: self, execution: execution)
            batch.withTargets { likelihood.observe($0, into: workspace.evidence, execution: execution) }
            let noise = NoiseSource(seed: settings.seed, step: 0x7265_6669)
            if refinement.steps > 0 {
                workspace.evaluateSample(
                    of: workspace.posterior, likelihood, batch, noise, draw: 0, wantsCurvature: true, execution)
            }
            workspace.refine(likelihood, batch, refinement, beta: 1, noise, execution)
            let losses = workspace.losses(of: batch, likelihood, settings, execution)
            let means = UnsafePointer(workspace.refined.mean.elements)
            likelihood.evaluate(
                means, evidence: workspace.evidence, wantsCurvature: false, into: workspace.results,
                execution: execution)
            try body(
                DocumentLosses(
                    rows: start..<start + batch.rowCount, losses: losses, codes: means,
                    logLikelihoods: workspace.results.logLikelihoods))
        }
    }
}

extension InferenceWorkspace {
    /// KL(q‖p) − E_q[log p(x|z)] of every document, the expectation a mean over samples.
    fileprivate func losses(
        of batch: SparseBatch, _ likelihood: any Likelihood, _ settings: VariationalAutoencoder.BoundSettings,
        _ execution: Execution
    ) -> [Double] {
        var losses = (0..<batch.rowCount).map(refined.klDivergence(row:))
        for draw in 0..<settings.samples {
            evaluateSample(
                of: refined, likelihood, batch, NoiseSource(seed: settings.seed, step: 0x626f_756e), draw: draw,
                wantsCurvature: false, execution)
            for row in losses.indices { losses[row] -= results.logLikelihoods[row] / Double(settings.samples) }
        }
        return losses
    }
}

extension SparseAutoencoder {
    /// −log p(x|h) of every document, in order, some hundred at a time, for an objective that is a likelihood.
    ///
    /// - Precondition: the objective is not the squared error.
    /// - Complexity: O(rows·V·H); memory does not grow with the rows.
    package func forEachDocumentLoss<E: Error>(
        of inputs: CSRMatrix, execution: Execution, _ body: (DocumentLosses) throws(E) -> Void
    ) throws(E) {
        guard let kind = objective.likelihood else { preconditionFailure("the squared error is no likelihood") }
        let likelihood = kind.of(decoder)
        let observations = kind.observations(from: inputs)
        let evidence = LikelihoodEvidence(), results = LikelihoodResults()
        try encoder.encodeBlocks(of: inputs, execution: execution) { codes, rows throws(E) in
            observations.withUnsafeView { likelihood.observe($0.rows(rows), into: evidence, execution: execution) }
            likelihood.evaluate(
                codes, evidence: evidence, wantsCurvature: false, into: results, execution: execution)
            try body(
                DocumentLosses(
                    rows: rows, losses: results.logLikelihoods.map { -$0 }, codes: codes,
                    logLikelihoods: results.logLikelihoods))
        }
    }
}
