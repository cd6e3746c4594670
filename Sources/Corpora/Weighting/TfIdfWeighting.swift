import RealModule
import SparseMatrices

extension WeightingScheme {
    /// (1 + ln x)·idf, with idf = ln((1 + n)/(1 + df)) + 1 for df of n training rows that have the feature:
    /// scikit-learn's `sublinear_tf` and `smooth_idf`.
    public static let tfIdf = Self(TfIdfWeighting())
}

struct TfIdfWeighting: CountWeighting {
    let name = "tf-idf"
    let hasFeatureWeights = true
    let domain = EntryDomain.aboveZero

    func statistics(of matrix: CSRMatrix) -> WeightingStatistics {
        let rows = Double(matrix.rowCount)
        return WeightingStatistics(
            featureWeights: matrix.rowCountsOfColumns(in: 0..<matrix.rowCount).map {
                Float(.log((1 + rows) / (1 + Double($0))) + 1)
            })
    }

    func weigh(
        _ values: UnsafeMutableBufferPointer<Float>, columns: UnsafeBufferPointer<UInt32>,
        _ statistics: WeightingStatistics
    ) {
        statistics.featureWeights.withUnsafeBufferPointer { idf in
            smallLogarithms.withUnsafeBufferPointer { logarithms in
                for i in values.indices {
                    values[i] = (1 + logarithm(values[i], logarithms)) * idf[Int(columns[i])]
                }
            }
        }
    }

    func unit(count: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double { 1 + .log(count) }
    func count(unit: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double { .exp(unit - 1) }
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
