import Autoencoders
import SparseMatrices

/// The features that a latent unit adds most to a document.
public struct UnitFeatures: Sendable {
    public let unit: Int
    /// ‖D_j‖, the length of what one unit of activity adds.
    public let norm: Float
    /// Feature numbers from 0 with their decoder weights, strongest first.
    public let strongest: [(feature: Int, weight: Float)]
}

extension LinearDecoder {
    /// For every unit, its `count` features of largest positive decoder weight; of equal ones the first.
    ///
    /// - Complexity: O(features·H), plus O(log count) for each of the few insertions.
    public func unitFeatures(count: Int) -> [UnitFeatures] {
        var strongest = [TopEntries](repeating: TopEntries(count: count), count: latentWidth)
        weights.withUnsafeElements { d in
            for feature in 0..<featureCount {
                for unit in 0..<latentWidth {
                    let weight = d[feature * latentWidth + unit]
                    if weight > 0 { strongest[unit].add(feature, Double(weight)) }
                }
            }
        }
        let norms = columnNorms()
        return (0..<latentWidth).map { unit in
            UnitFeatures(
                unit: unit, norm: norms[unit],
                strongest: strongest[unit].sorted.map { (feature: $0.index, weight: Float($0.value)) })
        }
    }
}
