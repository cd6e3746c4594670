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
        /// Three for each document, with their activity and two words each.
        let units: PackedNumbers
        let activity: PackedNumbers
        let drivers: PackedNumbers
        /// Five for each document.
        let words: PackedNumbers
        /// Four for each document, as places in this list.
        let nearest: PackedNumbers
        let texts: [String]?
        /// Start, length and strength of each mark in each text.
        let marks: [[Int]]?
        let images: PackedNumbers?

        init(_ report: ModelReport, _ index: [Int: Int]) {
            let cards = report.documents
            total = report.figures.documents
            count = cards.count
            rows = PackedNumbers(indices: cards.map(\.row))
            names = cards.contains { $0.id != nil } ? cards.map { $0.id ?? "" } : nil
            label = PackedNumbers(indices: cards.map(\.label))
            map = Map(report.documentMap)
            units = PackedNumbers(indices: cards.flatMap { $0.units.map(\.unit).padded(to: 3) })
            activity = PackedNumbers(
                coarselyRounding: cards.flatMap { $0.units.map(\.activity).padded(to: 3).map { $0 ?? 0 } })
            drivers = PackedNumbers(
                indices: cards.flatMap { card in
                    (0..<3).flatMap { unit -> [Int?] in
                        unit < card.units.count
                            ? card.units[unit].words.compactMap { index[$0] }.padded(to: 2) : [nil, nil]
                    }
                })
            words = PackedNumbers(indices: cards.flatMap { $0.words.compactMap { index[$0] }.padded(to: 5) })
            nearest = PackedNumbers(indices: cards.flatMap { $0.nearest.padded(to: 4) })
            let hasTexts = cards.contains { $0.excerpt != nil }
            texts = hasTexts ? cards.map { $0.excerpt?.text ?? "" } : nil
            marks = hasTexts ? cards.map { $0.excerpt?.numbers ?? [] } : nil
            let pixels = cards.compactMap(\.image)
            images = pixels.isEmpty ? nil : PackedNumbers(coarselyRounding: pixels.flatMap { $0 })
        }
    }

    /// The corpus in figures.
    struct Figures: Encodable {
        let documents: Int
        let entries: Int
        let tokens: Double
        let features: Int
        /// Of lengths in entries: up to where, and how many documents.
        let lengths: [Pair<Int, Int>]
        /// Of features by the number of their documents: rank and documents.
        let ranks: [Pair<Int, Int>]
        /// Of numbers of active units: up to where, and how many documents.
        let active: [Pair<Int, Int>]

        init(_ figures: CorpusFigures) {
            documents = figures.documents
            entries = figures.entries
            tokens = figures.tokens
            features = figures.documentsPerFeature.count
            lengths = Self.bands(figures.documentsOfLength, count: 24)
            active = Self.bands(figures.documentsOfActiveUnits, count: 32)
            ranks = Self.ranks(figures.documentsPerFeature)
        }

        /// Bands of equal width; few distinct values have one each.
        private static func bands(_ counts: [Int: Int], count: Int) -> [Pair<Int, Int>] {
            guard let least = counts.keys.min(), let most = counts.keys.max() else { return [] }
            // A few extreme documents are in the last band, so that the others can be told apart.
            let limit = max(least, min(most, quantile(counts, 0.99)))
            let width = max(1, (limit - least + count) / count)
            let bands = (limit - least) / width + 1
            var sums = [Int](repeating: 0, count: bands)
            for (value, documents) in counts { sums[min(bands - 1, (value - least) / width)] += documents }
            return sums.enumerated().map {
                Pair($0.offset == bands - 1 ? most : least + ($0.offset + 1) * width - 1, $0.element)
            }
        }

        private static func quantile(_ counts: [Int: Int], _ share: Double) -> Int {
            let total = counts.values.reduce(0, +)
            var below = 0
            for (value, documents) in counts.sorted(by: { $0.key < $1.key }) {
                below += documents
                if Double(below) >= share * Double(total) { return value }
            }
            return 0
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
        let byLength: [[Double]]

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
