import RealModule
import SparseMatrices
import VectorKernelInterface

/// The mean of every feature given a latent vector: a probability, a rate or a value.
///
///     m = link(W·t(z) + c)
package struct FeatureMeans: Sendable {
    /// The link function that is applied to W·t(z) + c.
    package struct Link: Sendable {
        /// Replaces the values of all features of a document.
        let apply: @Sendable (_ row: UnsafeMutablePointer<Float>, _ featureCount: Int) -> Void

        package static let identity = Self { _, _ in }
    }

    /// features × K.
    private let weights: DenseMatrix
    /// c; nil for zeros.
    private let bias: [Float]?
    private let link: Link
    /// Whether t is the softmax over units instead of the identity.
    private let mixesUnits: Bool

    package init(_ decoder: LinearDecoder, _ link: Link) {
        weights = decoder.weights
        bias = decoder.bias
        self.link = link
        mixesUnits = false
    }

    /// The mixture of the units' distributions with weights softmax(z).
    ///
    /// - Parameter distributions: features × K, each column summing to one.
    package init(mixing distributions: DenseMatrix) {
        weights = distributions
        bias = nil
        link = .identity
        mixesUnits = true
    }

    package var featureCount: Int { weights.rowCount }

    /// The means of a block of latent vectors, `rows` × features.
    ///
    /// - Parameter z: `rows` × K; overwritten.
    package func fill(_ means: ScratchMatrix, of z: inout [Float], rows: Int) {
        let width = weights.columnCount
        precondition(z.count == rows * width, "\(z.count) numbers for \(rows) rows of \(width)")
        means.resize(rows: rows, width: featureCount)
        if mixesUnits {
            z.withUnsafeMutableBufferPointer { z in
                guard let z = z.baseAddress else { return }
                for row in 0..<rows { softmax(count: width, x: z + row * width) }
            }
        }
        if let bias {
            fillRows(means.elements, rows: rows, with: bias)
        }
        weights.withUnsafeElements { weights in
            z.withUnsafeBufferPointer { z in
                guard let z = z.baseAddress else { return }
                DenseProducts.multiplyBlock(
                    z, strideA: width, weights, strideB: width, transposeB: true, m: rows, n: featureCount, k: width,
                    beta: bias == nil ? 0 : 1, into: means.elements, strideC: featureCount)
            }
        }
        for row in 0..<rows { link.apply(means.elements + row * featureCount, featureCount) }
    }
}

/// The distribution of every feature of one document.
package struct FeatureConditions {
    /// The mean of each feature.
    package let means: UnsafeBufferPointer<Float>
    /// s of a `DispersionDecoder`: log-variances, one for each feature, or one log-concentration; none where there are
    /// neither.
    package let dispersions: UnsafeBufferPointer<Float>

    package init(
        means: UnsafeBufferPointer<Float>,
        dispersions: UnsafeBufferPointer<Float> = UnsafeBufferPointer(start: nil, count: 0)
    ) {
        self.means = means
        self.dispersions = dispersions
    }

    /// A normally distributed number for each feature; the mean if there are no variances.
    package func normalNumbers(using generator: inout RandomGenerator) -> [Float] {
        dispersions.isEmpty
            ? Array(means)
            : zip(means, dispersions).map { $0 + Float.exp(0.5 * $1) * generator.nextNormal() }
    }
}
