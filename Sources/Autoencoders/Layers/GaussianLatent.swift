import SparseMatrices

/// The heads of a variational encoder: from the last hidden layer to the mean and log-variance of q(z|x).
///
/// The log-variance is bounded smoothly, log σ² = b·tanh(a/b) with b = `bound`, so that nothing overflows and its
/// gradient never vanishes permanently.
package struct GaussianLatent: Sendable {
    package var mean: LinearLayer
    package var logVariance: LinearLayer

    /// |log σ²| never exceeds this.
    package static let bound: Float = 10

    package init(mean: LinearLayer, logVariance: LinearLayer) {
        precondition(
            mean.inputCount == logVariance.inputCount && mean.width == logVariance.width, "the heads differ in shape")
        self.mean = mean
        self.logVariance = logVariance
    }

    package var inputCount: Int { mean.inputCount }
    /// K.
    package var width: Int { mean.width }

    /// Computes the posterior of every row of `hidden`, rows × inputs.
    package func forward(
        _ hidden: UnsafePointer<Float>, rows: Int, into posterior: GaussianPosterior, parallelism: Parallelism
    ) {
        posterior.resize(rows: rows, width: width)
        mean.forward(hidden, rows: rows, into: posterior.mean.elements, parallelism: parallelism)
        logVariance.forward(hidden, rows: rows, into: posterior.logVariance.elements, parallelism: parallelism)
        let b = Self.bound
        let count = rows * width
        kernels.scale(count: count, alpha: 1 / b, x: posterior.logVariance.elements)
        kernels.tanh(count: count, x: posterior.logVariance.elements)
        kernels.scale(count: count, alpha: b, x: posterior.logVariance.elements)
    }

    /// Computes the gradients of the heads and of the hidden layer.
    ///
    /// - Parameters:
    ///   - meanDelta: ∂L/∂mean, rows × K.
    ///   - logVarianceDelta: ∂L/∂(log σ²), rows × K; overwritten with ∂L/∂a.
    ///   - hiddenDelta: rows × inputs, overwritten.
    package func backward(
        _ hidden: UnsafePointer<Float>, posterior: GaussianPosterior, meanDelta: ScratchMatrix,
        logVarianceDelta: ScratchMatrix, scratch: ScratchMatrix, into gradient: inout GaussianLatentGradient,
        hiddenDelta: UnsafeMutablePointer<Float>, parallelism: Parallelism
    ) {
        let rows = posterior.rowCount
        for i in 0..<rows * width {
            let share = posterior.logVariance.elements[i] / Self.bound
            logVarianceDelta.elements[i] *= 1 - share * share
        }
        mean.backward(
            hidden, delta: meanDelta.elements, rows: rows, into: &gradient.mean, inputDelta: hiddenDelta,
            parallelism: parallelism)
        scratch.resize(rows: rows, width: inputCount)
        logVariance.backward(
            hidden, delta: logVarianceDelta.elements, rows: rows, into: &gradient.logVariance,
            inputDelta: scratch.elements, parallelism: parallelism)
        kernels.axpy(count: rows * inputCount, alpha: 1, x: scratch.elements, y: hiddenDelta)
    }
}

/// The gradient of a `GaussianLatent`.
package struct GaussianLatentGradient {
    package var mean = LinearGradient()
    package var logVariance = LinearGradient()

    package init() {}
}

extension GaussianLatent: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("mean", &mean)
        walk.part("log_variance", &logVariance)
    }
}
