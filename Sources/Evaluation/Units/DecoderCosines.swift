import Autoencoders
import Gossamer
import SparseMatrices

extension FeatureModel {
    /// For each unit the largest |cos| between its column of the decoder, what it adds to features, and another unit's:
    /// 1 for a unit that another one repeats. Its mean says how much units overlap, its maximum whether any two are the
    /// same (the maximum cosine similarity of Sharkey, Braun & Millidge, "Taking Features Out of Superposition with
    /// Sparse Autoencoders", 2022, within one dictionary; the mutual coherence of Donoho & Huo, "Uncertainty Principles
    /// and Ideal Atomic Decomposition", IEEE Trans. Inf. Theory 2001, is the maximum).
    ///
    /// - Returns: of the units that add anything, in order; none if there are fewer than two.
    /// - Complexity: O(features·H²); memory O(H²).
    public func largestDecoderCosines(parallelism: Parallelism = .allCores) -> [Double] {
        let width = latentWidth
        let gram = decoder.gram(parallelism: parallelism)
        let units = (0..<width).filter { gram[$0 * width + $0] > 0 }
        if units.count < 2 { return [] }
        let lengths = (0..<width).map { gram[$0 * width + $0].squareRoot() }
        return parallelism.map(units.count) { i in
            let unit = units[i]
            let largest = units.reduce(0.0) { largest, other in
                other == unit
                    ? largest : max(largest, abs(gram[unit * width + other]) / (lengths[unit] * lengths[other]))
            }
            return min(1, largest)
        }
    }
}
