import Gossamer

extension FeatureModel {
    /// How much of what units add to documents is each one's: Σ h_j²‖D_j‖² as a share of all units' sum or, of a mixture
    /// of topics, the topic's share Σ h_j of documents.
    ///
    /// - Parameters:
    ///   - activity: over some documents, of a mixture that of shares of topics.
    ///   - gram: DᵀD, H × H.
    package func importance(_ activity: UnitActivity, gram: [Double]) -> [Double] {
        let amounts = (0..<latentWidth).map { unit in
            isMixture ? activity.sums[unit] : activity.squares[unit] * gram[unit * latentWidth + unit]
        }
        let total = amounts.reduce(0, +)
        return amounts.map { total > 0 ? $0 / total : 0 }
    }
}
