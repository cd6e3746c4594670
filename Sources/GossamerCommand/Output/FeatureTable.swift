import Autoencoders
import Gossamer

/// The strongest features of a model's units, with the vocabulary's words where there is one.
struct FeatureTable {
    struct Unit: Encodable {
        let unit: Int
        let norm: Float
        let features: [Feature]
    }

    struct Feature: Encodable {
        /// As the training corpus counts it.
        let index: Int
        let word: String?
        let weight: Float
    }

    /// In unit order.
    let units: [Unit]

    init(model: FeatureModel, count: Int) {
        let base = model.indexBase?.rawValue ?? 0
        units = model.decoder.unitFeatures(count: count).map { unit in
            Unit(
                unit: unit.unit, norm: unit.norm,
                features: unit.strongest.map {
                    Feature(index: $0.feature + base, word: model.vocabulary?[$0.feature], weight: $0.weight)
                })
        }
    }

    /// A line a unit.
    var lines: [String] { units.map(line) }

    /// The lines of the units with the longest decoder columns, the longest first.
    func lines(heaviest count: Int) -> [String] {
        units.sorted { ($1.norm, $0.unit) < ($0.norm, $1.unit) }.prefix(count).map(line)
    }

    private func line(_ unit: Unit) -> String {
        let features = unit.features.map { $0.word ?? String($0.index) }.joined(separator: " ")
        return "  unit \(String(unit.unit).leftPadded(to: String(units.count).count))  \(features)"
    }
}
