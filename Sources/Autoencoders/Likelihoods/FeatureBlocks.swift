import RealModule
import SparseMatrices

/// The products of a linear decoder with dense blocks of features, for likelihoods over all features: a row's logits
/// a = z·Dᵀ + c exist for one block of features at a time, so no matrix of batch × vocabulary is ever whole.
struct FeatureBlocks: Sendable {
    /// How many features' logits exist at the same time; also the row length of a matrix of logits.
    let blockWidth: Int
    /// All features, a block at a time.
    let ranges: [Range<Int>]
    /// K.
    let width: Int

    /// Rows that one thread works on at a time: their logits stay in its cache.
    static let rowsPerBlock = 32

    init(_ decoder: LinearDecoder, blockWidth: Int) {
        let (count, blockWidth) = (decoder.featureCount, max(1, min(decoder.featureCount, blockWidth)))
        self.blockWidth = blockWidth
        ranges = stride(from: 0, to: count, by: blockWidth).map { $0..<min($0 + blockWidth, count) }
        width = decoder.latentWidth
    }

    /// Cuts the rows of a batch among threads.
    func forEachRows(of count: Int, _ execution: Execution, _ body: (Range<Int>) -> Void) {
        execution.parallelism.forEachRange(of: count, blockSize: Self.rowsPerBlock, body)
    }

    /// a = z·Dᵀ + c of some rows and a block of features.
    func computeLogits(
        _ z: UnsafePointer<Float>, rows: Range<Int>, features: Range<Int>, _ decoder: LinearDecoder,
        into logits: ScratchMatrix
    ) {
        decoder.bias.withUnsafeBufferPointer { bias in
            guard let start = bias.baseAddress else { return }
            for row in rows {
                (logits.elements + row * blockWidth).update(
                    from: start + features.lowerBound, count: features.count)
            }
        }
        decoder.weights.withUnsafeElements { d in
            DenseProducts.multiplyBlock(
                z + rows.lowerBound * width, strideA: width, d + features.lowerBound * width, strideB: width,
                transposeB: true, m: rows.count, n: features.count, k: width, beta: 1,
                into: logits.elements + rows.lowerBound * blockWidth, strideC: blockWidth)
        }
    }

    /// target += factors·D over a block of features; the first block overwrites.
    func multiply(
        _ factors: ScratchMatrix, _ weights: DenseMatrix, rows: Range<Int>, features: Range<Int>, isFirst: Bool,
        into target: ScratchMatrix
    ) {
        weights.withUnsafeElements { d in
            DenseProducts.multiplyBlock(
                factors.elements + rows.lowerBound * blockWidth, strideA: blockWidth,
                d + features.lowerBound * width, strideB: width, transposeB: false, m: rows.count, n: width,
                k: features.count, beta: isFirst ? 0 : 1, into: target.elements + rows.lowerBound * width,
                strideC: width)
        }
    }

    /// Of a block of features: the transposed residuals times z, and their sums over the rows.
    ///
    /// - Parameter residuals: ∂L/∂a, rows × block.
    func multiplyResiduals(
        _ residuals: ScratchMatrix, _ z: UnsafePointer<Float>, rows: Int, features block: Range<Int>,
        into gradient: inout LinearGradient, execution: Execution
    ) {
        gradient.weights.withUnsafeMutableElements { g in
            gradient.bias.withUnsafeMutableBufferPointer { bias in
                guard let bias = bias.baseAddress else { return }
                // Each range of features writes to places of its own.
                nonisolated(unsafe) let sums = bias + block.lowerBound
                execution.parallelism.forEachRange(of: block.count, blockSize: 128) { features in
                    let start = residuals.elements + features.lowerBound
                    DenseProducts.multiplyBlock(
                        start, strideA: blockWidth, transposeA: true, z, strideB: width, transposeB: false,
                        m: features.count, n: width, k: rows, beta: 0,
                        into: g + (block.lowerBound + features.lowerBound) * width, strideC: width)
                    (sums + features.lowerBound).update(repeating: 0, count: features.count)
                    for row in 0..<rows {
                        kernels.axpy(
                            count: features.count, alpha: 1, x: start + row * blockWidth,
                            y: sums + features.lowerBound)
                    }
                }
            }
        }
    }

