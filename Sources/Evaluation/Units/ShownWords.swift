import Gossamer
import SparseMatrices

extension FeatureModel {
    /// What to show of every unit, by number: the features that set apart the documents that activate it most or, where
    /// none does, such as in a table without zeros, those of largest decoder weight.
    ///
    /// - Parameters:
    ///   - count: how many of each unit, at most.
    ///   - lifted: what was found in some documents; nil takes what the model remembers of its training documents.
    ///   - strongest: the features of each unit by weight, if they are known already.
    /// - Complexity: O(V·H).
    package func shownWords(
        _ count: Int, lifted: UnitWords? = nil, strongest: [UnitFeatures]? = nil
    ) -> [[UnitReport.Word]] {
        let lifted = lifted ?? words
        return (strongest ?? decoder.unitFeatures(count: count)).map { unit in
            let apart = (lifted?.units[unit.unit] ?? []).prefix(count)
            if apart.isEmpty {
                return unit.strongest.prefix(count).map {
                    UnitReport.Word(feature: $0.feature, weight: $0.weight, lift: nil, share: nil)
                }
            }
            return apart.map {
                UnitReport.Word(
                    feature: $0.feature, weight: decoder.weights[$0.feature, unit.unit], lift: $0.lift, share: $0.share)
            }
        }
    }
}
