/// The SIMD leaves of the engine: pointers and counts in, arithmetic out.
///
/// A kernel set knows no matrix type, allocates nothing and starts no threads. Callers have validated shapes and
/// index ranges before they come here; nothing is checked again. There are two implementations built from the
/// same files, one for the baseline of the architecture and one for x86-64-v3; each gives the same bytes on every
/// run, but the two may differ from one another in the last bits, since one of them fuses multiply and add.
package protocol VectorKernelSet: Sendable {
    /// How this set calls itself: `baseline` or `x86-64-v3`.
    static var name: String { get }

    // MARK: Sparse times dense

    /// Y[i] += Σₑ values[e] · W[columnIndices[e]] for the entries e of each row i in `rows`.
    ///
    /// - Parameters:
    ///   - rowOffsets: where each row's entries start (others call it indptr).
    ///   - w: row-major, `width` floats a row.
    ///   - y: row-major, `width` floats a row, indexed by the same row numbers as `rowOffsets`.
    static func spmm(
        rows: Range<Int>, rowOffsets: UnsafePointer<Int>, columnIndices: UnsafePointer<UInt32>,
        values: UnsafePointer<Float>, w: UnsafePointer<Float>, width: Int, y: UnsafeMutablePointer<Float>)

    // MARK: Dense times dense

    /// Y += X·W for `count` rows of X. Each number of Y is summed over the columns of X in order, starting from what is
    /// there, so that a row's result depends neither on how many rows there are nor on which of them it is.
    ///
    /// - Parameters:
    ///   - x: count × inner, row-major.
    ///   - w: inner × width, row-major.
    ///   - y: count × width, row-major.
    static func multiplyRows(
        count: Int, inner: Int, width: Int, x: UnsafePointer<Float>, w: UnsafePointer<Float>,
        y: UnsafeMutablePointer<Float>)

    // MARK: Dense vectors

    /// y += alpha · x.
    static func axpy(count: Int, alpha: Float, x: UnsafePointer<Float>, y: UnsafeMutablePointer<Float>)

    /// y[places[i]] += alpha · x[i] for rows of `width` floats, i below `count`; each place occurs once.
    static func addRows(
        count: Int, places: UnsafePointer<UInt32>, width: Int, alpha: Float, x: UnsafePointer<Float>,
        y: UnsafeMutablePointer<Float>)

    /// Σ x·y, in Float, with eight partial sums that are added in a fixed order.
    static func dot(count: Int, x: UnsafePointer<Float>, y: UnsafePointer<Float>) -> Float

    /// first += weight · (scale · x), second += weight · (scale · x)².
    static func addMoments(
        count: Int, weight: Float, scale: Float, x: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>,
        second: UnsafeMutablePointer<Float>)

    /// x *= alpha.
    static func scale(count: Int, alpha: Float, x: UnsafeMutablePointer<Float>)

    // MARK: Activations, in place

    /// x = max(x, 0).
    static func relu(count: Int, x: UnsafeMutablePointer<Float>)

    /// x = 1 / (1 + exp(−x)).
    static func sigmoid(count: Int, x: UnsafeMutablePointer<Float>)

    /// x = tanh(x).
    static func tanh(count: Int, x: UnsafeMutablePointer<Float>)

    /// x = exp(x), to about 2 units in the last place; below −87 it gives 0, above 88 it saturates.
    static func exp(count: Int, x: UnsafeMutablePointer<Float>)

    /// The largest entry; −∞ if there are none.
    static func maximum(count: Int, x: UnsafePointer<Float>) -> Float

    /// x = exp(x − shift), in place.
    ///
    /// - Returns: the sum of the results, with eight partial sums that are added in a fixed order.
    static func expSum(count: Int, shift: Float, x: UnsafeMutablePointer<Float>) -> Float

    /// x = 1 / (1 + exp(−x)), in place.
    ///
    /// - Returns: Σ ln(1 + exp(x)) of what was there. Logarithms are taken of products of up to 64 factors in (1, 2].
    static func logisticSum(count: Int, x: UnsafeMutablePointer<Float>) -> Double

    /// Keeps the `k` largest positive entries of x and sets all others to zero. Of equal entries the first win.
    static func keepTopK(count: Int, k: Int, x: UnsafeMutablePointer<Float>)

    // MARK: Optimisation

    /// One step of Adam on `count` parameters, without bias correction (the step size carries it):
    /// m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², w = (1 − decay)·w − rate · m / (√v + ε).
    static func adam(
        count: Int, gradient: UnsafePointer<Float>, weights: UnsafeMutablePointer<Float>,
        firstMoment: UnsafeMutablePointer<Float>, secondMoment: UnsafeMutablePointer<Float>,
        settings: AdamCoefficients)

    /// The same step on the rows places[i] of matrices with rows of `width` floats, i below `count`, where row i of
    /// the gradient is for row places[i] of the others; each place occurs once.
    static func adamRows(
        count: Int, places: UnsafePointer<UInt32>, width: Int, gradient: UnsafePointer<Float>,
        weights: UnsafeMutablePointer<Float>, firstMoment: UnsafeMutablePointer<Float>,
        secondMoment: UnsafeMutablePointer<Float>, settings: AdamCoefficients)

    /// A step of Adam on such rows whose second moment is a product of a number a row and one a column, and whose first
    /// moment is in bfloat16, rounded to nearest. With p = places[i], g row i of the gradient, s = `inverseRoots`:
    ///
    /// r[p] = β₂r[p] + (1−β₂)·mean((g·s)²), m[p] = β₁m[p] + (1−β₁)g, w[p] = (1 − decay)·w[p] − rate·m[p]·s/(√r[p] + ε).
    static func factoredAdamRows(
        count: Int, places: UnsafePointer<UInt32>, width: Int, gradient: UnsafePointer<Float>,
        weights: UnsafeMutablePointer<Float>, firstMoment: UnsafeMutablePointer<UInt16>,
        rowMoment: UnsafeMutablePointer<Float>, inverseRoots: UnsafePointer<Float>, settings: AdamCoefficients)
}

/// The scalars of one Adam step (Kingma & Ba, ICLR 2015), with decay apart from the gradient (Loshchilov & Hutter,
/// "Decoupled Weight Decay Regularization", ICLR 2019).
package struct AdamCoefficients: Sendable {
    package var rate: Float
    package var beta1: Float
    package var beta2: Float
    package var epsilon: Float
    /// The share of itself that a weight loses in the step.
    package var decay: Float

    package init(rate: Float, beta1: Float, beta2: Float, epsilon: Float, decay: Float = 0) {
        self.rate = rate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.decay = decay
    }
}
