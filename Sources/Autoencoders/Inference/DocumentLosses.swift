import SparseMatrices

/// The losses of a block of documents.
package struct BlockLosses {
    /// The rows of the documents, which are consecutive.
    package let rows: Range<Int>
    /// −ELBO, or −log p(x|h), of each document, in nats.
    package let losses: [Double]
    /// The posterior means, or the codes: rows × K; valid within the call only.
    package let codes: UnsafePointer<Float>
    /// log p(x|z) of each document at its code.
    package let logLikelihoods: [Double]

    package init(rows: Range<Int>, losses: [Double], codes: UnsafePointer<Float>, logLikelihoods: [Double]) {
        self.rows = rows
        self.losses = losses
        self.codes = codes
        self.logLikelihoods = logLikelihoods
    }
}

extension VariationalAutoencoder {
    /// Computes the negative evidence lower bound of every document with the encoder's posterior, in order, a few
    /// hundred documents at a time. A document's bound depends only on the seed and its entries.
    ///
    /// - Parameters:
    ///   - samples: the number of draws of z that the expectation of log p(x|z) is averaged over.
    /// - Complexity: O(samples·rows·V·K); memory does not grow with the rows.
    package func forEachDocumentLoss<E: Error>(
        of targets: CSRMatrix, samples: Int, seed: UInt64, execution: Execution,
        _ body: (BlockLosses) throws(E) -> Void
    ) throws(E) {
        var settings = BoundSettings()
        (settings.samples, settings.seed, settings.sharesNoise) = (samples, seed, true)
        try forEachInferredBatch(of: WeightedRows(targets), settings, execution: execution) { batch throws(E) in
            let losses = batch.meanLogLikelihoods.enumerated().map {
                batch.posterior.divergence(ofRow: $0.offset).total - $0.element
            }
            let means = UnsafePointer(batch.posterior.mean.elements), results = batch.workspace.results
            batch.likelihood.evaluate(
                means, evidence: batch.workspace.evidence, wantsCurvature: false, into: results, execution: execution)
            try body(
                BlockLosses(
                    rows: batch.rows, losses: losses, codes: means, logLikelihoods: results.logLikelihoods))
        }
    }
}

