import SparseMatrices

/// The stored entries of one new document, by rising column.
package struct DocumentEntries: Sendable, Equatable {
    package private(set) var columns: [UInt32] = []
    package private(set) var values: [Float] = []

    package init() {}

    /// - Precondition: columns rise.
    package init(columns: [UInt32], values: [Float]) {
        precondition(columns.count == values.count, "\(columns.count) columns, \(values.count) values")
        self.columns = columns
        self.values = values
    }

    /// Words in any order, counted.
    package init(words: [UInt32]) {
        for word in words.sorted() {
            if word == columns.last {
                values[values.count - 1] += 1
            } else {
                columns.append(word)
                values.append(1)
            }
        }
    }
}

/// How a document is made from what the decoder says of every feature.
package protocol EntryDraw: Sendable {
    func entries(given features: FeatureConditions, using generator: inout RandomGenerator) -> DocumentEntries
}

/// N words from a distribution over the features, N from a distribution of its own.
package struct WordDraws: EntryDraw {
    let length: @Sendable (inout RandomGenerator) -> Int

    /// - Parameter length: gives the number of words of a document, zero or more.
    package init(length: @escaping @Sendable (inout RandomGenerator) -> Int) { self.length = length }

    package func entries(
        given features: FeatureConditions, using generator: inout RandomGenerator
    ) -> DocumentEntries {
        let words = CategoricalDistribution(features.means)
        let length = words.total > 0 ? max(0, length(&generator)) : 0
        return DocumentEntries(words: (0..<length).map { _ in words.draw(using: &generator) })
    }
}

/// Each feature as often as a Poisson variable of its rate says.
///
/// The sum of independent Poisson variables is one of the summed rate, and the words are then shared out in proportion
/// to the rates: the same distribution as a draw for every feature, at a cost by words.
package struct PoissonDraws: EntryDraw {
    /// A rate that a far-off latent vector drives beyond all measure ends here.
    static let mostWords = 1_000_000

    package init() {}

    package func entries(
        given features: FeatureConditions, using generator: inout RandomGenerator
    ) -> DocumentEntries {
        let words = CategoricalDistribution(features.means)
        // Arrivals in one unit of time.
        var drawn: [UInt32] = []
        var time = generator.nextExponential()
        while time < words.total && drawn.count < Self.mostWords {
            drawn.append(words.draw(using: &generator))
            time += generator.nextExponential()
        }
        return DocumentEntries(words: drawn)
    }
}

/// Each feature present, as 1, with its own probability.
package struct PresenceDraws: EntryDraw {
    package init() {}

    package func entries(
        given features: FeatureConditions, using generator: inout RandomGenerator
    ) -> DocumentEntries {
        let present = features.means.indices.filter { generator.nextUniform() < features.means[$0] }
        return DocumentEntries(columns: present.map { UInt32($0) }, values: present.map { _ in 1 })
    }
}

extension DocumentEntries {
    /// The `count` largest entries that are not zero, of equal ones the first; with negatives, the largest in
    /// magnitude.
    ///
    /// - Complexity: O(features).
    package init(largest count: Int, of row: [Float], keepsNegatives: Bool) {
        var kept = keepsNegatives ? row.map { abs($0) } : row
        kernels.keepTopK(count: kept.count, k: count, x: &kept)
        // A latent vector beyond all measure may lead beyond the finite numbers.
        let columns = kept.indices.filter { kept[$0] > 0 && kept[$0].isFinite }
        self.init(columns: columns.map { UInt32($0) }, values: columns.map { row[$0] })
    }
}

/// Features with probabilities in proportion to given weights.
private struct CategoricalDistribution {
    private let cumulative: [Double]

    init(_ weights: UnsafeBufferPointer<Float>) {
        var total = 0.0
        cumulative = weights.map {
            total += Double($0)
            return total
        }
    }

    /// The sum of the weights.
    var total: Double { cumulative.last ?? 0 }

    /// - Complexity: O(log V).
    func draw(using generator: inout RandomGenerator) -> UInt32 {
        let target = generator.nextFineUniform() * total
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > target { high = middle } else { low = middle + 1 }
        }
        return UInt32(low)
    }
}

extension RandomGenerator {
    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    fileprivate mutating func nextFineUniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Exponential of mean 1.
    fileprivate mutating func nextExponential() -> Double { -logarithm(1 - nextFineUniform()) }
}
