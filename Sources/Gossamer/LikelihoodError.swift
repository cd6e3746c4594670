import Autoencoders
import FileIO
import SparseMatrices

/// A value that what is learned of documents is not defined for: below zero, where counts are described.
public struct LikelihoodError: ExplainedError, Equatable {
    public let likelihood: LikelihoodKind
    /// Whether it is the objective of a sparse autoencoder.
    public let isObjective: Bool
    /// Both counted from 0.
    public let row: Int
    public let column: Int
    /// After weighting.
    public let value: Float

    /// The same error where the rows stand below others.
    public func movedDown(by rows: Int) -> LikelihoodError {
        LikelihoodError(likelihood: likelihood, isObjective: isObjective, row: row + rows, column: column, value: value)
    }

    public var message: Message {
        "row \(row + 1), feature number \(column + 1): found the value \(value); expected a value of zero or more for "
            + "the \(isObjective ? "objective" : "likelihood") \(likelihood.rawValue); give counts, use \(setting: "weighting") "
            + "binary, or choose what takes any number: " + alternatives
    }

    private var alternatives: Message {
        isObjective
            ? "\(setting: "objective") squared-error, or \(setting: "objective") bernoulli (is a feature there or not)"
            : "\(setting: "likelihood") gaussian, \(setting: "likelihood") bernoulli (is a feature there or not), or a sparse autoencoder "
                + "(`gossamer train sae`)"
    }

    /// - Throws: if the likelihood is of counts and a stored entry is below zero.
    /// - Complexity: O(entries).
    package static func check(
        _ documents: WeightedRows, for likelihood: LikelihoodKind, isObjective: Bool = false
    ) throws(LikelihoodError) {
        guard likelihood.needsCounts else { return }
        try documents.forEachRow(in: 0..<documents.rowCount) { row, columns, values throws(LikelihoodError) in
            guard let entry = values.firstIndex(where: { $0 < 0 }) else { return }
            throw LikelihoodError(
                likelihood: likelihood, isObjective: isObjective, row: row, column: Int(columns[entry]),
                value: values[entry])
        }
    }
}
