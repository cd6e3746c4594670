import FileIO
import RealModule
import SparseMatrices

/// How raw entries become a model's inputs: a weight for each entry, then a length for each row. Part of the model,
/// so that every later document is treated as the training documents were.
public struct FeatureWeighting: Sendable, Equatable {
    /// What an entry x weighs.
    public enum Scheme: String, Sendable, CaseIterable, Codable {
        /// x
        case none
        /// 1
        case binary
        /// ln(1 + x)
        case log
        /// (1 + ln x)·idf, with idf = ln((1 + n)/(1 + df)) + 1: scikit-learn's `sublinear_tf` and `smooth_idf`.
        case tfIdf = "tf-idf"
    }

    /// What a row is divided by.
    public enum Normalization: String, Sendable, CaseIterable, Codable {
        /// 1
        case none
        /// ‖x‖₂; empty rows stay empty.
        case l2
    }

    public let scheme: Scheme
    public let normalization: Normalization
    /// The inverse document frequency of every feature; empty unless the scheme is tf-idf.
    public let inverseDocumentFrequency: [Float]

    /// Weights as they were saved.
    ///
    /// - Precondition: tf-idf has a frequency for every feature, the other schemes none.
    public init(scheme: Scheme, normalization: Normalization, inverseDocumentFrequency: [Float] = []) {
        precondition(scheme == .tfIdf || inverseDocumentFrequency.isEmpty, "only tf-idf has document frequencies")
        self.scheme = scheme
        self.normalization = normalization
        self.inverseDocumentFrequency = inverseDocumentFrequency
    }

    /// Learns what the scheme needs from the training rows.
    ///
    /// - Complexity: O(entries + features) for tf-idf, else O(1).
    public init(scheme: Scheme, normalization: Normalization, fittedTo matrix: CSRMatrix) {
        var frequencies: [Float] = []
        if scheme == .tfIdf {
            var counts = [Int](repeating: 0, count: matrix.columnCount)
            matrix.withUnsafeView { view in
                for column in view.columnIndices { counts[Int(column)] += 1 }
            }
            let rows = Double(matrix.rowCount)
            frequencies = counts.map { Float(Double.log((1 + rows) / (1 + Double($0))) + 1) }
        }
        self.init(scheme: scheme, normalization: normalization, inverseDocumentFrequency: frequencies)
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
            scheme != .tfIdf || inverseDocumentFrequency.count == matrix.columnCount,
            "weights for \(inverseDocumentFrequency.count) features, a matrix of \(matrix.columnCount)")
        if scheme == .none && normalization == .none { return WeightedRows(matrix) }
        try check(matrix)
        return WeightedRows(matrix) { columns, values in weigh(values, columns: columns) }
    }

    private func check(_ matrix: CSRMatrix) throws(WeightingError) {
        let isDefined: (Float) -> Bool
        switch scheme {
        case .none, .binary: return
        case .log: isDefined = { $0 >= 0 }
        case .tfIdf: isDefined = { $0 > 0 }
        }
        try matrix.withUnsafeView { view throws(WeightingError) in
            if view.values.allSatisfy(isDefined) { return }
            for row in 0..<view.rowCount {
                for entry in view.entries(ofRow: row) where !isDefined(view.values[entry]) {
                    throw WeightingError(
                        scheme: scheme, row: row, column: Int(view.columnIndices[entry]), value: view.values[entry])
                }
            }
        }
    }

    /// Weighs one row's values, for all of which the scheme is defined.
    private func weigh(_ values: UnsafeMutableBufferPointer<Float>, columns: UnsafeBufferPointer<UInt32>) {
        switch scheme {
        case .none: break
        case .binary: for i in values.indices where values[i] != 0 { values[i] = 1 }
        case .log: for i in values.indices { values[i] = .log(onePlus: values[i]) }
        case .tfIdf:
            inverseDocumentFrequency.withUnsafeBufferPointer { idf in
                smallLogarithms.withUnsafeBufferPointer { logarithms in
                    for i in values.indices {
                        values[i] = (1 + logarithm(values[i], logarithms)) * idf[Int(columns[i])]
                    }
                }
            }
        }
        if normalization == .l2 { normalize(values) }
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
    public static func suitable(for matrix: CSRMatrix) -> (scheme: Scheme, normalization: Normalization) {
        matrix.isCounts && !matrix.isDense ? (.tfIdf, .l2) : (.none, .none)
    }
}

