import RealModule

/// A report as the page's script reads it, as JSON: short names and packed numbers, since there are many.
struct PageData: Encodable {
    let title: String
    let kind: String
    let isMixture: Bool
    let facts: [[String]]
    let source: Source?
    /// Whether documents are those that the model remembers of its training.
    let remembered: Bool
    let counts: Counts
    let pictures: Pictures?
    /// Name and number of documents.
    let labels: [Pair<String, Int>]
    let words: Words
    let units: Units
    let documents: Documents
    let figures: Figures
    let quality: Quality
    let history: [Chart]

    struct Source: Encodable {
        let name: String
        let format: String
        let notes: [String]
    }

    init(_ report: ModelReport, title: String) {
        self.title = title
        kind = report.kind.rawValue
        isMixture = report.isMixture
        facts = report.facts.map { [$0.name, $0.text] }
        source = report.corpus.map { Source(name: $0.name, format: $0.format, notes: $0.notes) }
        remembered = report.documentsAreRemembered
        counts = Counts()
        pictures = report.pictures.map { Pictures($0) }
        labels = report.labels.map { Pair($0.name, $0.documents) }
        let index = Dictionary(
            uniqueKeysWithValues: report.words.words.enumerated().map { ($0.element.feature, $0.offset) })
        words = Words(report.words)
        units = Units(report, index)
        documents = Documents(report, index)
        figures = Figures(report.figures)
        quality = Quality(report.quality)
        history = Chart.charts(of: report.history)
    }

    /// See `ReportCounts`.
    struct Counts: Encodable {
        let wordsPerUnit = ReportCounts.wordsPerUnit
        let unitsPerWord = ReportCounts.unitsPerWord
        let unitsPerDocument = ReportCounts.unitsPerDocument
        let wordsPerActiveUnit = ReportCounts.wordsPerActiveUnit
        let wordsPerDocument = ReportCounts.wordsPerDocument
        let nearestDocuments = ReportCounts.nearestDocuments
    }

    /// Two values, as an array.
    struct Pair<A: Encodable, B: Encodable>: Encodable {
        let a: A
        let b: B

        init(_ a: A, _ b: B) { (self.a, self.b) = (a, b) }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            try container.encode(a)
            try container.encode(b)
        }
    }

    struct Words: Encodable {
        let names: [String]
        let logProbability: PackedNumbers
        let documents: PackedNumbers
        /// So many for each word, and their shares of it.
        let units: PackedNumbers
        let shares: PackedNumbers

        init(_ table: WordTable) {
            names = table.words.map(\.name)
            logProbability = PackedNumbers(table.words.map(\.logProbability))
            documents = PackedNumbers(indices: table.words.map(\.documents))
            let count = ReportCounts.unitsPerWord
            units = PackedNumbers(indices: table.words.flatMap { $0.units.map(\.unit).padded(to: count) })
            shares = PackedNumbers(
                coarselyRounding: table.words.flatMap {
                    $0.units.map { Float($0.share) }.padded(to: count).map { $0 ?? 0 }
                })
        }
    }
}

extension Array {
    /// The first elements, and nil for those there are not.
    func padded(to count: Int) -> [Element?] { (0..<count).map { $0 < self.count ? self[$0] : nil } }
}

// MARK: - Units

extension PageData {
    struct Units: Encodable {
        let importance: PackedNumbers
        let density: PackedNumbers
        let norm: PackedNumbers
        let largest: PackedNumbers
        let divergence: PackedNumbers?
        /// The number of the label that goes with each unit.
        let label: PackedNumbers
        let map: Map
        /// Where each unit's relevant words begin in the two lists that follow.
        let wordStarts: PackedNumbers
        let wordIndices: PackedNumbers
        let wordLogProbability: PackedNumbers
        /// What units are called by, so many for each, the logarithms of their lifts, and their shares; of words by weight
        /// no lift but the share of the unit's largest weight.
        let words: PackedNumbers
        let logLifts: PackedNumbers
        let wordShares: PackedNumbers
        let cards: [Card]

