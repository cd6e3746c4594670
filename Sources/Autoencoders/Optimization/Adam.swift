import RealModule
import SparseMatrices
import VectorKernelInterface

/// Adam's state for one dense parameter array (Kingma & Ba, ICLR 2015).
///
/// There is no bias correction: the schedule's warm-up keeps the first steps small instead.
package struct AdamState: Sendable {
    private var firstMoment: [Float]
    private var secondMoment: [Float]

    package init(count: Int) {
        firstMoment = Array(repeating: 0, count: count)
        secondMoment = Array(repeating: 0, count: count)
    }

    package var count: Int { firstMoment.count }

    /// Resets the moments of some columns of a matrix with `width` columns, or of some entries of an array.
    mutating func restart(_ columns: [Int], width: Int? = nil) {
        for start in stride(from: 0, to: count, by: max(1, width ?? count)) {
            for column in columns {
                firstMoment[start + column] = 0
                secondMoment[start + column] = 0
            }
        }
    }

    /// - Parameter scales: the factor of each parameter's step; nil for equal steps.
    package mutating func update(
        _ weights: inout [Float], gradient: [Float], _ settings: AdamCoefficients, scales: [Float]? = nil
    ) {
        precondition(weights.count == firstMoment.count && gradient.count == weights.count, "sizes differ")
        guard scales == nil else {
            var column = DenseMatrix(rowCount: weights.count, columnCount: 1, elements: weights)
            update(&column, gradient: gradient, settings, rowScales: scales, parallelism: .serial)
            weights = column.elements
            return
        }
        let count = weights.count
        kernels.adam(
            count: count, gradient: gradient, weights: &weights, firstMoment: &firstMoment,
            secondMoment: &secondMoment, settings: settings)
    }

    /// - Parameter rowScales: the factor of each row's step; nil for equal steps.
    package mutating func update(
        _ weights: inout DenseMatrix, gradient: UnsafePointer<Float>, _ settings: AdamCoefficients,
        rowScales: [Float]? = nil, parallelism: Parallelism
    ) {
        precondition(weights.elementCount == firstMoment.count, "sizes differ")
        let (rows, width) = (weights.rowCount, weights.columnCount)
        weights.withUnsafeMutableElements { weights in
            // Each range of rows writes to separate memory.
            nonisolated(unsafe) let weights = weights
            withMoments { first, second in
                func step(_ rows: Range<Int>, scale: Float) {
                    var settings = settings
                    settings.rate *= scale
                    let start = rows.lowerBound * width
                    kernels.adam(
                        count: rows.count * width, gradient: gradient + start, weights: weights + start,
                        firstMoment: first + start, secondMoment: second + start, settings: settings)
                }
                parallelism.forEachRange(of: rows, blockSize: Self.rowsPerBlock(width: width)) { range in
                    if let rowScales {
                        for row in range { step(row..<row + 1, scale: rowScales[row]) }
                    } else {
                        step(range, scale: 1)
                    }
                }
            }
        }
    }

    /// The number of rows that one thread updates at a time: about 16,384 weights, and a multiple of eight rows, so
    /// that blocks begin at SIMD vector boundaries.
    private static func rowsPerBlock(width: Int) -> Int { max(8, 16_384 / max(width, 1) / 8 * 8) }

    private mutating func withMoments(
        _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
    ) {
        firstMoment.withUnsafeMutableBufferPointer { first in
            secondMoment.withUnsafeMutableBufferPointer { second in
                if let first = first.baseAddress, let second = second.baseAddress { body(first, second) }
            }
        }
    }
}

extension AdamCoefficients {
    /// The coefficients used in all training: β₂ is below the usual .999, since moments have only a few hundred steps
    /// to converge.
    package init(rate: Float, decay: Float = 0) {
        self.init(rate: rate, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: decay)
    }
}

/// Adam's state for weights with a bias: one bias per column for a layer, one per row for a decoder.
struct LinearAdamState: Sendable {
    private var weights: AdamState
    private var bias: AdamState
    private let width: Int
    /// The factor of the step of each row of the weights and its bias; nil for equal steps.
    private let rowScales: [Float]?

    init(for layer: LinearLayer) { self.init(weights: layer.weights, bias: layer.bias) }

