import SparseMatrices

/// Shortens gradients that are much longer than earlier ones (after Pascanu, Mikolov & Bengio, "On the Difficulty of
/// Training Recurrent Neural Networks", ICML 2013).
///
/// The norm is that of the gradient of all weights. Adam divides by the gradient's scale, so no fixed threshold suits
/// all data: a gradient is compared with the running average of earlier norms over about fifty steps; the average
/// includes norms after shortening.
package struct GradientClip: Sendable {
    /// The maximum norm as a multiple of the average; nil never shortens.
    package let ratio: Float?
    private var average = 0.0
    /// The weight of actual norms in the average; 1 − decayⁿ after n steps.
    private var share = 0.0

    private static let decay = 0.98

    package init(ratio: Float?) { self.ratio = ratio }

    /// The factor to multiply the gradient by; nil if its norm is not finite, so that nothing can be learned from it.
    package mutating func factor(squaredNorm: Double) -> Float? {
        guard squaredNorm.isFinite else { return nil }
        let norm = squaredNorm.squareRoot()
        guard let ratio else { return 1 }
        let limit = share > 0 ? Double(ratio) * average / share : .infinity
        average = Self.decay * average + (1 - Self.decay) * min(norm, limit)
        share = Self.decay * share + (1 - Self.decay)
        return norm > limit ? Float(limit / norm) : 1
    }
}

/// The arrays of a model's gradient.
package protocol GradientParts {
    /// Calls `body` for every array of the gradient.
    mutating func forEachPart(_ body: (UnsafeMutablePointer<Float>, Int) -> Void)
}

extension GradientParts {
    /// ‖g‖²; each run of a thousand numbers is summed in Float, the runs in Double.
    package mutating func squaredNorm(parallelism: Parallelism) -> Double {
        var sum = 0.0
        forEachPart { part, count in
            // Each run reads a separate range, which is not written to meanwhile.
            nonisolated(unsafe) let part = part
            let runs = (count + 1023) / 1024
            sum += parallelism.map(runs) { run in
                let start = part + run * 1024
                return Double(kernels.dot(count: min(1024, count - run * 1024), x: start, y: start))
            }.reduce(0, +)
        }
        return sum
    }

    package mutating func scale(by factor: Float) {
        forEachPart { kernels.scale(count: $1, alpha: factor, x: $0) }
    }
}

extension LinearGradient: GradientParts {
    package mutating func forEachPart(_ body: (UnsafeMutablePointer<Float>, Int) -> Void) {
        let count = weights.elementCount
        weights.withUnsafeMutableElements { body($0, count) }
        bias.withUnsafeMutableBufferPointer { bias in if let start = bias.baseAddress { body(start, bias.count) } }
    }
}

extension SparseEncoderGradient: GradientParts {
    package mutating func forEachPart(_ body: (UnsafeMutablePointer<Float>, Int) -> Void) {
        body(input.weights.elements, input.weights.elementCount)
        input.bias.withUnsafeMutableBufferPointer { bias in
            if let start = bias.baseAddress { body(start, bias.count) }
        }
        for i in layers.indices { layers[i].forEachPart(body) }
    }
}

extension GaussianLatentGradient: GradientParts {
    package mutating func forEachPart(_ body: (UnsafeMutablePointer<Float>, Int) -> Void) {
        mean.forEachPart(body)
        logVariance.forEachPart(body)
    }
}

extension DecoderGradient: GradientParts {
    package mutating func forEachPart(_ body: (UnsafeMutablePointer<Float>, Int) -> Void) {
        linear.forEachPart(body)
        dispersion.forEachPart(body)
    }
}

extension GradientClip: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("average", &average)
        walk.part("share", &share)
    }
}
