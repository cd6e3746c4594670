import SparseMatrices

/// How the decoder of a likelihood with a softmax is trained with a sampled softmax: for every batch a sample of the
/// features, the likelihood over them, and a step on their rows.
///
/// The order of calls for a batch: `prepare`, then `likelihood` as often as one likes, then `step` with its gradient;
/// and `finish` before the decoder is used for anything else.
struct SampledSoftmaxTraining {
    private let sampler: FeatureSampler
    private let seed: UInt64
    private var weights: DeferredAdamState
    private var bias: DeferredAdamState
    /// The sample of the current batch.
    private(set) var sample: FeatureSample?

    /// - Parameters:
    ///   - decoder: the initial decoder, whose biases are the logarithms of the features' shares of all tokens.
    ///   - negatives: S.
    init(_ decoder: LinearDecoder, negatives: Int, seed: UInt64) {
        sampler = FeatureSampler(logShares: decoder.bias, negatives: negatives)
        self.seed = seed
        weights = DeferredAdamState(rowCount: decoder.featureCount, columnCount: decoder.latentWidth)
        bias = DeferredAdamState(rowCount: decoder.featureCount, columnCount: 1)
    }

    /// Draws the sample of a batch and updates its rows of the decoder to this step.
    mutating func prepare(for batch: SparseBatch, step: Int, _ decoder: inout LinearDecoder, _ execution: Execution) {
        var generator = RandomGenerator(seed: seed, stream: 0x736f_6674, UInt64(step))
        let sample = sampler.sample(beside: batch.touchedColumns, generator: &generator)
        catchUp(&decoder, rows: sample.features, execution)
        self.sample = sample
    }

    /// The likelihood over the sample; nil before the first sample.
    func likelihood(of model: VariationalAutoencoder) -> (any Likelihood)? {
        sample.map { SampledSoftmaxLikelihood(model.likelihood, model.decoder, dispersion: model.dispersion, $0) }
    }

    /// Performs a step on the sample's rows.
    ///
    /// - Parameter gradient: the gradient of the likelihood over the sample.
    mutating func step(
        _ decoder: inout LinearDecoder, _ gradient: LinearGradient, rate: Float, _ execution: Execution
    ) {
        guard let features = sample?.features else { return }
        let parallelism = execution.parallelism
        decoder.weights.withUnsafeMutableElements { d in
            gradient.weights.withUnsafeElements { g in
                weights.update(d, rows: features, gradient: g, rate: rate, parallelism: parallelism)
            }
        }
        bias.update(&decoder.bias, rows: features, gradient: gradient.bias, rate: rate, parallelism: parallelism)
    }

    /// Updates all rows of the decoder to the current step.
    ///
    /// - Complexity: O(V·K).
    mutating func finish(_ decoder: inout LinearDecoder, _ execution: Execution) {
        catchUp(&decoder, rows: Array(0..<UInt32(decoder.featureCount)), execution)
    }

    private mutating func catchUp(_ decoder: inout LinearDecoder, rows: [UInt32], _ execution: Execution) {
        let parallelism = execution.parallelism
        decoder.weights.withUnsafeMutableElements { weights.catchUp($0, rows: rows, parallelism: parallelism) }
        bias.catchUp(&decoder.bias, rows: rows, parallelism: parallelism)
    }
}

extension SampledSoftmaxTraining: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("weights", &weights)
        walk.part("bias", &bias)
    }
}
