import FileIO
import RealModule
import SparseMatrices

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What LDAvis shows, in the structure and by the definitions of pyLDAvis' `prepare`: topics are numbered from 1, the
/// most frequent first, and relevance is λ·logprob + (1 − λ)·loglift.
///
/// Of `prepare`'s inputs, the distributions are those of `UnitDistributions`, the topics' proportions the units'
/// importance, and tokens are counted in the corpus.
public struct LDAvisData: Sendable, Equatable, Encodable {
    public let coordinates: Coordinates
    public let terms: Terms
    public let tokens: Tokens
    /// How many words are shown.
    public let wordsShown: Int
    public let lambdaStep: Double
    public let axes: Axes
    /// The number of each topic's unit, counted from 1.
    public let order: [Int]

    private enum CodingKeys: String, CodingKey {
        case coordinates = "mdsDat", terms = "tinfo", tokens = "token.table", wordsShown = "R"
        case lambdaStep = "lambda.step", axes = "plot.opts", order = "topic.order"
    }

    public struct Coordinates: Sendable, Equatable, Encodable {
        public let x: [Float]
        public let y: [Float]
        public let topics: [Int]
        public let cluster: [Int]
        /// In percent.
        public let frequencies: [Double]

        private enum CodingKeys: String, CodingKey {
            case x, y, topics, cluster, frequencies = "Freq"
        }
    }

    public struct Terms: Sendable, Equatable, Encodable {
        public fileprivate(set) var terms: [String] = []
        public fileprivate(set) var frequencies: [Double] = []
        public fileprivate(set) var totals: [Double] = []
        /// `Default` or `Topic` and its number.
        public fileprivate(set) var categories: [String] = []
        public fileprivate(set) var logProbabilities: [Double] = []
        public fileprivate(set) var logLifts: [Double] = []

        private enum CodingKeys: String, CodingKey {
            case terms = "Term", frequencies = "Freq", totals = "Total", categories = "Category"
            case logProbabilities = "logprob", logLifts = "loglift"
        }
    }

    public struct Tokens: Sendable, Equatable, Encodable {
        public fileprivate(set) var topics: [Int] = []
        public fileprivate(set) var shares: [Double] = []
        public fileprivate(set) var terms: [String] = []

        private enum CodingKeys: String, CodingKey {
            case topics = "Topic", shares = "Freq", terms = "Term"
        }
    }

    public struct Axes: Sendable, Equatable, Encodable {
        public let xlab: String
        public let ylab: String
    }

    /// Writes the JSON that LDAvis' script reads.
    package func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(self))
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }
}

extension LDAvisData {
    /// - Parameters:
    ///   - tokens: of the corpus.
    ///   - map: the coordinates of each unit.
    ///   - name: of a feature.
    init(
        _ distributions: UnitDistributions, shares: [Double], tokens: Double, map: PlanePoints,
        name: (Int) -> String, parallelism: Parallelism
    ) {
        let order = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }
        let count = min(30, distributions.featureCount)
        let summary = TermSummary(distributions, shares: shares, count: count, parallelism: parallelism)
        let ranks = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($0.element, $0.offset) })
        var terms = Terms()
        let frequency = distributions.marginal.map { $0 * tokens }
        for (rank, feature) in summary.salient.enumerated() {
            terms.append(
                name(feature), frequency[feature].rounded(.down), frequency[feature].rounded(.down), "Default",
                Double(count - rank), Double(count - rank))
        }
        for (topic, unit) in order.enumerated() {
            for word in summary.words[unit].words {
                terms.append(
                    name(word.feature), Double.exp(word.logProbability) * shares[unit] * tokens,
                    frequency[word.feature], "Topic\(topic + 1)", word.logProbability, word.logLift)
            }
        }
        let features = Set(summary.words.flatMap { $0.words.map(\.feature) } + summary.salient).sorted()
        self.init(
            coordinates: Coordinates(
                x: order.map { map.x[$0] }, y: order.map { map.y[$0] }, topics: order.indices.map { $0 + 1 },
                cluster: order.map { _ in 1 }, frequencies: order.map { 100 * shares[$0] }),
            terms: terms,
            tokens: Tokens(
                of: features, distributions, shares: shares, ranks: ranks, tokens: tokens, name: name,
                parallelism: parallelism),
            wordsShown: count, lambdaStep: 0.01, axes: Axes(xlab: "PC1", ylab: "PC2"), order: order.map { $0 + 1 })
    }
}

