import Autoencoders
import SparseMatrices

/// How many tokens documents have: a histogram over a corpus.
package typealias LengthDistribution = Histogram<UInt32>

extension LengthDistribution {
    /// The lengths of a corpus' rows: the sums of their entries, rounded.
    ///
    /// - Precondition: there is at least one row.
    /// - Complexity: O(entries).
    package init(of counts: CSRMatrix) { self.init(counting: counts.tokenCounts) }
}

extension CSRMatrix {
    /// The sum of every row's entries, rounded to a whole number from 0.
    var tokenCounts: [UInt32] {
        withUnsafeView { view in
            (0..<view.rowCount).map { row in
                let sum = view.entries(ofRow: row).reduce(0.0) { $0 + Double(view.values[$1]) }
                return UInt32(min(max(0, sum.rounded()), Double(UInt32.max)))
            }
        }
    }
}
