import Autoencoders
import SparseMatrices

/// A value that the likelihood of a variational autoencoder is not defined for.
public struct LikelihoodError: Error, Equatable, CustomStringConvertible {
    public let likelihood: LikelihoodKind
    /// Both counted from 0.
    public let row: Int
    public let column: Int
    /// After weighting.
    public let value: Float

    public var description: String {
        "row \(row + 1), feature number \(column + 1): found the value \(value); expected a value of zero or more for "
            + "the likelihood \(likelihood.rawValue); give counts, use --weighting binary, or train a sparse "
            + "autoencoder (`gossamer train sae`), which takes any number"
    }

    /// - Throws: if a stored entry is below zero.
    /// - Complexity: O(entries).
    static func check(_ matrix: CSRMatrix, for likelihood: LikelihoodKind) throws(LikelihoodError) {
        try matrix.withUnsafeView { view throws(LikelihoodError) in
            guard view.values.contains(where: { $0 < 0 }) else { return }
            for row in 0..<view.rowCount {
                for entry in view.entries(ofRow: row) where view.values[entry] < 0 {
                    throw LikelihoodError(
                        likelihood: likelihood, row: row, column: Int(view.columnIndices[entry]),
                        value: view.values[entry])
                }
            }
        }
    }
}