extension SparseAutoencoder {
    /// Computes −log p(x|h) of every document, in order, a few hundred documents at a time, for an objective that is a
    /// likelihood.
    ///
    /// - Precondition: the objective is not the squared error.
    /// - Complexity: O(rows·V·H); memory does not grow with the rows.
    package func forEachDocumentLoss<E: Error>(
        of inputs: CSRMatrix, execution: Execution, _ body: (BlockLosses) throws(E) -> Void
    ) throws(E) {
        guard let kind = objective.likelihood else { preconditionFailure("the squared error is no likelihood") }
        let likelihood = kind.of(decoder, dispersion: dispersion)
        let observations = kind.observations(from: inputs)
        let evidence = LikelihoodEvidence(), results = LikelihoodResults()
        try encoder.encodeBlocks(of: encoderInputs(from: inputs), execution: execution) { codes, rows throws(E) in
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

/// What each stored entry of a document adds to the loss, given the document's code: (x_v − x̂_v)² for the squared
/// error, x̂ = D·z + c, or the entry's part of −log p(x|z) in nats; see `ExactLikelihood.entryLosses`.
package enum EntryLosses {
    case squaredError(LinearDecoder)
    case likelihood(any ExactLikelihood)

    package init(_ model: SparseAutoencoder) {
        self =
            model.objective.likelihood.map { .likelihood($0.of(model.decoder, dispersion: model.dispersion)) }
            ?? .squaredError(model.decoder)
    }

    package init(_ model: VariationalAutoencoder) { self = .likelihood(model.makeLikelihood()) }

    /// The losses of the stored entries of a row of `x`.
    ///
    /// - Parameters:
    ///   - x: the documents as input of the model.
    ///   - code: the code of this row.
    ///   - logLikelihood: log p(x|z) at this code, from which the multinomial's normaliser is computed.
    /// - Complexity: O(entries·K).
    package func losses(
        ofRow row: Int, of x: CSRView, code: UnsafePointer<Float>, logLikelihood: Double
    ) -> [Double] {
        switch self {
        case .squaredError(let decoder):
            return x.entries(ofRow: row).map {
                let error = Double(x.values[$0]) - decoder.output(of: Int(x.columnIndices[$0]), code)
                return error * error
            }
        case .likelihood(let likelihood):
            return likelihood.entryLosses(ofRow: row, of: x, code: code, logLikelihood: logLikelihood)
        }
    }
}

extension LinearDecoder {
    /// D_v·z + c_v for one feature.
    func output(of feature: Int, _ code: UnsafePointer<Float>) -> Double {
        weights.withUnsafeElements {
            Double(kernels.dot(count: latentWidth, x: $0 + feature * latentWidth, y: code) + bias[feature])
        }
    }
}

/// Quantities of a decoder for computing squared errors, computed once.
package struct ReconstructionMeasure {
    private let decoder: LinearDecoder
    /// DᵀD, H × H.
    private let gram: [Double]
    /// Dᵀc.
    private let projectedBias: [Double]
    /// ‖c‖².
    private let squaredBias: Double

    package init(_ decoder: LinearDecoder, parallelism: Parallelism) {
        self.decoder = decoder
        let width = decoder.latentWidth
        gram = decoder.gram(parallelism: parallelism)
        var projectedBias = [Double](repeating: 0, count: width)
        decoder.weights.withUnsafeElements { d in
            for feature in 0..<decoder.featureCount {
                let bias = Double(decoder.bias[feature])
                for unit in 0..<width { projectedBias[unit] += Double(d[feature * width + unit]) * bias }
            }
        }
        self.projectedBias = projectedBias
        squaredBias = decoder.bias.reduce(0) { $0 + Double($1) * Double($1) }
    }

    /// ‖x − x̂‖² for each of some rows.
    ///
    /// - Parameter codes: the codes of these rows.
    package func squaredErrors(
        of inputs: CSRMatrix, rows: Range<Int>, codes: UnsafePointer<Float>, parallelism: Parallelism
    ) -> [Double] {
        let width = decoder.latentWidth
        var errors = [Double](repeating: 0, count: rows.count)
        errors.withUnsafeMutableBufferPointer { errors in
            // Each block of rows writes to separate memory.
            nonisolated(unsafe) let errors = errors
            inputs.withUnsafeView { view in
                decoder.weights.withUnsafeElements { weights in
                    parallelism.forEachRange(of: rows.count, blockSize: 32) { block in
                        for i in block {
                            let code = (0..<width).map { Double(codes[i * width + $0]) }
                            let observed = observedTerms(view, row: rows.lowerBound + i, code: code, weights)
                            errors[i] = max(0, observed + squaredLength(ofReconstruction: code))
                        }
                    }
                }
            }
        }
        return errors
    }

    /// Σ x_v·(x_v − 2x̂_v) over a row's stored entries.
    private func observedTerms(
        _ view: CSRView, row: Int, code: [Double], _ weights: UnsafePointer<Float>
    ) -> Double {
        let width = code.count
        var sum = 0.0
        for entry in view.entries(ofRow: row) {
            let feature = Int(view.columnIndices[entry])
            var reconstruction = Double(decoder.bias[feature])
            for unit in 0..<width { reconstruction += Double(weights[feature * width + unit]) * code[unit] }
            let value = Double(view.values[entry])
            sum += value * (value - 2 * reconstruction)
        }
        return sum
    }

    /// ‖D·h + c‖² = hᵀGh + 2·hᵀDᵀc + ‖c‖².
    private func squaredLength(ofReconstruction code: [Double]) -> Double {
        let width = code.count
        var sum = squaredBias
        for i in 0..<width where code[i] != 0 {
            var product = 2 * projectedBias[i]
            for j in 0..<width { product += gram[i * width + j] * code[j] }
            sum += code[i] * product
        }
        return sum
    }
}

extension LinearDecoder {
    /// DᵀD, H × H, row-major.
    ///
    /// - Complexity: O(V·H²), in Double.
    package func gram(parallelism: Parallelism) -> [Double] {
        let width = latentWidth
        let featuresPerBlock = 4096
        var gram = [Double](repeating: 0, count: width * width)
        for start in stride(from: 0, to: featureCount, by: featuresPerBlock) {
            let features = start..<min(start + featuresPerBlock, featureCount)
            let block = weights.withUnsafeElements { d in
                (features.lowerBound * width..<features.upperBound * width).map { Double(d[$0]) }
            }
            block.withUnsafeBufferPointer { block in
                gram.withUnsafeMutableBufferPointer { gram in
                    guard let block = block.baseAddress, let gram = gram.baseAddress else { return }
                    DenseProducts.multiply(
                        block, block, transposeA: true, m: width, n: width, k: features.count, beta: 1, into: gram,
                        parallelism: parallelism)
                }
            }
        }
        return gram
    }
}
