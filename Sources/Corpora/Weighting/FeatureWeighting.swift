import FileIO
import SparseMatrices

/// How raw entries become a model's inputs: a weight for each entry, then a length for each row. Part of the model,
/// so that every later document is treated as the training documents were.
public struct FeatureWeighting: Sendable, Equatable {
    /// What a row is divided by.
    public enum Normalization: String, Sendable, CaseIterable, Codable {
        /// 1
        case none
        /// ‖x‖₂; empty rows stay empty.
        case l2
    }

    public let scheme: WeightingScheme
    public let normalization: Normalization
    /// What the scheme has learned of the training documents.
    public let statistics: WeightingStatistics

    /// Weights as they were saved.
    ///
    /// - Precondition: there are statistics if the scheme has them, and none otherwise.
    public init(
        scheme: WeightingScheme, normalization: Normalization, statistics: WeightingStatistics = WeightingStatistics()
    ) {
        precondition(
            scheme.hasFeatureWeights || statistics.featureWeights.isEmpty,
            "\(scheme) has no weights of features")
        self.scheme = scheme
        self.normalization = normalization
        self.statistics = statistics
    }

    /// Learns what the scheme needs from the training rows.
    ///
    /// - Complexity: O(entries + features) where the scheme has statistics, else O(1).
    public init(scheme: WeightingScheme, normalization: Normalization, fittedTo matrix: CSRMatrix) {
        self.init(scheme: scheme, normalization: normalization, statistics: scheme.rule.statistics(of: matrix))
    }

    /// The weighted and normalised matrix; the pattern is shared with `matrix`.
    ///
    /// - Throws: `WeightingError` for a value that the scheme is not defined for.
    /// - Complexity: O(entries).
    public func callAsFunction(_ matrix: CSRMatrix) throws(WeightingError) -> CSRMatrix {
        try rows(of: matrix).weighted()
    }

    /// The rows of a matrix, weighted and normalised whenever they are looked at; nothing is copied.
    ///
    /// - Throws: `WeightingError` for a value that the scheme is not defined for.
    /// - Complexity: O(entries).
    package func rows(of matrix: CSRMatrix) throws(WeightingError) -> WeightedRows {
        precondition(
            !scheme.hasFeatureWeights || statistics.featureWeights.count == matrix.columnCount,
            "weights for \(statistics.featureWeights.count) features, a matrix of \(matrix.columnCount)")
        if scheme == .none && normalization == .none { return WeightedRows(matrix) }
        try check(matrix)
        return WeightedRows(matrix) { columns, values in
            scheme.rule.weigh(values, columns: columns, statistics)
            if normalization == .l2 { normalize(values) }
        }
    }

    private func check(_ matrix: CSRMatrix) throws(WeightingError) {
        let domain = scheme.rule.domain
        try matrix.withUnsafeView { view throws(WeightingError) in
            if domain == .any || view.values.allSatisfy(domain.contains) { return }
            for row in 0..<view.rowCount {
                for entry in view.entries(ofRow: row) where !domain.contains(view.values[entry]) {
                    throw WeightingError(
                        scheme: scheme, row: row, column: Int(view.columnIndices[entry]), value: view.values[entry])
                }
            }
        }
    }

    /// Divides by the Euclidean norm, taken in Double so that it neither over- nor underflows.
    private func normalize(_ values: UnsafeMutableBufferPointer<Float>) {
        let square = values.reduce(0.0) { $0 + Double($1) * Double($1) }
        guard square > 0 else { return }
        let norm = square.squareRoot()
        for i in values.indices { values[i] = Float(Double(values[i]) / norm) }
    }
}

extension FeatureWeighting {
    /// The weighting that suits a matrix when nobody asked for one: tf-idf and unit length for counts (whole numbers
    /// above zero), nothing for measurements and for dense data, where a feature's presence says next to nothing.
    public static func suitable(for matrix: CSRMatrix) -> (scheme: WeightingScheme, normalization: Normalization) {
        matrix.isCounts && !matrix.isDense ? (.tfIdf, .l2) : (.none, .none)
    }

    /// The raw entries of a document whose weighted entries are known up to what the weighting has taken away. Of
    /// counts, each at least 1; a row of unit length gets the length with which the counts sum to `tokens`, as nearly
    /// as rounding allows.
    ///
    /// - Parameters:
    ///   - weighted: above zero, unless the scheme is `none`.
    ///   - tokens: the document's length; not used without normalisation, but by schemes that depend on it.
    /// - Complexity: O(entries).
    public func rawEntries(columns: [UInt32], weighted: [Float], tokens: Int) -> [Float] {
        precondition(columns.count == weighted.count, "\(columns.count) columns, \(weighted.count) values")
        return scheme.rule.rawEntries(
            WeightedDocument(
                columns: columns, values: weighted, tokens: Double(tokens), isNormalized: normalization == .l2),
            statistics)
    }
}

extension CSRMatrix {
    /// Whether every stored entry is a whole number above zero.
    public var isCounts: Bool {
        withUnsafeView { view in view.values.allSatisfy { $0 > 0 && $0 == $0.rounded(.towardZero) } }
    }
}

/// A stored value that a weighting scheme is not defined for.
public struct WeightingError: ExplainedError, Equatable {
    public let scheme: WeightingScheme
    /// Both counted from 0.
    public let row: Int
    public let column: Int
    public let value: Float

    /// The same error where the rows stand below others.
    public func movedDown(by rows: Int) -> WeightingError {
        WeightingError(scheme: scheme, row: row + rows, column: column, value: value)
    }

    public var message: Message {
        "row \(row + 1), feature number \(column + 1): found the value \(value); expected \(scheme.rule.domain.description) for "
            + "the weighting \(scheme.description); use \(setting: "weighting") none for data that are not counts"
    }
}

extension FeatureWeighting {
    /// The same weighting for documents with more features.
    ///
    /// - Parameters:
    ///   - other: of the same scheme, fitted to other documents; new features weigh what they weigh there.
    ///   - share: how much the other documents count for the features of both: their share of all documents, for means
    ///     over all of them; 0 to keep these weights.
    package func joined(with other: FeatureWeighting, share: Double) -> FeatureWeighting {
        precondition(scheme == other.scheme, "\(scheme) and \(other.scheme) cannot be joined")
        func mean(_ a: Double, _ b: Double) -> Double { a + share * (b - a) }
        var joined = other.statistics
        for (feature, weight) in statistics.featureWeights.enumerated() {
            joined.featureWeights[feature] = Float(mean(Double(weight), Double(joined.featureWeights[feature])))
        }
        joined.meanLength = mean(statistics.meanLength, joined.meanLength)
        return FeatureWeighting(scheme: scheme, normalization: normalization, statistics: joined)
    }
}
