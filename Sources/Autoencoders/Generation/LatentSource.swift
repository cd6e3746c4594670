import SparseMatrices

/// Where the latent vectors of new documents come from.
public enum LatentSource: Sendable {
    /// z ~ N(0, s²·I), s the spread; 1 is the prior of a variational autoencoder.
    case prior(width: Int, spread: Float)
    /// Around given documents: z = μ + s·σ·ε of a row picked at random, or taken in turn, row i mod n for document i.
    case posteriors(GaussianRows, spread: Float, inTurn: Bool)
    /// Near codes that a sparse autoencoder gave to documents.
    case codes(SmoothedCodes)
    case line(LatentLine)

    /// K.
    public var width: Int {
        switch self {
        case .prior(let width, _): width
        case .posteriors(let rows, _, _): rows.means.columnCount
        case .codes(let smoothed): smoothed.codes.columnCount
        case .line(let line): line.start.count
        }
    }

    /// The latent vector of a new document; it depends on the document's number and its generator alone.
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
public struct GaussianRows: Sendable {
    /// documents × K.
    public let means: DenseMatrix
    /// documents × K.
    public let logVariances: DenseMatrix

    /// - Precondition: the shapes agree, and there is at least one document.
    public init(means: DenseMatrix, logVariances: DenseMatrix) {
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
            $0 + spread * exponential(0.5 * $1) * generator.nextNormal()
        }
    }
}

/// Points at equal steps on the straight line between two latent vectors, both ends included.
///
/// Straight rather than along a great circle: with z on a line the logits z·Dᵀ + c move linearly, so every document on
/// the way is the normalised geometric mean p_A^(1−t)·p_B^t of the ends. A great circle keeps the length of z, which
/// matters between draws from the prior; posterior means are shorter than such draws to begin with, and zero is one of
/// them.
public struct LatentLine: Sendable {
    public let start: [Float]
    public let end: [Float]
    /// How many points there are.
    public let count: Int
    /// What a point must be a code of, if it is one.
    public let activation: Activation?

    /// - Precondition: ends of one width, at least two points.
    public init(from start: [Float], to end: [Float], count: Int, activation: Activation? = nil) {
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
