import Autoencoders

/// A division of a corpus' rows into parts of equal size, of which each in turn is held out (k-fold
/// cross-validation).
package struct CorpusFolds: Sendable, Equatable {
    /// The rows of each part, rising; sizes differ by one at most.
    package let heldOut: [[Int]]

    /// Divides rows at random; the same seed gives the same parts.
    ///
    /// - Precondition: there are at least two parts, and a row for each.
    /// - Complexity: O(rows·log rows).
    package init(rowCount: Int, count: Int, seed: UInt64) {
        precondition((2...max(2, rowCount)).contains(count), "\(rowCount) rows cannot make \(count) folds")
        var order = Array(0..<rowCount)
        var generator = RandomGenerator(seed: seed, stream: 0x666f_6c64)
        order.shuffle(using: &generator)
        heldOut = (0..<count).map { fold in
            stride(from: fold, to: rowCount, by: count).map { order[$0] }.sorted()
        }
    }

    package var count: Int { heldOut.count }

    /// The rows of all parts but one, rising.
    package func training(_ fold: Int) -> [Int] {
        heldOut.indices.filter { $0 != fold }.flatMap { heldOut[$0] }.sorted()
    }
}
