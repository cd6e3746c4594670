import RealModule
import SparseMatrices

/// How well the words of a model's units, or of any other lists, belong together in documents, and how little the lists
/// repeat each other.
///
/// Coherence is the normalised pointwise mutual information (Bouma, "Normalized (Pointwise) Mutual Information in
/// Collocation Extraction", 2009; Lau, Newman & Baldwin, "Machine Reading Tea Leaves", EACL 2014), with probabilities
/// of a word being in a document:
///
///     npmi(a, b) = ln[p(a, b)/(p(a)·p(b))]/(−ln p(a, b)),   −1 for words that never share a document
///
/// averaged over all pairs of the first ten words of every list. Words in all documents go together always: 1.
/// Diversity is the share of distinct words among the first 25 of every list (Dieng, Ruiz & Blei, "Topic Modeling in
/// Embedding Spaces", TACL 2020).
public struct TopicCoherence: Sendable, Equatable {
    /// nil if there is no pair.
    public let npmi: Double?
    /// The mean over each list's own pairs, nil for lists of fewer than two words.
    public let npmiOfLists: [Double?]
    /// Of `npmi` over lists: s/√n for the standard deviation s of n lists' means; nil for fewer than two lists.
    public var npmiStandardError: Double? {
        let means = npmiOfLists.compactMap { $0 }
        return means.count < 2 ? nil : means.standardError
    }
    /// nil if there are no words.
    public let diversity: Double?

    public static let coherenceWords = 10
    public static let diversityWords = 25

    /// - Parameters:
    ///   - lists: feature numbers from 0, each list's strongest first, none twice in a list.
    ///   - documents: whose stored entries other than zero say which features occur in which documents.
    /// - Precondition: features are columns of `documents`.
    /// - Complexity: O(entries + documents of the listed words·lists).
    public init(ofLists lists: [[Int]], in documents: CSRMatrix, parallelism: Parallelism = .allCores) {
        precondition(
            lists.allSatisfy { $0.allSatisfy { (0..<documents.columnCount).contains($0) } },
            "a word is not among \(documents.columnCount) features")
        let leading = lists.map { Array($0.prefix(Self.coherenceWords)) }
        let occurrences = Occurrences(of: Set(leading.joined()), in: documents)
        var sums = [(sum: Double, pairs: Int)](repeating: (0, 0), count: lists.count)
        sums.withUnsafeMutableBufferPointer { sums in
            // Each list has a place of its own.
            nonisolated(unsafe) let sums = sums
            parallelism.forEach(block: lists.count) { sums[$0] = occurrences.npmiSum(of: leading[$0]) }
        }
        npmiOfLists = sums.map { $0.pairs == 0 ? nil : $0.sum / Double($0.pairs) }
        let pairs = sums.reduce(0) { $0 + $1.pairs }
        npmi = pairs == 0 ? nil : sums.reduce(0) { $0 + $1.sum } / Double(pairs)
        let shown = lists.flatMap { $0.prefix(Self.diversityWords) }
        diversity = shown.isEmpty ? nil : Double(Set(shown).count) / Double(shown.count)
    }
}

/// Which documents hold which of some features.
private struct Occurrences {
    private var documentsOfFeature: [Int: [UInt32]] = [:]
    private let documentCount: Int

    init(of features: Set<Int>, in documents: CSRMatrix) {
        documentCount = documents.rowCount
        var isWanted = [Bool](repeating: false, count: documents.columnCount)
        for feature in features { isWanted[feature] = true }
        documents.withUnsafeView { view in
            for row in 0..<view.rowCount {
                for entry in view.entries(ofRow: row) where view.values[entry] != 0 {
                    let feature = Int(view.columnIndices[entry])
                    if isWanted[feature] { documentsOfFeature[feature, default: []].append(UInt32(row)) }
                }
            }
        }
    }

    func npmiSum(of list: [Int]) -> (sum: Double, pairs: Int) {
        var sum = 0.0
        var pairs = 0
        for i in list.indices {
            for j in 0..<i {
                sum += npmi(documentsOfFeature[list[i]] ?? [], documentsOfFeature[list[j]] ?? [])
                pairs += 1
            }
        }
        return (sum, pairs)
    }

    private func npmi(_ a: [UInt32], _ b: [UInt32]) -> Double {
        let shared = sharedCount(a, b)
        if shared == 0 { return -1 }
        if shared == documentCount { return 1 }
        let n = Double(documentCount)
        return Double.log(Double(shared) * n / (Double(a.count) * Double(b.count))) / -Double.log(Double(shared) / n)
    }

    /// Of two rising lists.
    private func sharedCount(_ a: [UInt32], _ b: [UInt32]) -> Int {
        var (i, j, shared) = (0, 0, 0)
        while i < a.count && j < b.count {
            if a[i] == b[j] { shared += 1 }
            (i, j) = (i + (a[i] <= b[j] ? 1 : 0), j + (b[j] <= a[i] ? 1 : 0))
        }
        return shared
    }
}
