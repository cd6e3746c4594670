import RealModule
import SparseMatrices

/// How much more the error of a rare feature counts than that of others while the encoder learns:
///
///     Σ_v g_v²·(x_v − x̂_v)²,  g_v = (ln((1 + n)/(1 + df_v)) + 1)^γ
///
/// with df_v of n training rows that have feature v. The plain error is mostly about the many frequent features, and
/// units spend themselves on them; what short texts are about is in the rarer ones. A feature that all rows have
/// counts once, so data without zeros are left as they are.
///
/// It is a matter of training only. Features are multiplied by g, which the finished encoder's weights take over; and
/// the least-squares decoder of a code is the same for any weights of the features, since each has its own row of D.
struct FeatureEmphasis: Sendable {
    /// g: features.
    let factors: [Float]

    /// - Parameters:
    ///   - power: γ.
    ///   - documentFrequencies: df, of n rows.
    /// - Returns: nil if there is nothing to emphasise.
    /// - Complexity: O(features).
    init?(power: Float, documentFrequencies: [Int], rows: Int) {
        if power == 0 { return nil }
        factors = documentFrequencies.map { frequency in
            // A feature that no row has is never an input; its weight is of no consequence.
            let weight = frequency == 0 ? 1 : Double.log(Double(1 + rows) / Double(1 + frequency)) + 1
            return Float(Double.exp(Double(power) * .log(weight)))
        }
        if factors.allSatisfy({ $0 == 1 }) { return nil }
    }

    func apply(to matrix: WeightedRows) -> WeightedRows { matrix.scalingColumns(by: factors) }
}

/// The power γ of an emphasis on rare features, by how common the features of the documents are.
///
/// With s the share of entries that are of features in more than a tenth of the documents,
///
///     γ = 1 for s ≤ 0.05,  0 for s ≥ 0.2,  (0.2 − s)/0.15 between
///
/// Where hardly any word is common, as in titles and in snippets without stop words, the rare words say what a text is
/// about, and an emphasis on them gives better features. In longer texts, and in texts with their function words, the
/// common words say much too, and an emphasis costs more than it gives: on pages of universities .03 in the accuracy
/// of a linear classifier.
public struct ChosenEmphasis: Sendable, Equatable {
    public let power: Float
    /// s.
    public let commonShare: Double

    init(documentFrequencies: [Int], rows: Int) {
        let entries = documentFrequencies.reduce(0, +)
        let common = documentFrequencies.reduce(0) { $1 * 10 > rows ? $0 + $1 : $0 }
        commonShare = entries > 0 ? Double(common) / Double(entries) : 0
        power = Float(min(1, max(0, (0.2 - commonShare) / 0.15)))
    }
}
