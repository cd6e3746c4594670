import Autoencoders
import SparseMatrices

/// How many tokens documents have: a histogram over a corpus.
public struct LengthDistribution: Sendable, Equatable {
    /// Distinct lengths, rising.
    public let lengths: [UInt32]
    /// How many documents have each of them; at least one.
    public let documents: [UInt32]

    /// - Precondition: lengths rise, each has a document, and there is at least one.
    public init(lengths: [UInt32], documents: [UInt32]) {
        precondition(Self.isValid(lengths: lengths, documents: documents), "not a histogram of lengths")
        self.lengths = lengths
        self.documents = documents
    }

    static func isValid(lengths: [UInt32], documents: [UInt32]) -> Bool {
        !lengths.isEmpty && lengths.count == documents.count && documents.allSatisfy { $0 > 0 }
            && zip(lengths, lengths.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// The lengths of a corpus' rows: the sums of their entries, rounded.
    ///
    /// - Precondition: there is at least one row.
    /// - Complexity: O(entries).
    public init(of counts: CSRMatrix) {
        var histogram: [UInt32: UInt32] = [:]
        counts.withUnsafeView { view in
            for row in 0..<view.rowCount {
                let sum = view.entries(ofRow: row).reduce(0.0) { $0 + Double(view.values[$1]) }
                histogram[UInt32(min(max(0, sum.rounded()), Double(UInt32.max))), default: 0] += 1
            }
        }
        let sorted = histogram.sorted { $0.key < $1.key }
        self.init(lengths: sorted.map(\.key), documents: sorted.map(\.value))
    }

    public var documentCount: Int { documents.reduce(0) { $0 + Int($1) } }

    /// The length of a document of the corpus, picked at random.
    public func draw(using generator: inout RandomGenerator) -> Int {
        var rank = Int.random(in: 0..<documentCount, using: &generator)
        for (length, count) in zip(lengths, documents) {
            if rank < Int(count) { return Int(length) }
            rank -= Int(count)
        }
        return Int(lengths[lengths.count - 1])
    }
}