    /// The part of the observations themselves: w·Xᵀz and w·Σ x, over the touched features.
    ///
    /// - Parameters:
    ///   - counts: in place of the values of the observations, in their order; nil for these themselves.
    ///   - features: which of the decoder's features the batch's touched columns are; nil if they are the same.
    func addObserved(
        _ z: UnsafePointer<Float>, batch: SparseBatch, counts: ScratchMatrix? = nil, features: [UInt32]? = nil,
        weight: Float,
        results: LikelihoodResults, into gradient: inout LinearGradient, execution: Execution
    ) {
        let touched = features ?? batch.touchedColumns
        results.touched.reset(rows: touched.count, width: width)
        batch.withTransposedTargets(values: counts?.elements) { x in
            execution.spmm(x, z, width: width, into: results.touched.elements)
            gradient.weights.withUnsafeMutableElements { g in
                for (i, feature) in touched.enumerated() {
                    kernels.axpy(
                        count: width, alpha: weight, x: results.touched.elements + i * width,
                        y: g + Int(feature) * width)
                    var sum: Float = 0
                    for entry in x.entries(ofRow: i) { sum += x.values[entry] }
                    gradient.bias[Int(feature)] += weight * sum
                }
            }
        }
    }
}

extension LinearDecoder {
    /// D∘D, for curvatures.
    var squaredWeights: DenseMatrix {
        var squares = weights
        let elementCount = squares.elementCount
        squares.withUnsafeMutableElements { d in for i in 0..<elementCount { d[i] *= d[i] } }
        return squares
    }

    /// Takes note of what is linear in the observations: xᵀD, x·c and the sums of the rows.
    ///
    /// - Parameter constant: the logarithm of the factor of p(x|z) that an entry alone decides.
    func observe(
        _ x: CSRView, into evidence: LikelihoodEvidence, execution: Execution, constant: (Float) -> Double = { _ in 0 }
    ) {
        evidence.projection.reset(rows: x.rowCount, width: latentWidth)
        weights.withUnsafeElements { execution.spmm(x, $0, width: latentWidth, into: evidence.projection.elements) }
        evidence.forgetRows()
        for row in 0..<x.rowCount {
            var tokens = 0.0, sum = 0.0
            for entry in x.entries(ofRow: row) {
                tokens += Double(x.values[entry])
                sum += Double(x.values[entry]) * Double(bias[Int(x.columnIndices[entry])]) + constant(x.values[entry])
            }
            evidence.tokens.append(tokens)
            evidence.constants.append(sum)
        }
    }
}

/// What the training documents say of every feature: what decoders start from.
package struct ObservedFeatures {
    /// The observations of all documents.
    package let matrix: WeightedRows
    /// Those of the training documents.
    package let rows: [Int]
    /// Σ x of every feature.
    package private(set) var sums: [Double]
    private var squares: [Double]

    /// - Parameter matrix: the observations; see `LikelihoodFamily.observation`.
    /// - Complexity: O(features + entries of the rows).
    init(_ matrix: WeightedRows, rows: [Int]) {
        self.matrix = matrix
        self.rows = rows
        sums = Array(repeating: 0, count: matrix.columnCount)
        squares = sums
        matrix.forEachRow(in: rows) { _, columns, values in
            for (i, column) in columns.enumerated() {
                let value = Double(values[i])
                sums[Int(column)] += value
                squares[Int(column)] += value * value
            }
        }
    }

    /// How many documents there are, at least 1.
    package var documents: Double { Double(max(rows.count, 1)) }
    /// Σ x of all features, at least 1.
    package var total: Double { max(sums.reduce(0, +), 1) }

    /// The logarithm of each feature's share of all tokens; a feature that the rows do not have counts half a time.
    package var logShares: [Float] {
        let total = total
        return sums.map { Float(Double.log(max($0, 0.5) / total)) }
    }

    /// The variance of every feature over the rows, entries that are not stored counting as zeros; at least a
    /// thousandth of the mean variance, for features that hardly change.
    package var variances: [Double] {
        let documents = documents
        let plain = zip(sums, squares).map { max(0, $1 / documents - ($0 / documents) * ($0 / documents)) }
        let mean = plain.reduce(0, +) / Double(max(plain.count, 1))
        let least = mean > 0 ? 1e-3 * mean : 1
        return plain.map { min(max($0, least), Double(Float.greatestFiniteMagnitude)) }
    }
}
