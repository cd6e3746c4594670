/// What the counts of a batch contribute to the likelihood, whatever z is.
package final class CountEvidence {
    /// xᵀD: rows × K.
    let projection = ScratchMatrix()
    /// N, the tokens of each row.
    package internal(set) var tokens: [Double] = []
    /// x·c of each row.
    var biasSums: [Double] = []

    package init() {}
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

    package init() {}

    func resize(rows: Int, width: Int, blockWidth: Int) {
        if logLikelihoods.count != rows { logLikelihoods = Array(repeating: 0, count: rows) }
        gradient.resize(rows: rows, width: width)
        curvature.resize(rows: rows, width: width)
        logits.resize(rows: rows, width: blockWidth)
        maxima.resize(rows: rows, width: 1)
        sums.resize(rows: rows, width: 1)
    }
}
