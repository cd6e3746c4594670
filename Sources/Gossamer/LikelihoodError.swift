import Autoencoders
import FileIO
import SparseMatrices

/// A value for which the likelihood or objective is not defined: a negative value where counts are expected.
public struct LikelihoodError: ExplainedError, Equatable {
    public let likelihood: LikelihoodKind
    /// Whether the error concerns the objective of a sparse autoencoder.
    public let isObjective: Bool
    /// The row and the column of the value, both counted from 0.
    public let row: Int
    public let column: Int
    /// The value after weighting.
    public let value: Float

    /// The same error with its row number increased by `rows`, for rows that follow others.
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

    /// - Throws: `LikelihoodError` if the likelihood is one of counts and a stored entry is negative.
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