        init(_ report: ModelReport, _ index: [Int: Int]) {
            let cards = report.units
            importance = PackedNumbers(cards.map(\.importance))
            density = PackedNumbers(cards.map(\.density))
            norm = PackedNumbers(cards.map(\.norm))
            largest = PackedNumbers(cards.map(\.largest))
            let divergences = cards.compactMap(\.divergence)
            divergence = divergences.isEmpty ? nil : PackedNumbers(divergences)
            label = PackedNumbers(indices: cards.map { $0.labels.first?.label })
            map = Map(report.unitMap)
            wordStarts = PackedNumbers(
                indices: cards.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.relevant.words.count) })
            let relevant = cards.flatMap(\.relevant.words)
            wordIndices = PackedNumbers(indices: relevant.map { index[$0.feature] })
            wordLogProbability = PackedNumbers(relevant.map(\.logProbability))
            let shown = cards.flatMap { card in
                let largest = card.words.reduce(0) { max($0, $1.weight) }
                return card.words.map { word in
                    (
                        index[word.feature], word.lift.map { Float(Double.log($0)) } ?? .nan,
                        word.share.map { Float($0) } ?? (largest > 0 ? word.weight / largest : 0)
                    )
                }.padded(to: ReportCounts.wordsPerUnit)
            }
            words = PackedNumbers(indices: shown.map { $0?.0 })
            logLifts = PackedNumbers(rounding: shown.map { $0?.1 ?? .nan })
            wordShares = PackedNumbers(coarselyRounding: shown.map { $0?.2 ?? .nan })
            self.cards = cards.map { Card($0, index) }
        }
    }

    struct Map: Encodable {
        let x, y, nearX, nearY: PackedNumbers

        init(_ map: UnitMap) {
            x = PackedNumbers(rounding: map.scaling.x)
            y = PackedNumbers(rounding: map.scaling.y)
            nearX = PackedNumbers(rounding: map.neighbours.x)
            nearY = PackedNumbers(rounding: map.neighbours.y)
        }
    }

    struct Card: Encodable {
        /// Zeros, where the first bin begins, the bins' width, and how many documents are in each bin.
        let histogram: Histogram
        let nearest: [Pair<Int, Double?>]
        let opposite: [Pair<Int, Double?>]
        /// Label, share, lift.
        let labels: [[Double?]]
        let top: [Document]
        let middle: [Document]

        private enum CodingKeys: String, CodingKey {
            case histogram = "h", nearest = "n", opposite = "o", labels = "l", top = "t", middle = "m"
        }

        init(_ card: UnitCard, _ index: [Int: Int]) {
            histogram = Histogram(card.histogram)
            nearest = card.nearest.map { Pair($0.unit, $0.cosine.significant(3)) }
            opposite = card.opposite.map { Pair($0.unit, $0.cosine.significant(3)) }
            labels = card.labels.map { [Double($0.label), $0.share.significant(3), $0.lift.significant(3)] }
            top = card.top.map { Document($0, index) }
            middle = card.middle.map { Document($0, index) }
        }
    }

    struct Histogram: Encodable {
        let zeros: Int
        let start: Double
        let width: Double
        let counts: [UInt32]

        private enum CodingKeys: String, CodingKey {
            case zeros = "z", start = "s", width = "w", counts = "c"
        }

        init(_ histogram: ActivationHistogram) {
            let occupied = histogram.occupied
            (zeros, counts) = (histogram.zeros, occupied.counts)
            (start, width) = (Double(occupied.start), Double(occupied.width))
        }
    }

    /// A document of a unit's panel.
    struct Document: Encodable {
        let row: Int
        let name: String
        let label: String?
        let activity: Double?
        let words: [Int]
        let text: String?
        /// Start, length and strength of each mark, one after the other.
        let marks: [Int]?

        private enum CodingKeys: String, CodingKey {
            case row = "r", name = "i", label = "l", activity = "a", words = "w", text = "t", marks = "m"
        }

        init(_ document: UnitDocument, _ index: [Int: Int]) {
            row = document.row
            name = document.name
            label = document.label
            activity = Double(document.activity).significant(4)
            words = document.words.compactMap { index[$0] }
            text = document.excerpt?.text
            marks = document.excerpt?.numbers
        }
    }
}

extension Excerpt {
    /// Start, length and strength of each mark, one after the other.
    var numbers: [Int] { marks.flatMap { [$0.start, $0.length, $0.strength] } }
}
