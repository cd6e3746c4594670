import RealModule
import SparseMatrices

/// The stored entries of a new document, in ascending order of columns.
package struct DocumentEntries: Sendable, Equatable {
    package private(set) var columns: [UInt32] = []
    package private(set) var values: [Float] = []

    package init() {}

    /// - Precondition: columns are ascending.
    package init(columns: [UInt32], values: [Float]) {
        precondition(columns.count == values.count, "\(columns.count) columns, \(values.count) values")
        self.columns = columns
        self.values = values
    }

    /// Creates entries by counting words given in any order.
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

/// How a document is drawn from the distributions of its features.
package protocol EntryDraw: Sendable {
    func entries(given features: FeatureConditions, using generator: inout RandomGenerator) -> DocumentEntries
}

/// What is known of the sizes and entries of documents when new ones are generated.
package protocol GenerationData {
    /// Whether the model's inputs are raw counts, neither weighted nor normalised.
    var isUnweighted: Bool { get }

    /// Draws words; their number is that of some known document.
    func words() throws -> any EntryDraw

    /// Keeps the largest values, as many as some known document has entries, converted back to values before weighting.
    func largestEntries() throws -> any EntryDraw
}

/// N words from a distribution over the features, N from a distribution of its own. Where there is a concentration s,
/// the words are from a distribution that is itself a draw from the Dirichlet distribution of s times the one given.
package struct WordDraws: EntryDraw {
    let length: @Sendable (inout RandomGenerator) -> Int

    /// - Parameter length: returns the number of words of a document, zero or more.
    package init(length: @escaping @Sendable (inout RandomGenerator) -> Int) { self.length = length }

    package func entries(
        given features: FeatureConditions, using generator: inout RandomGenerator
    ) -> DocumentEntries {
        let words = CategoricalDistribution(features.means)
        return words.document(
            of: words.total > 0 ? max(0, length(&generator)) : 0,
            concentration: features.dispersions.first.map { Double.exp(Double($0)) }, using: &generator)
    }
}

extension DocumentEntries {
    /// The `count` largest entries that are not zero, among equal ones the first; with negatives, the largest in
    /// magnitude.
    ///
    /// - Complexity: O(features).
    package init(largest count: Int, of row: [Float], keepsNegatives: Bool) {
        var kept = keepsNegatives ? row.map { abs($0) } : row
        kernels.keepTopK(count: kept.count, k: count, x: &kept)
        // Extreme latent vectors may give values that are not finite.
        let columns = kept.indices.filter { kept[$0] > 0 && kept[$0].isFinite }
        self.init(columns: columns.map { UInt32($0) }, values: columns.map { row[$0] })
    }
}

/// A distribution over features with probabilities proportional to given weights.
struct CategoricalDistribution {
    private let cumulative: [Double]

    /// - Parameter weights: not negative; NaN counts as 0, and infinity as the largest finite Float.
    init(_ weights: UnsafeBufferPointer<Float>) {
        var total = 0.0
        cumulative = weights.map {
            total += $0.isNaN ? 0 : Double(min($0, .greatestFiniteMagnitude))
            return total
        }
    }

    /// The sum of the weights.
    var total: Double { cumulative.last ?? 0 }

    /// Documents with more words are drawn by splitting counts between features instead of word by word.
    static let mostSingleWords = 1 << 16

    /// Draws a document with the given number of words.
    ///
    /// - Parameter concentration: s of a Dirichlet distribution around this one that the document's own is drawn from;
    ///   nil for this one itself.
    /// - Precondition: some weight is above zero, unless there are no words to draw.
    /// - Complexity: O(words·log V) of few words, of many and with a concentration O(distinct words·log V).
    func document(
        of count: Int, concentration: Double? = nil, using generator: inout RandomGenerator
    ) -> DocumentEntries {
        guard count > Self.mostSingleWords || concentration != nil else {
            return DocumentEntries(words: (0..<count).map { _ in draw(using: &generator) })
        }
        var columns: [UInt32] = []
        var values: [Float] = []
        divide(count, among: 0..<cumulative.count, concentration, using: &generator) { feature, count in
            columns.append(UInt32(feature))
            values.append(Float(count))
        }
        return DocumentEntries(columns: columns, values: values)
    }

    /// Draws multinomial counts: the number in the first half of the features is binomial, and so on within each half.
    /// The share of the first half under a Dirichlet distribution is a beta variable, and within each half there is again
    /// one.
    private func divide(
        _ count: Int, among features: Range<Int>, _ concentration: Double?, using generator: inout RandomGenerator,
        _ take: (_ feature: Int, _ count: Int) -> Void
    ) {
        if count == 0 { return }
        if features.count == 1 { return take(features.lowerBound, count) }
        let middle = (features.lowerBound + features.upperBound) / 2
        let start = features.lowerBound == 0 ? 0 : cumulative[features.lowerBound - 1]
        let (lower, upper) = (
            cumulative[middle - 1] - start, cumulative[features.upperBound - 1] - cumulative[middle - 1]
        )
        let share =
            concentration.map { generator.nextBeta($0 * lower / total, $0 * upper / total) }
            ?? lower / (cumulative[features.upperBound - 1] - start)
        let first = generator.nextBinomial(count, share)
        divide(first, among: features.lowerBound..<middle, concentration, using: &generator, take)
        divide(count - first, among: middle..<features.upperBound, concentration, using: &generator, take)
    }

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
