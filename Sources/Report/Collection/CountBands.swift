/// How many documents fall into bands of equal width of a whole number, such as their length. A few extreme documents
/// are in the last band, so that the others can be told apart.
package struct CountBands: Sendable, Equatable {
    package struct Band: Sendable, Equatable {
        package let low: Int
        package let high: Int
        package let documents: Int
    }

    package let bands: [Band]

    /// - Parameters:
    ///   - counts: how many documents have each value.
    ///   - most: how many bands, about; few distinct values have one each.
    package init(_ counts: [Int: Int], most: Int) {
        guard let least = counts.keys.min(), let largest = counts.keys.max() else {
            bands = []
            return
        }
        let limit = max(least, Self.quantile(counts, 0.99))
        let width = max(1, (limit - least + most) / most)
        let count = (limit - least) / width + 1
        var sums = [Int](repeating: 0, count: count)
        for (value, documents) in counts { sums[min(count - 1, (value - least) / width)] += documents }
        bands = sums.enumerated().map { band, documents in
            Band(
                low: least + band * width, high: band == count - 1 ? largest : least + (band + 1) * width - 1,
                documents: documents)
        }
    }

    /// The bands of some values.
    package init(of values: some Sequence<Int>, most: Int) {
        self.init(values.reduce(into: [:]) { $0[$1, default: 0] += 1 }, most: most)
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
}
