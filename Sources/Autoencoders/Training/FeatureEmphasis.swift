import SparseMatrices

/// How much more than others a rare feature's error counts while the encoder learns:
///
///     Σ_v g_v²·(x_v − x̂_v)²,  g_v = (ln((1 + n)/(1 + df_v)) + 1)^γ
///
/// with df_v of n training rows that have feature v. The plain error is mostly about the many frequent features, and
/// units spend themselves on them; what documents are about is in the rarer ones. A feature that all rows have counts
/// once, so data without zeros are left as they are.
///
/// It is a matter of training only. Features are multiplied by g, which the finished encoder's weights take over; and
/// the least-squares decoder of a code is the same for any weights of the features, since each has its own row of D.
struct FeatureEmphasis: Sendable {
    /// g: features.
    let factors: [Float]

    /// - Returns: nil if there is nothing to emphasise.
    /// - Complexity: O(entries + features).
    init?(exponent: Float, for matrix: WeightedRows, rows: [Int]) {
        if exponent == 0 { return nil }
        let frequencies = matrix.rowCountsOfColumns(in: rows)
        let count = Double(rows.count)
        factors = frequencies.map { frequency in
            // A feature that no row has is never an input; its weight is of no consequence.
            let weight = frequency == 0 ? 1 : logarithm((1 + count) / (1 + Double(frequency))) + 1
            return Float(exponential(Double(exponent) * logarithm(weight)))
        }
        if factors.allSatisfy({ $0 == 1 }) { return nil }
    }

    func callAsFunction(_ matrix: WeightedRows) -> WeightedRows { matrix.scalingColumns(by: factors) }
}
