import SparseMatrices

/// What a model says of some documents, one by one.
package struct BlockLosses {
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
    /// The negative evidence lower bound of every document with the encoder's posterior, in order, some hundred at a
    /// time. A document's bound depends on the seed, its row and its entries alone.
    ///
    /// - Parameters:
    ///   - samples: draws of z that the expectation of log p(x|z) is averaged over.
    /// - Complexity: O(samples·rows·V·K); memory does not grow with the rows.
    package func forEachDocumentLoss<E: Error>(
        of targets: CSRMatrix, samples: Int, seed: UInt64, execution: Execution,
        _ body: (BlockLosses) throws(E) -> Void
    ) throws(E) {
        precondition(samples > 0, "a bound needs at least one sample")
        let inputs = likelihood.encoderInputs(from: targets)
        let observations = likelihood.observations(from: targets)
        let likelihood = makeLikelihood()
        let workspace = InferenceWorkspace()
        var batch = SparseBatch(columnCount: featureCount)
        let rows = Array(0..<targets.rowCount)
        for start in stride(from: 0, to: rows.count, by: 256) {
            batch.load(rows[start...].prefix(256), of: observations, inputs: inputs)
            workspace.encode(batch, by: self, execution: execution)
            batch.withTargets { likelihood.observe($0, into: workspace.evidence, execution: execution) }
            let losses = workspace.losses(of: batch, likelihood, samples: samples, seed: seed, execution)
            let means = UnsafePointer(workspace.posterior.mean.elements)
            likelihood.evaluate(
                means, evidence: workspace.evidence, wantsCurvature: false, into: workspace.results,
                execution: execution)
            try body(
                BlockLosses(
                    rows: start..<start + batch.rowCount, losses: losses, codes: means,
                    logLikelihoods: workspace.results.logLikelihoods))
        }
    }
}

extension InferenceWorkspace {
    /// KL(q‖p) − E_q[log p(x|z)] of every document, the expectation a mean over samples.
    fileprivate func losses(
        of batch: SparseBatch, _ likelihood: any Likelihood, samples: Int, seed: UInt64, _ execution: Execution
    ) -> [Double] {
        var losses = (0..<batch.rowCount).map { posterior.klDivergence(row: $0) }
        for draw in 0..<samples {
            evaluateSample(
                of: posterior, likelihood, batch, NoiseSource(seed: seed, step: 0x626f_756e), draw: draw,
                wantsCurvature: false, execution)
            for row in losses.indices { losses[row] -= results.logLikelihoods[row] / Double(samples) }
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
        of inputs: CSRMatrix, execution: Execution, _ body: (BlockLosses) throws(E) -> Void
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
                BlockLosses(
                    rows: rows, losses: results.logLikelihoods.map { -$0 }, codes: codes,
                    logLikelihoods: results.logLikelihoods))
        }
    }
}