extension CSRMatrix {
    /// Whether every stored entry is a whole number above zero.
    public var isCounts: Bool {
        withUnsafeView { view in view.values.allSatisfy { $0 > 0 && $0 == $0.rounded(.towardZero) } }
    }
}

/// ln of the whole numbers below 256; of most counts there are.
private let smallLogarithms = (0..<256).map { Float.log(Float($0)) }

/// ln x, looked up where x is a small count.
@inline(__always)
private func logarithm(_ x: Float, _ small: UnsafeBufferPointer<Float>) -> Float {
    if x < Float(small.count), x >= 0 {
        let count = Int(x)
        if Float(count) == x { return small[count] }
    }
    return .log(x)
}

/// A stored value that a weighting scheme is not defined for.
public struct WeightingError: ExplainedError, Equatable {
    public let scheme: FeatureWeighting.Scheme
    /// Both counted from 0.
    public let row: Int
    public let column: Int
    public let value: Float

    /// The same error where the rows stand below others.
    public func movedDown(by rows: Int) -> WeightingError {
        WeightingError(scheme: scheme, row: row + rows, column: column, value: value)
    }

    public var message: Message {
        "row \(row + 1), feature number \(column + 1): found the value \(value); expected "
            + (scheme == .tfIdf ? "a count above zero" : "a value of zero or more")
            + " for the weighting \(scheme.rawValue); use \(setting: "weighting") none for data that are not counts"
    }
}

extension FeatureWeighting {
    /// The raw entries of a document whose weighted entries are known up to what the weighting has taken away.
    ///
    /// With w = s·x, s the length that normalisation divided by, and counts rounded and at least 1:
    ///
    ///     none    x              binary  1
    ///     log     exp(w) − 1     tf-idf  exp(w/idf − 1)
    ///
    /// A row of unit length does not tell s. It is chosen such that the counts sum to `tokens` as nearly as rounding
    /// allows. Without normalisation s = 1, and `tokens` is not used.
    ///
    /// - Parameters:
    ///   - weighted: above zero, unless the scheme is `none`.
    ///   - tokens: the document's length.
    /// - Complexity: O(entries).
    public func rawEntries(columns: [UInt32], weighted: [Float], tokens: Int) -> [Float] {
        precondition(columns.count == weighted.count, "\(columns.count) columns, \(weighted.count) values")
        switch scheme {
        case .none: return weighted
        case .binary: return weighted.map { _ in 1 }
        case .log, .tfIdf: break
        }
        let idf = columns.map { scheme == .tfIdf ? Double(inverseDocumentFrequency[Int($0)]) : 1 }
        // The weight in units of idf: 1 + ln x or ln(1 + x).
        let units = zip(weighted, idf).map { Double($0) / $1 }
        let length = normalization == .l2 ? lengthOfRow(units: units, tokens: Double(tokens)) : 1
        return units.map { Float(count(unit: length * $0).rounded()) }
    }

    /// At least 1, and finite.
    private func count(unit: Double) -> Double {
        min(max(1, scheme == .tfIdf ? Double.exp(unit - 1) : .exp(unit) - 1), Double(Float.greatestFiniteMagnitude))
    }

    /// s such that Σ count(s·u) = tokens, by bisection; 0 if all counts of 1 are too many already.
    private func lengthOfRow(units: [Double], tokens: Double) -> Double {
        guard let largest = units.max(), largest > 0, tokens > Double(units.count) else { return 0 }
        // At the upper end the largest entry alone has all tokens.
        var (low, high) = (0.0, (scheme == .tfIdf ? 1 + Double.log(tokens) : .log(onePlus: tokens)) / largest)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let sum = units.reduce(0) { $0 + count(unit: middle * $1).rounded() }
            if sum < tokens { low = middle } else { high = middle }
        }
        return high
    }
}
