import Autoencoders
import SparseMatrices

/// The number of documents of a corpus for each value of a quantity, such as a length.
package struct Histogram<Value: Hashable & Comparable & Sendable>: Sendable, Equatable {
    /// Distinct values, in ascending order.
    package let values: [Value]
    /// The number of documents for each value; at least one.
    package let documents: [UInt32]
    /// The number of documents up to and including each value.
    private let cumulative: [Int]

    /// - Precondition: the values are ascending and not empty, and each has at least one document.
    package init(values: [Value], documents: [UInt32]) {
        precondition(Self.isValid(values: values, documents: documents), "not a histogram")
        self.values = values
        self.documents = documents
        var sum = 0
        cumulative = documents.map {
            sum += Int($0)
            return sum
        }
    }

    static func isValid(values: [Value], documents: [UInt32]) -> Bool {
        !values.isEmpty && values.count == documents.count && documents.allSatisfy { $0 > 0 }
            && zip(values, values.dropFirst()).allSatisfy { $0 < $1 }
    }

    /// - Parameter samples: the value of each document, at least one.
    init(counting samples: some Sequence<Value>) {
        var histogram: [Value: UInt32] = [:]
        for sample in samples { histogram[sample, default: 0] += 1 }
        let sorted = histogram.sorted { $0.key < $1.key }
        self.init(values: sorted.map(\.key), documents: sorted.map(\.value))
    }

    /// The histogram of the documents of both.
    func joined(with other: Histogram) -> Histogram {
        var counts = Dictionary(uniqueKeysWithValues: zip(values, documents))
        for (value, count) in zip(other.values, other.documents) {
            let sum = counts[value, default: 0].addingReportingOverflow(count)
            counts[value] = sum.overflow ? .max : sum.partialValue
        }
        let sorted = counts.sorted { $0.key < $1.key }
        return Histogram(values: sorted.map(\.key), documents: sorted.map(\.value))
    }

    package var documentCount: Int { cumulative[cumulative.count - 1] }

    /// The value of a randomly picked document of the corpus.
    ///
    /// - Complexity: O(log values).
    package func draw(using generator: inout RandomGenerator) -> Value {
        let rank = Int.random(in: 0..<documentCount, using: &generator)
        var low = 0
        var high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > rank { high = middle } else { low = middle + 1 }
        }
        return values[low]
    }
}

/// The distribution of document lengths, in tokens.
package typealias LengthDistribution = Histogram<UInt32>

extension LengthDistribution {
    /// The lengths of the rows of a corpus: the sums of their entries, rounded.
    ///
    /// - Precondition: there is at least one row.
    /// - Complexity: O(entries).
    package init(of counts: CSRMatrix) { self.init(counting: counts.tokenCounts) }
}

extension CSRMatrix {
    /// The sum of every row's entries, rounded to a non-negative integer.
    var tokenCounts: [UInt32] {
        withUnsafeView { view in
            (0..<view.rowCount).map { row in
                let sum = view.entries(ofRow: row).reduce(0.0) { $0 + Double(view.values[$1]) }
                return UInt32(min(max(0, sum.rounded()), Double(UInt32.max)))
            }
        }
    }
}
