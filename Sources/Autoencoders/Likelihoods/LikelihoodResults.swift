import SparseMatrices

/// What the documents of a batch contribute to the likelihood, whatever z is.
package final class LikelihoodEvidence {
    /// xᵀD: rows × K; only of likelihoods whose logarithm is linear in x.
    let projection = ScratchMatrix()
    /// N, the tokens of each row: the sum of its entries; of a Gaussian likelihood the features.
    package internal(set) var tokens: [Double] = []
    /// Of each row what does not depend on z: x·c, and the logarithm of a factor that x alone decides.
    var constants: [Double] = []
    /// The documents themselves, where an evaluation goes through their entries.
    private var rowOffsets: [Int] = []
    private var columnIndices: [UInt32] = []
    private var values: [Float] = []
    private var columnCount = 0

    package init() {}

    var rowCount: Int { tokens.count }

    func forgetRows() {
        tokens.removeAll(keepingCapacity: true)
        constants.removeAll(keepingCapacity: true)
    }

    func keepDocuments(_ x: CSRView) {
        rowOffsets = Array(x.rowOffsets)
        columnIndices = Array(x.columnIndices)
        values = Array(x.values)
        columnCount = x.columnCount
    }

    func withDocuments<R>(_ body: (CSRView) -> R) -> R {
        rowOffsets.withUnsafeBufferPointer { offsets in
            columnIndices.withUnsafeBufferPointer { columns in
                values.withUnsafeBufferPointer { values in
                    body(
                        CSRView(
                            rowCount: rowOffsets.count - 1, columnCount: columnCount, rowOffsets: offsets,
                            columnIndices: columns, values: values))
                }
            }
        }
    }
}

/// Results and scratch of a likelihood.
package final class LikelihoodResults {
    package internal(set) var logLikelihoods: [Double] = []
    /// rows × K.
    package let gradient = ScratchMatrix()
    /// rows × K.
    package let curvature = ScratchMatrix()
    let logits = ScratchMatrix()
    let maxima = ScratchMatrix()
    let sums = ScratchMatrix()
    let touched = ScratchMatrix()
    /// The packed outer products of a block of features; see `OuterProductSums`.
    let outerProducts = ScratchMatrix()
    /// Of a Gaussian likelihood: as `logits`, of the log-variances.
    let logVariances = ScratchMatrix()
    /// The same of e^(−s) and, a half of it, of the squared slope of s.
    let precisions = ScratchMatrix()
    let squaredSlopes = ScratchMatrix()
    /// Whether `logits` still hold what the decoder's gradient needs.
    var holdsSlopes = false

    package init() {}

    func resize(rows: Int, width: Int) {
        if logLikelihoods.count != rows { logLikelihoods = Array(repeating: 0, count: rows) }
        gradient.resize(rows: rows, width: width)
        curvature.resize(rows: rows, width: width)
    }
}
