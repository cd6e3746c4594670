import RealModule
import SparseMatrices

extension WeightingScheme {
    /// ln(1 + x)·g_v, with g_v = 1 + Σ_d p_dv·ln p_dv/ln n and p_dv the share of a feature's occurrences that are in
    /// document d of n: 1 for a feature of one document, 0 for one that is in all of them as often.
    ///
    /// Dumais, "Improving the Retrieval of Information from External Sources", Behavior Research Methods, 1991.
    public static let logEntropy = Self(LogEntropyWeighting())
}

struct LogEntropyWeighting: CountWeighting {
    let name = "log-entropy"
    let hasFeatureWeights = true
    let domain = EntryDomain.fromZero

    /// From Σ_d x·ln x of each feature, since Σ_d p·ln p = Σ_d x·ln x/F − ln F with F = Σ_d x.
    func statistics(of matrix: CSRMatrix) -> WeightingStatistics {
        var totals = [Double](repeating: 0, count: matrix.columnCount)
        var products = totals
        matrix.withUnsafeView { view in
            for (column, value) in zip(view.columnIndices, view.values) where value > 0 {
                totals[Int(column)] += Double(value)
                products[Int(column)] += Double(value) * .log(Double(value))
            }
        }
        let scale = matrix.rowCount > 1 ? Double.log(Double(matrix.rowCount)) : 1
        return WeightingStatistics(
            featureWeights: zip(totals, products).map { total, product in
                total > 0 ? Float(min(1, max(0, 1 + (product / total - .log(total)) / scale))) : 1
            })
    }

    func weigh(
        _ values: UnsafeMutableBufferPointer<Float>, columns: UnsafeBufferPointer<UInt32>,
        _ statistics: WeightingStatistics
    ) {
        statistics.featureWeights.withUnsafeBufferPointer { weights in
            for i in values.indices { values[i] = .log(onePlus: values[i]) * weights[Int(columns[i])] }
        }
    }

    func unit(count: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double { .log(onePlus: count) }
    func count(unit: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double { .exp(unit) - 1 }
}
