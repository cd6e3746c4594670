import Gossamer
import SparseMatrices

/// What some documents look like from outside.
package struct DocumentProfile: Sendable, Equatable {
    /// The stored entries of the documents.
    package let entryCounts: CountedSample
    /// The features that occur.
    package let usedFeatures: Set<UInt32>

    /// - Complexity: O(entries).
    package init(_ documents: CSRMatrix) {
        entryCounts = CountedSample((0..<documents.rowCount).map(documents.entryCount(ofRow:)))
        usedFeatures = Set(documents.columnIndices)
    }

    /// The documents that a model was trained on, as it remembers them.
    package init(_ observed: ObservedDocuments) {
        entryCounts = CountedSample(
            zip(observed.sizes.values, observed.sizes.documents).map { (Int($0.entries), Int($1)) })
        usedFeatures = observed.usedFeatures
    }

    package var documentCount: Int { entryCounts.count }
}

/// How much two sets of documents look alike from outside.
package struct DocumentComparison: Sendable, Equatable {
    /// sup |F₁ − F₂| of the two distributions of entries a row (the Kolmogorov–Smirnov distance): 0 for the same, 1 for
    /// ones that do not overlap.
    package let entriesPerRowDistance: Double
    /// Of the features used in either, the share that is used in both.
    package let sharedFeatures: Double

    /// - Complexity: O(rows·log rows + features).
    package init(_ a: DocumentProfile, _ b: DocumentProfile) {
        entriesPerRowDistance = a.entryCounts.distance(to: b.entryCounts)
        let either = a.usedFeatures.union(b.usedFeatures).count
        let both = a.usedFeatures.intersection(b.usedFeatures).count
        sharedFeatures = either == 0 ? 1 : Double(both) / Double(either)
    }

    /// - Complexity: O(entries + rows·log rows + features).
    package init(_ a: CSRMatrix, _ b: CSRMatrix) { self.init(DocumentProfile(a), DocumentProfile(b)) }
}
