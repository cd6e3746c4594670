import RealModule
import SparseMatrices

/// The words of one unit that are among the `count` most relevant for some λ in [0, 1], with the relevance of Sievert &
/// Shirley, "LDAvis: A method for visualizing and interpreting topics", ACL Workshop 2014:
///
///     r(w, λ) = λ·log p(w|unit) + (1 − λ)·log(p(w|unit)/p(w))
public struct RelevantWords: Sendable, Equatable {
    public struct Word: Sendable, Equatable {
        /// From 0.
        public let feature: Int
        /// log p(w|unit).
        public let logProbability: Double
        /// log(p(w|unit)/p(w)).
        public let logLift: Double

        public func relevance(lambda: Double) -> Double { lambda * logProbability + (1 - lambda) * logLift }
    }

    /// In the order of features.
    public let words: [Word]

    /// The most relevant words; among equally relevant ones the first feature.
    public func ranked(lambda: Double, count: Int) -> [Word] {
        var top = TopEntries(count: count)
        for (index, word) in words.enumerated() { top.add(index, word.relevance(lambda: lambda)) }
        return top.sorted.map { words[$0.index] }
    }

    /// A word is dropped only if `count` others are at least as relevant both for λ = 0 and for λ = 1: relevance is
    /// linear in λ, so they are as relevant for every λ between.
    ///
    /// - Parameters:
    ///   - probabilities: p(w|unit) of each feature.
    ///   - marginal: p(w).
    /// - Complexity: O(features) and a sort of those that are left after comparing with the best of λ = ½, few unless many
    ///   are equally probable.
    init(_ probabilities: UnsafeBufferPointer<Float>, marginal: [Double], count: Int) {
        var middle = TopEntries(count: count)
        for (feature, p) in probabilities.enumerated() where p > 0 && marginal[feature] > 0 {
            middle.add(feature, Double(p) / marginal[feature].squareRoot())
        }
        let best = middle.sorted
        func lift(_ feature: Int) -> Double { Double(probabilities[feature]) / marginal[feature] }
        let isFull = best.count == count
        let leastProbability = isFull ? best.reduce(Float.infinity) { min($0, probabilities[$1.index]) } : 0
        let leastLift = isFull ? best.reduce(Double.infinity) { min($0, lift($1.index)) } : 0
        let candidates = probabilities.indices.filter { feature in
            let p = probabilities[feature]
            return p > 0 && marginal[feature] > 0 && (p >= leastProbability || lift(feature) >= leastLift)
        }
        let sorted = candidates.sorted { a, b in
            let (x, y) = (probabilities[a], probabilities[b])
            if x != y { return x > y }
            let (u, v) = (lift(a), lift(b))
            return u != v ? u > v : a < b
        }
        // Of the words so far, all of larger probability, the largest lifts, the largest first.
        var lifts: [Double] = []
        var kept: [Int] = []
        for feature in sorted {
            let lift = lift(feature)
            if lifts.count == count, let least = lifts.last {
                if lift <= least { continue }
                lifts.removeLast()
            }
            kept.append(feature)
            lifts.insert(lift, at: lifts.firstIndex { $0 < lift } ?? lifts.count)
        }
        words = kept.sorted().map { feature in
            let logProbability = Double.log(Double(probabilities[feature]))
            return Word(
                feature: feature, logProbability: logProbability,
                logLift: logProbability - Double.log(marginal[feature]))
        }
    }
}
