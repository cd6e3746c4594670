extension PageData {
    /// The documents of the map, column by column.
    struct Documents: Encodable {
        /// All of the corpus.
        let total: Int
        let count: Int
        let rows: PackedNumbers
        let names: [String]?
        let label: PackedNumbers
        let map: Map
        /// So many for each document, as `Counts` says, with their activity and the words that drive each.
        let units: PackedNumbers
        let activity: PackedNumbers
        let drivers: PackedNumbers
        let words: PackedNumbers
        /// As places in this list.
        let nearest: PackedNumbers
        let texts: [String]?
        /// Start, length and strength of each mark in each text.
        let marks: [[Int]]?

        init(_ report: ModelReport, _ index: [Int: Int]) {
            let cards = report.documents
            total = report.figures.documents
            count = cards.count
            rows = PackedNumbers(indices: cards.map(\.row))
            names = cards.contains { $0.id != nil } ? cards.map { $0.id ?? "" } : nil
            label = PackedNumbers(indices: cards.map(\.label))
            map = Map(report.documentMap)
            let active = cards.flatMap { $0.units.padded(to: ReportCounts.unitsPerDocument) }
            units = PackedNumbers(indices: active.map { $0?.unit })
            activity = PackedNumbers(coarselyRounding: active.map { $0?.activity ?? 0 })
            drivers = PackedNumbers(
                indices: active.flatMap {
                    ($0?.words ?? []).compactMap { index[$0] }.padded(to: ReportCounts.wordsPerActiveUnit)
                })
            words = PackedNumbers(
                indices: cards.flatMap {
                    $0.words.compactMap { index[$0] }.padded(to: ReportCounts.wordsPerDocument)
                })
            nearest = PackedNumbers(indices: cards.flatMap { $0.nearest.padded(to: ReportCounts.nearestDocuments) })
            let hasTexts = cards.contains { $0.excerpt != nil }
            texts = hasTexts ? cards.map { $0.excerpt?.text ?? "" } : nil
            marks = hasTexts ? cards.map { $0.excerpt?.numbers ?? [] } : nil
        }
    }

    /// The corpus in figures.
    struct Figures: Encodable {
        let documents: Int
        let entries: Int
        let tokens: Double
        let features: Int
        /// Of lengths in entries: from where, up to where, and how many documents.
        let lengths: [[Int]]
        /// Of features by the number of their documents: rank and documents.
        let ranks: [Pair<Int, Int>]
        /// Of numbers of active units, likewise.
        let active: [[Int]]

        init(_ figures: CorpusFigures) {
            documents = figures.documents
            entries = figures.entries
            tokens = figures.tokens
            features = figures.documentsPerFeature.count
            lengths = CountBands(figures.documentsOfLength, most: 24).numbers
            active = CountBands(figures.documentsOfActiveUnits, most: 32).numbers
            ranks = Self.ranks(figures.documentsPerFeature)
        }

        /// At ranks that grow by a factor.
        private static func ranks(_ documents: [UInt32]) -> [Pair<Int, Int>] {
            let sorted = documents.filter { $0 > 0 }.sorted(by: >)
            var ranks: [Pair<Int, Int>] = []
            var rank = 1
            while rank <= sorted.count {
                ranks.append(Pair(rank, Int(sorted[rank - 1])))
                rank = max(rank + 1, rank * 5 / 4)
            }
            return ranks
        }
    }

    struct Quality: Encodable {
        let documents: Int
        let measure: String
        let value: Double?
        let reconstruction: Double?
        let divergence: Double?
        /// Up to so many entries, the value, and of how many documents.
        let byLength: [[Double?]]

        init(_ quality: QualityFigures) {
            documents = quality.documents
            measure = quality.measure
            value = quality.value?.significant(4)
            reconstruction = quality.reconstruction?.significant(4)
            divergence = quality.divergence?.significant(4)
            byLength = quality.byLength.map { [Double($0.most), $0.value.significant(4), Double($0.documents)] }
        }
    }
}

extension CountBands {
    fileprivate var numbers: [[Int]] { bands.map { [$0.low, $0.high, $0.documents] } }
}
