import RealModule
import SparseMatrices

extension WeightingScheme {
    /// idf·x·(k₁ + 1)/(x + k₁·(1 − b + b·N/N̄)), with idf = ln(1 + (n − df + ½)/(df + ½)) for df of n training rows that
    /// have the feature, and N of a document's and N̄ of all training documents' tokens on average.
    ///
    /// Counts saturate, sooner in short documents. (Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25
    /// and Beyond", Foundations and Trends in Information Retrieval, 2009; its idf with 1 added inside the logarithm,
    /// so that no weight is below zero.)
    ///
    /// - Parameters:
    ///   - k1: above zero; how many occurrences it takes to saturate.
    ///   - b: from 0, where length does not matter, to 1.
    public static func bm25(k1: Double = 1.2, b: Double = 0.75) -> WeightingScheme {
        precondition(k1 > 0 && k1.isFinite && (0...1).contains(b), "BM25 has no k1 = \(k1) with b = \(b)")
        return WeightingScheme(BM25Weighting(k1: k1, b: b))
    }
}

struct BM25Weighting: CountWeighting {
    let name = "bm25"
    let usage = "bm25[:K1:B]"
    let hasFeatureWeights = true
    let hasMeanLength = true
    let domain = EntryDomain.aboveZero
    let k1: Double
    let b: Double

    private static let usual = (k1: 1.2, b: 0.75)

    var parameters: String { (k1, b) == Self.usual ? "" : "\(k1):\(b)" }

    func with(parameters: Substring) -> (any WeightingRule)? {
        let parts = parameters.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
        guard parts.count == 2, let k1 = parts[0], let b = parts[1], k1 > 0, k1.isFinite, (0...1).contains(b) else {
            return nil
        }
        return BM25Weighting(k1: k1, b: b)
    }

    func statistics(of matrix: CSRMatrix) -> WeightingStatistics {
        let rows = Double(matrix.rowCount)
        let tokens = matrix.withUnsafeView { view in view.values.reduce(0.0) { $0 + Double($1) } }
        return WeightingStatistics(
            featureWeights: matrix.rowCountsOfColumns(in: 0..<matrix.rowCount).map { df in
                Float(.log(1 + (rows - Double(df) + 0.5) / (Double(df) + 0.5)))
            }, meanLength: tokens > 0 ? tokens / rows : 1)
    }

    func weigh(
        _ values: UnsafeMutableBufferPointer<Float>, columns: UnsafeBufferPointer<UInt32>,
        _ statistics: WeightingStatistics
    ) {
        let saturation = self.saturation(tokens: values.reduce(0.0) { $0 + Double($1) }, statistics)
        statistics.featureWeights.withUnsafeBufferPointer { idf in
            for i in values.indices {
                let x = Double(values[i])
                values[i] = Float(x * (k1 + 1) / (x + saturation)) * idf[Int(columns[i])]
            }
        }
    }

    /// The count of half of the weight that there can be.
    private func saturation(tokens: Double, _ statistics: WeightingStatistics) -> Double {
        k1 * (1 - b + b * tokens / statistics.meanLength)
    }

    func unit(count: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double {
        count * (k1 + 1) / (count + saturation(tokens: tokens, statistics))
    }

    func count(unit: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double {
        unit < k1 + 1 ? unit * saturation(tokens: tokens, statistics) / (k1 + 1 - unit) : .infinity
    }
}
