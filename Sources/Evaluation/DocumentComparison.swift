import Gossamer
import SparseMatrices

/// What some documents look like from outside.
public struct DocumentProfile: Sendable, Equatable {
    /// The stored entries of every document, in any order.
    public let entryCounts: [Int]
    /// The features that occur.
    public let usedFeatures: Set<UInt32>

    /// - Complexity: O(entries).
    public init(_ documents: CSRMatrix) {
        entryCounts = documents.entryCounts
        usedFeatures = Set(documents.columnIndices)
    }

    /// The documents that a model was trained on, as it remembers them.
    public init(_ observed: ObservedDocuments) {
        entryCounts = observed.entryCounts
        usedFeatures = observed.usedFeatures
    }

    /// Entries a row.
    public var meanEntries: Double { Double(entryCounts.reduce(0, +)) / Double(max(1, entryCounts.count)) }
    public var medianEntries: Double { median(entryCounts) }
}

/// How much two sets of documents look alike from outside.
public struct DocumentComparison: Sendable, Equatable {
    /// sup |F₁ − F₂| of the two distributions of entries a row (the Kolmogorov–Smirnov distance): 0 for the same, 1 for
    /// ones that do not overlap.
    public let entriesPerRowDistance: Double
    /// Of the features used in either, the share that is used in both.
    public let sharedFeatures: Double

    /// - Complexity: O(rows·log rows + features).
    public init(_ a: DocumentProfile, _ b: DocumentProfile) {
        entriesPerRowDistance = kolmogorovSmirnovDistance(a.entryCounts, b.entryCounts)
        let either = a.usedFeatures.union(b.usedFeatures).count
        let both = a.usedFeatures.intersection(b.usedFeatures).count
        sharedFeatures = either == 0 ? 1 : Double(both) / Double(either)
    }

    /// - Complexity: O(entries + rows·log rows + features).
    public init(_ a: CSRMatrix, _ b: CSRMatrix) { self.init(DocumentProfile(a), DocumentProfile(b)) }
}

extension CSRMatrix {
    /// The stored entries of every row.
    public var entryCounts: [Int] { (0..<rowCount).map(entryCount(ofRow:)) }
}

/// sup |F₁ − F₂| of the empirical distributions of two samples; 0 if either is empty.
///
/// - Complexity: O(n·log n).
public func kolmogorovSmirnovDistance(_ a: [Int], _ b: [Int]) -> Double {
    if a.isEmpty || b.isEmpty { return 0 }
    let (a, b) = (a.sorted(), b.sorted())
    var (i, j) = (0, 0)
    var distance = 0.0
    while i < a.count && j < b.count {
        let value = min(a[i], b[j])
        while i < a.count && a[i] == value { i += 1 }
        while j < b.count && b[j] == value { j += 1 }
        distance = max(distance, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
    }
    return distance
}

/// The middle of a sample, of two middles their mean; 0 if it is empty.
public func median(_ sample: [Int]) -> Double {
    let sorted = sample.sorted()
    if sorted.isEmpty { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? Double(sorted[middle]) : (Double(sorted[middle - 1]) + Double(sorted[middle])) / 2
}
