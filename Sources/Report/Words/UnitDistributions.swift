import Autoencoders
import Gossamer
import SparseMatrices

/// What each unit says of words, as a distribution p(w|unit) over all of them.
///
/// For a likelihood of counts or probabilities it is what the decoder expects of a document with the code that has 1 in
/// the unit's place and else 0, of a mixture of topics the topic's own distribution. Of other models, which add weights
/// to a reconstruction, it is the unit's weights above zero; each divided by its sum.
struct UnitDistributions {
    let featureCount: Int
    let unitCount: Int
    /// p(w) = Σ p(unit)·p(w|unit).
    private(set) var marginal: [Double] = []
    private let source: Source

    private enum Source {
        case weights(DenseMatrix)
        case means(FeatureMeans, isMixture: Bool)
    }

    /// - Parameter shares: p(unit), which sum to 1.
    /// - Complexity: O(features·units), of likelihoods O(features·units²).
    init(_ model: FeatureModel, shares: [Double], parallelism: Parallelism) {
        featureCount = model.featureCount
        unitCount = model.latentWidth
        if let family = model.network.likelihood?.family, family.measuresLift {
            source = .means(family.featureMeans(model.decoder, temperature: 1), isMixture: family.isMixture)
        } else {
            source = .weights(model.decoder.weights)
        }
        var marginal = [Double](repeating: 0, count: featureCount)
        forEachBlock(parallelism: parallelism) { units, probabilities in
            for unit in units {
                let row = (unit - units.lowerBound) * featureCount
                let share = shares[unit]
                if share == 0 { continue }
                for feature in 0..<featureCount { marginal[feature] += share * Double(probabilities[row + feature]) }
            }
        }
        self.marginal = marginal
    }

    /// Calls `body` with the distributions of some units at a time, in order: units × features, row-major.
    func forEachBlock(
        parallelism: Parallelism, _ body: (Range<Int>, UnsafePointer<Float>) throws -> Void
    ) rethrows {
        let unitsAtOnce = 32
        let rows = ScratchMatrix()
        for start in stride(from: 0, to: unitCount, by: unitsAtOnce) {
            let units = start..<min(unitCount, start + unitsAtOnce)
            fillNormalized(rows, units, parallelism: parallelism)
            try body(units, UnsafePointer(rows.elements))
        }
    }

    /// The distributions of some units: units × features, row-major.
    func fillNormalized(_ rows: ScratchMatrix, _ units: Range<Int>, parallelism: Parallelism) {
        rows.resize(rows: units.count, width: featureCount)
        fill(rows, units)
        parallelism.forEachRange(of: units.count, blockSize: 1) { range in
            for i in range { normalize(rows.elements + i * featureCount) }
        }
    }

    private func fill(_ rows: ScratchMatrix, _ units: Range<Int>) {
        switch source {
        case .weights(let weights):
            weights.withUnsafeElements { d in
                for feature in 0..<featureCount {
                    for unit in units {
                        rows.elements[(unit - units.lowerBound) * featureCount + feature] =
                            d[feature * unitCount + unit]
                    }
                }
            }
        case .means(let means, let isMixture):
            var codes = [Float](repeating: 0, count: units.count * unitCount)
            // Of a mixture so much that the shares of all other topics vanish.
            for unit in units { codes[(unit - units.lowerBound) * unitCount + unit] = isMixture ? 200 : 1 }
            means.fill(rows, of: &codes, rows: units.count)
        }
    }

    /// Sets what is below zero or not finite to zero and divides by the sum, if there is one.
    private func normalize(_ row: UnsafeMutablePointer<Float>) {
        var sum = 0.0
        for feature in 0..<featureCount {
            let value = row[feature]
            if !(value > 0) || !value.isFinite { row[feature] = 0 } else { sum += Double(value) }
        }
        if sum > 0 { for feature in 0..<featureCount { row[feature] = Float(Double(row[feature]) / sum) } }
    }
}