    init(for decoder: LinearDecoder, rowScales: [Float]? = nil) {
        self.init(weights: decoder.weights, bias: decoder.bias, rowScales: rowScales)
    }

    private init(weights: DenseMatrix, bias: [Float], rowScales: [Float]? = nil) {
        self.weights = AdamState(count: weights.elementCount)
        self.bias = AdamState(count: bias.count)
        self.rowScales = rowScales
        width = weights.columnCount
    }

    /// - Parameter biasRate: the step size of the bias.
    mutating func update(
        _ layer: inout LinearLayer, _ gradient: LinearGradient, rate: Float, biasRate: Float, parallelism: Parallelism
    ) {
        gradient.weights.withUnsafeElements {
            weights.update(
                &layer.weights, gradient: $0, AdamCoefficients(rate: rate), parallelism: parallelism)
        }
        bias.update(&layer.bias, gradient: gradient.bias, AdamCoefficients(rate: biasRate))
    }

    mutating func update(
        _ decoder: inout LinearDecoder, _ gradient: LinearGradient, rate: Float, parallelism: Parallelism
    ) {
        let settings = AdamCoefficients(rate: rate)
        gradient.weights.withUnsafeElements {
            weights.update(
                &decoder.weights, gradient: $0, settings, rowScales: rowScales, parallelism: parallelism)
        }
        bias.update(&decoder.bias, gradient: gradient.bias, settings, scales: rowScales)
    }

    /// Resets the moments of units, which are columns of the weights.
    mutating func restart(units: [Int], withBias: Bool) {
        weights.restart(units, width: width)
        if withBias { bias.restart(units) }
    }
}

/// The step size in the course of training: a linear increase during the warm-up, then a decrease.
package struct LearningRateSchedule: Sendable, Equatable {
    /// How the step size decreases.
    package enum Fall: Sendable, Equatable {
        /// Linearly to a twentieth; the warm-up takes at most a quarter of training.
        case linear
        /// Along half a cosine to a fiftieth.
        case cosine
    }

    package let peak: Float
    package let warmupSteps: Int
    /// 0 if the end is not known: the rate then falls with the inverse of the steps, to a half in `stepsToHalf`.
    package let totalSteps: Int
    package let fall: Fall

    package init(peak: Float, warmupSteps: Int, totalSteps: Int, fall: Fall = .linear) {
        self.peak = peak
        let isShort = fall == .linear && totalSteps > 0
        self.warmupSteps = isShort ? max(1, min(warmupSteps, totalSteps / 4)) : max(1, warmupSteps)
        self.totalSteps = totalSteps
        self.fall = fall
    }

    /// Of a training without a known end: the sum of all rates then grows with the logarithm of the steps only. With rates
    /// that fall more slowly, units of an autoencoder stop being active after some million documents.
    private static let stepsToHalf: Float = 300

    /// The rate of a step, counted from 1.
    package func rate(atStep step: Int) -> Float {
        let rise = min(1, Float(step) / Float(warmupSteps))
        if totalSteps == 0 { return peak * rise / (1 + Float(step) / Self.stepsToHalf) }
        switch fall {
        case .linear: return peak * rise * (1 - 0.95 * Float(step) / Float(totalSteps))
        case .cosine:
            return rise * Float(0.02 + 0.49 * (1 + Double.cos(.pi * (Double(step) / Double(totalSteps))))) * peak
        }
    }

    /// A peak step size for Adam on the input layer, from the scale of the data: one step changes a pre-activation by
    /// about rate·‖x‖₁, so the rate is a hundredth of the inverse of the mean ‖x‖₁ over non-empty rows.
    package static func peak(for matrix: WeightedRows) -> Float { RowLengths(of: matrix).peakRate }

    /// A peak step size for an unweighted matrix; see the overload above.
    package static func peak(for matrix: CSRMatrix) -> Float { peak(for: WeightedRows(matrix)) }
}

extension AdamState: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("first_moment", &firstMoment)
        walk.part("second_moment", &secondMoment)
    }
}

extension LinearAdamState: SavedState {
    package mutating func visit(_ walk: StateWalk) {
        walk.part("weights", &weights)
        walk.part("bias", &bias)
    }
}
