import SparseMatrices

/// How well the words of a model's units, or of any other lists, belong together in documents, and how little the lists
/// repeat each other.
///
/// Coherence is by the first ten words of every list. The normalised pointwise mutual information (Bouma, "Normalized
/// (Pointwise) Mutual Information in Collocation Extraction", 2009; Lau, Newman & Baldwin, "Machine Reading Tea Leaves",
/// EACL 2014) is that of probabilities of a word being in a document, averaged over all pairs of a list:
///
///     npmi(a, b) = ln[p(a, b)/(p(a)·p(b))]/(−ln p(a, b)),   −1 for words that never share a document
///
/// Words in all documents go together always: 1. `cV`, `cUCI` and `uMass` are the measures of those names of Röder, Both
/// & Hinneburg, "Exploring the Space of Topic Coherence Measures", WSDM 2015. Where they slide a window over the text,
/// a document is one window here, since counts of words have no order.
///
/// Diversity is the share of distinct words among the first 25 of every list (Dieng, Ruiz & Blei, "Topic Modeling in
/// Embedding Spaces", TACL 2020).
public struct TopicCoherence: Sendable, Equatable {
    /// The mean over all pairs; nil if there is none.
    public let npmi: Double?
    /// The mean over each list's own pairs.
    private let npmiMeasure: ListMeasure
    /// The mean over each list's own pairs, nil for lists of fewer than two words.
    public var npmiOfLists: [Double?] { npmiMeasure.ofLists }
    /// Of `npmi` over lists: s/√n for the standard deviation s of n lists' means; nil for fewer than two lists.
    public var npmiStandardError: Double? { npmiMeasure.standardError }
    /// From 0 to 1; see `ListOccurrences.cV(ofList:words:)`.
    public let cV: ListMeasure
    /// In nats; see `ListOccurrences.cUCI(ofList:words:)`.
    public let cUCI: ListMeasure
    /// In nats, 0 at best; see `ListOccurrences.uMass(ofList:words:)`.
    public let uMass: ListMeasure
    /// nil if there are no words.
    public let diversity: Double?
    /// How little the first ten words of two lists agree: from 0 for lists that are all the same to 1 for lists without
    /// a common word; nil for fewer than two lists with words. See `RankBiasedOverlap`.
    public let invertedRBO: Double?

    public static let coherenceWords = 10
    public static let diversityWords = 25

    /// - Parameters:
    ///   - lists: feature numbers from 0, each list's strongest first, none twice in a list.
    ///   - documents: whose stored entries other than zero say which features occur in which documents.
    /// - Precondition: features are columns of `documents`.
    /// - Complexity: O(entries + Σ over documents of the squared numbers of words that they share with the lists), and
    ///   O(pairs of lists that share a word); memory O(features + words of the lists).
    public init(ofLists lists: [[Int]], in documents: CSRMatrix, parallelism: Parallelism = .allCores) {
        precondition(
            lists.allSatisfy { $0.allSatisfy { (0..<documents.columnCount).contains($0) } },
            "a word is not among \(documents.columnCount) features")
        let leading = lists.map { Array($0.prefix(Self.coherenceWords)) }
        let occurrences = ListOccurrences(of: leading, in: documents, parallelism: parallelism)
        func measure(_ body: (_ list: Int, _ words: Int) -> Double) -> [Double?] {
            parallelism.map(lists.count) { leading[$0].count < 2 ? nil : body($0, leading[$0].count) }
        }
        let sums = measure(occurrences.npmiSum(ofList:words:))
        let pairs = leading.map { $0.count * ($0.count - 1) / 2 }
        npmiMeasure = ListMeasure(ofLists: zip(sums, pairs).map { sum, pairs in sum.map { $0 / Double(pairs) } })
        let allPairs = pairs.reduce(0, +)
        npmi = allPairs == 0 ? nil : sums.reduce(0) { $0 + ($1 ?? 0) } / Double(allPairs)
        cV = ListMeasure(ofLists: measure(occurrences.cV(ofList:words:)))
        cUCI = ListMeasure(ofLists: measure(occurrences.cUCI(ofList:words:)))
        uMass = ListMeasure(ofLists: measure(occurrences.uMass(ofList:words:)))
        let shown = lists.flatMap { $0.prefix(Self.diversityWords) }
        diversity = shown.isEmpty ? nil : Double(Set(shown).count) / Double(shown.count)
        invertedRBO = RankBiasedOverlap(ofLists: leading, parallelism: parallelism).mean.map {
            // Rounding takes lists that are all the same a little above 1.
            1 - min(1, $0)
        }
    }
}
