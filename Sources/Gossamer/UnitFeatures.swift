import Autoencoders

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
    /// - Complexity: O(features·H), plus the few insertions.
    public func unitFeatures(count: Int) -> [UnitFeatures] {
        var strongest = [[(feature: Int, weight: Float)]](repeating: [], count: latentWidth)
        weights.withUnsafeElements { d in
            for feature in 0..<featureCount {
                for unit in 0..<latentWidth {
                    let weight = d[feature * latentWidth + unit]
                    guard weight > 0 else { continue }
                    if strongest[unit].count == count, let last = strongest[unit].last, last.weight >= weight {
                        continue
                    }
                    let place = strongest[unit].firstIndex { $0.weight < weight } ?? strongest[unit].count
                    strongest[unit].insert((feature, weight), at: place)
                    if strongest[unit].count > count { strongest[unit].removeLast() }
                }
            }
        }
        let norms = columnNorms()
        return (0..<latentWidth).map { UnitFeatures(unit: $0, norm: norms[$0], strongest: strongest[$0]) }
    }
}
