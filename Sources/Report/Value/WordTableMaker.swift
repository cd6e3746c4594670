import Gossamer
import RealModule
import SparseMatrices

extension ReportMaker {
    /// The words that units and documents name, with the units that carry each.
    func wordTable(_ distributions: UnitDistributions, _ units: [UnitCard], _ documents: [DocumentCard]) -> WordTable {
        var named = Set(units.flatMap { $0.relevant.words.map(\.feature) })
        for unit in units { named.formUnion(unit.words.map(\.feature)) }
        for unit in units { for document in unit.top + unit.middle { named.formUnion(document.words) } }
        for document in documents {
            named.formUnion(document.words)
            for unit in document.units { named.formUnion(unit.words) }
        }
        let features = named.sorted()
        let carriers = carriers(of: features, distributions)
        return WordTable(
            words: zip(features, carriers).map { feature, units in
                WordTable.Word(
                    feature: feature, name: model.featureName(feature),
                    logProbability: Double.log(max(distributions.marginal[feature], .leastNonzeroMagnitude)),
                    documents: Int(pass.figures.documentsPerFeature[feature]), units: units)
            })
    }

    /// The units with the largest p(unit|w) = p(unit)·p(w|unit)/p(w) of each word.
    private func carriers(of features: [Int], _ distributions: UnitDistributions) -> [[WordTable.UnitShare]] {
        var tops = Array(repeating: TopEntries(count: ReportCounts.unitsPerWord), count: features.count)
        distributions.forEachBlock(parallelism: execution.parallelism) { units, probabilities in
            for unit in units {
                let row = (unit - units.lowerBound) * distributions.featureCount
                for (i, feature) in features.enumerated() {
                    let share = importance[unit] * Double(probabilities[row + feature])
                    if share > 0 { tops[i].add(unit, share) }
                }
            }
        }
        return zip(features, tops).map { feature, top in
            top.sorted.map {
                WordTable.UnitShare(unit: $0.index, share: min(1, $0.value / distributions.marginal[feature]))
            }
        }
    }
}

extension FeatureModel {
    /// A feature's word or, without a vocabulary, its index as in the training corpus.
    func featureName(_ feature: Int) -> String {
        vocabulary?[feature] ?? "feature \(feature + (indexBase?.rawValue ?? 0))"
    }
}
