import RealModule
import SparseMatrices

/// The source of the latent vectors of new documents.
package enum LatentSource: Sendable {
    /// z ~ N(0, s²·I), s the spread; 1 is the prior of a variational autoencoder.
    case prior(width: Int, spread: Float)
    /// Around given documents: z = μ + s·σ·ε of a randomly picked row, or of row i mod n for document i.
    case posteriors(GaussianRows, spread: Float, inTurn: Bool)
    /// Near codes of a sparse autoencoder.
    case codes(SmoothedCodes)
    case line(LatentLine)

    /// K.
    package var width: Int {
        switch self {
        case .prior(let width, _): width
        case .posteriors(let rows, _, _): rows.means.columnCount
        case .codes(let smoothed): smoothed.codes.columnCount
        case .line(let line): line.start.count
        }
    }

    /// The latent vector of a new document; it depends only on the document's number and its generator.
    func draw(_ document: Int, using generator: inout RandomGenerator) -> [Float] {
        switch self {
        case .prior(let width, let spread): return (0..<width).map { _ in spread * generator.nextNormal() }
        case .posteriors(let rows, let spread, let inTurn):
            let count = rows.means.rowCount
            let row = inTurn ? document % count : Int.random(in: 0..<count, using: &generator)
            return rows.draw(row: row, spread: spread, using: &generator)
        case .codes(let smoothed): return smoothed.draw(document, using: &generator)
        case .line(let line): return line.point(document)
        }
    }
}

/// A normal distribution N(mean, diag(exp(logVariance))) for each of some documents.
package struct GaussianRows: Sendable {
    /// documents × K.
    package let means: DenseMatrix
    /// documents × K.
    package let logVariances: DenseMatrix

    /// - Precondition: the shapes agree, and there is at least one document.
    package init(means: DenseMatrix, logVariances: DenseMatrix) {
        precondition(
            means.rowCount == logVariances.rowCount && means.columnCount == logVariances.columnCount,
            "\(means.rowCount) × \(means.columnCount) means, "
                + "\(logVariances.rowCount) × \(logVariances.columnCount) log-variances")
        precondition(means.rowCount > 0, "there is no document to be near to")
        self.means = means
        self.logVariances = logVariances
    }

    func draw(row: Int, spread: Float, using generator: inout RandomGenerator) -> [Float] {
        zip(means.row(row), logVariances.row(row)).map {
            $0 + spread * Float.exp(0.5 * $1) * generator.nextNormal()
        }
    }
}

/// Equally spaced points on the straight line between two latent vectors, both ends included.
///
/// Straight rather than along a great circle: with z on a line the logits z·Dᵀ + c change linearly, so every document
/// on the way is the normalised geometric mean p_A^(1−t)·p_B^t of the ends. A great circle preserves the length of z,
/// which matters between draws from the prior; posterior means are shorter than such draws, and may be zero.
package struct LatentLine: Sendable {
    package let start: [Float]
    package let end: [Float]
    /// The number of points.
    package let count: Int
    /// The activation function whose range points must stay in; nil for latent vectors of a variational model.
    package let activation: Activation?

    /// - Precondition: both ends have the same width, and there are at least two points.
    package init(from start: [Float], to end: [Float], count: Int, activation: Activation? = nil) {
        precondition(start.count == end.count, "the ends have \(start.count) and \(end.count) units")
        precondition(count >= 2, "a line with both its ends has two points or more, not \(count)")
        self.start = start
        self.end = end
        self.count = count
        self.activation = activation
    }

    package func point(_ i: Int) -> [Float] {
        let share = Float(i) / Float(count - 1)
        var point = zip(start, end).map { (1 - share) * $0 + share * $1 }
        activation?.clip(&point)
        return point
    }
}

/// New codes near observed ones: the smoothed bootstrap (Efron, "Bootstrap Methods", Annals of Statistics 1979;
/// Silverman, "Density Estimation", 1986, §6.4).
///
///     h = clip(h_i + b·s·ε ∘ σ ∘ [h_i ≠ 0])
///
/// with an observed code h_i, the bandwidth b, the spread s and each unit's standard deviation σ over the codes in
/// which it is active. A unit that is inactive in h_i stays inactive, which keeps the codes as sparse as they are;
/// values outside of the activation's range are clipped to it.
package struct SmoothedCodes: Sendable {
    /// codes × H.
    package let codes: DenseMatrix
    package let activation: Activation
    package let spread: Float
    /// Whether document i takes code i mod n; otherwise a code is picked at random.
    package let inTurn: Bool
    /// σ of each unit.
    private let deviations: [Float]

    /// b: the variance of an active unit grows by b² = 4 %, so new codes differ from all observed ones and still
    /// preserve the correlations between units, which independent noise of a larger bandwidth would destroy.
    package static let bandwidth: Float = 0.2

    /// - Parameter reference: the codes that the units' standard deviations are computed from.
    /// - Precondition: there is at least one code.
    package init(
        codes: DenseMatrix, reference: DenseMatrix, activation: Activation, spread: Float = 1, inTurn: Bool = false
    ) {
        precondition(codes.rowCount > 0, "there is no code to be near to")
        precondition(codes.columnCount == reference.columnCount, "the codes differ in width")
        self.codes = codes
        self.activation = activation
        self.spread = spread
        self.inTurn = inTurn
        deviations = Self.deviations(of: reference)
    }

    func draw(_ document: Int, using generator: inout RandomGenerator) -> [Float] {
        let pick = inTurn ? document % codes.rowCount : Int.random(in: 0..<codes.rowCount, using: &generator)
        var code = codes.row(pick)
        let scale = Self.bandwidth * spread
        for unit in code.indices where code[unit] != 0 {
            code[unit] += scale * deviations[unit] * generator.nextNormal()
        }
        activation.clip(&code)
        return code
    }

    /// - Complexity: O(codes·H).
    private static func deviations(of codes: DenseMatrix) -> [Float] {
        (0..<codes.columnCount).map { unit in
            let active = (0..<codes.rowCount).map { Double(codes[$0, unit]) }.filter { $0 != 0 }
            let mean = active.reduce(0, +) / Double(max(1, active.count))
            let square = active.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return Float((square / Double(max(1, active.count))).squareRoot())
        }
    }
}