extension LDAvisData.Terms {
    fileprivate mutating func append(
        _ term: String, _ frequency: Double, _ total: Double, _ category: String, _ logProbability: Double,
        _ logLift: Double
    ) {
        terms.append(term)
        frequencies.append(frequency)
        totals.append(total)
        categories.append(category)
        logProbabilities.append(logProbability)
        logLifts.append(logLift)
    }
}

extension LDAvisData.Tokens {
    /// Of each term, the topics that at least half a token of it is from, with their shares of it.
    fileprivate init(
        of features: [Int], _ distributions: UnitDistributions, shares: [Double], ranks: [Int: Int], tokens: Double,
        name: (Int) -> String, parallelism: Parallelism
    ) {
        var parts = [[(topic: Int, share: Double)]](repeating: [], count: features.count)
        distributions.forEachBlock(parallelism: parallelism) { units, probabilities in
            for unit in units {
                let row = (unit - units.lowerBound) * distributions.featureCount
                for (i, feature) in features.enumerated() {
                    let frequency = Double(probabilities[row + feature]) * shares[unit] * tokens
                    guard frequency >= 0.5 else { continue }
                    let total = distributions.marginal[feature] * tokens
                    parts[i].append(((ranks[unit] ?? 0) + 1, frequency.rounded(.toNearestOrEven) / total))
                }
            }
        }
        let named = zip(features.map(name), parts).sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
        for (term, parts) in named {
            for part in parts.sorted(by: { $0.topic < $1.topic }) {
                topics.append(part.topic)
                self.shares.append(part.share)
                terms.append(term)
            }
        }
    }
}

/// The words of topics and of the view without a topic.
private struct TermSummary {
    /// By unit.
    private(set) var words: [RelevantWords] = []
    /// The words of largest saliency p(w)·Σ q·log(q/p(unit)), q = p(w|unit)/Σ p(w|unit) (Chuang, Manning & Heer,
    /// "Termite", AVI 2012, as pyLDAvis has it), the largest first.
    private(set) var salient: [Int] = []

    init(_ distributions: UnitDistributions, shares: [Double], count: Int, parallelism: Parallelism) {
        let features = distributions.featureCount
        var (sums, entropies, priors) = (
            [Double](repeating: 0, count: features), [Double](repeating: 0, count: features),
            [Double](repeating: 0, count: features)
        )
        distributions.forEachBlock(parallelism: parallelism) { units, probabilities in
            for unit in units {
                let row = UnsafeBufferPointer(
                    start: probabilities + (unit - units.lowerBound) * features, count: features)
                words.append(RelevantWords(row, marginal: distributions.marginal, count: count))
                let logShare = shares[unit] > 0 ? Double.log(shares[unit]) : 0
                for (feature, probability) in row.enumerated() where probability > 0 && shares[unit] > 0 {
                    let p = Double(probability)
                    sums[feature] += p
                    entropies[feature] += p * Double.log(p)
                    priors[feature] += p * logShare
                }
            }
        }
        var top = TopEntries(count: count)
        for feature in 0..<features where sums[feature] > 0 {
            let distinctiveness = (entropies[feature] - priors[feature]) / sums[feature] - Double.log(sums[feature])
            top.add(feature, distributions.marginal[feature] * distinctiveness)
        }
        salient = top.sorted.map(\.index)
    }
}
