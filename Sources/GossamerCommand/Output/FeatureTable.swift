import Corpora
import Evaluation
import Gossamer

/// A description of a model's units, with the words of the vocabulary and the names of documents if available.
struct FeatureTable {
    struct Unit: Encodable {
        let unit: Int
        let norm: Double
        let importance: Double
        let density: Double?
        /// By weight.
        let features: [Feature]
        let lift: [Lift]
        let documents: [Document]?
        let nearest: [Neighbour]

        /// What to show of the unit; JSON has both lists instead.
        let words: [String]

        private enum CodingKeys: String, CodingKey {
            case unit, norm, importance, density, features, lift, documents, nearest
        }
    }

    struct Feature: Encodable {
        /// The index, with the index base of the training corpus.
        let index: Int
        let word: String?
        let weight: Float

        var name: String { word ?? String(index) }
    }

    struct Lift: Encodable {
        let index: Int
        let word: String?
        let lift: Double
        let share: Double

        var name: String { word ?? String(index) }
    }

    struct Document: Encodable {
        /// The row, counted from 1.
        let row: Int
        let id: String?
        let label: String?
        let activity: Float

        /// The row's number with its id if it has one, such as `12 (sky)`.
        var name: String {
            let name = id.map { $0.isEmpty ? String(row) : $0 } ?? String(row)
            return name + (label.map { " (\($0))" } ?? "")
        }
    }

    struct Neighbour: Encodable {
        let unit: Int
        let cosine: Double
    }

    let units: [Unit]

    /// - Parameter corpus: the corpus that the reports are about, if any.
    init(_ reports: [UnitReport], of model: FeatureModel, corpus: Corpus? = nil) {
        let base = model.indexBase?.rawValue ?? 0
        units = reports.map { report in
            Unit(
                unit: report.unit, norm: report.norm, importance: report.importance, density: report.density,
                features: report.strongest.map {
                    Feature(index: $0.feature + base, word: model.vocabulary?[$0.feature], weight: $0.weight)
                },
                lift: report.lifted.map {
                    Lift(
                        index: $0.feature + base, word: model.vocabulary?[$0.feature], lift: $0.lift, share: $0.share)
                },
                documents: corpus.map { corpus in
                    report.documents.map {
                        Document(
                            row: $0.row + 1, id: corpus.ids?[$0.row], label: corpus.labels?[$0.row],
                            activity: $0.activity)
                    }
                }, nearest: report.nearest.map { Neighbour(unit: $0.unit, cosine: $0.cosine) },
                words: report.words.map { model.vocabulary?[$0.feature] ?? String($0.feature + base) })
        }
    }

    /// One line for each unit: its number and its clearest words.
    static func shortLines(of units: [Int], of model: FeatureModel, words count: Int) -> [String] {
        let width = String(model.latentWidth).count
        let base = model.indexBase?.rawValue ?? 0
        let shown = model.shownWords(count)
        return units.map { unit in
            let words = shown[unit].map { model.vocabulary?[$0.feature] ?? String($0.feature + base) }
            return "  unit \(String(unit).leftPadded(to: width))  \(words.joined(separator: " "))"
        }
    }

    /// A header and one line for each unit; with a corpus, each is followed by lines with its words by weight and its
    /// documents.
    ///
    /// - Parameter withBars: whether importance is also shown as a bar.
    func lines(withBars: Bool) -> [String] {
        let largest = units.reduce(0) { max($0, $1.importance) }
        func bar(_ unit: Unit) -> String {
            guard withBars else { return "" }
            return "  " + TextBars.bar(largest > 0 ? unit.importance / largest : 0, width: 8).padded(to: 8)
        }
        return ["unit  importance\(withBars ? "          " : "")  active   nearest              words"]
            + units.flatMap { unit in
                let nearest = unit.nearest.map { "\($0.unit) \(Self.cosine($0.cosine))" }.joined(separator: "  ")
                let active = unit.density.map { Format.fixed(100 * $0, 1) + " %" } ?? "-"
                let cells = [
                    String(unit.unit).leftPadded(to: 4),
                    (Format.fixed(100 * unit.importance, 2) + " %").leftPadded(to: 10) + bar(unit),
                    active.leftPadded(to: 7),
                    nearest.padded(to: 20), unit.words.joined(separator: " "),
                ]
                return [cells.joined(separator: "  ")] + details(unit)
            }
    }

    private func details(_ unit: Unit) -> [String] {
        guard let documents = unit.documents else { return [] }
        return [
            "      by weight  \(unit.features.map(\.name).joined(separator: " "))",
            "      documents  \(documents.map(\.name).joined(separator: "  "))",
        ]
    }

    private static func cosine(_ cosine: Double) -> String {
        Format.fixed(cosine, 2).replacing("0.", with: ".", maxReplacements: 1)
    }
}
