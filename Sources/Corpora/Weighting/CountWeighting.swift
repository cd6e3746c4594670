import RealModule

/// A document whose weighted entries are known up to their length.
struct WeightedDocument {
    let columns: [UInt32]
    /// Above zero, unless the scheme is none.
    let values: [Float]
    /// How many tokens it is to have.
    let tokens: Double
    /// Whether its length has been divided out.
    let isNormalized: Bool
}

/// A weighting of counts that can be told from what they weigh: w = f(x)·g_v, g the features' weights and f increasing.
protocol CountWeighting: WeightingRule {
    /// f of a count in a document of that many tokens.
    func unit(count: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double

    /// The inverse of f; infinite beyond what f can be.
    func count(unit: Double, tokens: Double, _ statistics: WeightingStatistics) -> Double
}

extension CountWeighting {
    /// With w = s·x, s the length that normalisation divided by, counts rounded and at least 1. A row of unit length
    /// does not tell s: it is chosen such that the counts sum to the document's tokens as nearly as rounding allows.
    ///
    /// - Complexity: O(entries).
    func rawEntries(_ document: WeightedDocument, _ statistics: WeightingStatistics) -> [Float] {
        let units = zip(document.columns, document.values).map { column, value in
            let weight = hasFeatureWeights ? Double(statistics.featureWeights[Int(column)]) : 1
            // A feature of no weight says nothing of its count.
            return weight == 0 ? 0 : Double(value) / weight
        }
        let length = document.isNormalized ? self.length(of: units, tokens: document.tokens, statistics) : 1
        return units.map { Float(boundedCount(length * $0, document.tokens, statistics).rounded()) }
    }

    /// At least 1, and finite.
    private func boundedCount(_ unit: Double, _ tokens: Double, _ statistics: WeightingStatistics) -> Double {
        min(max(1, count(unit: unit, tokens: tokens, statistics)), Double(Float.greatestFiniteMagnitude))
    }

    /// s such that the counts of s·u sum to `tokens`, by bisection; 0 if all counts of 1 are too many already.
    private func length(of units: [Double], tokens: Double, _ statistics: WeightingStatistics) -> Double {
        guard let largest = units.max(), largest > 0, tokens > Double(units.count) else { return 0 }
        // At the upper end the largest entry alone has all tokens.
        var (low, high) = (0.0, unit(count: tokens, tokens: tokens, statistics) / largest)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let sum = units.reduce(0) { $0 + boundedCount(middle * $1, tokens, statistics).rounded() }
            if sum < tokens { low = middle } else { high = middle }
        }
        return high
    }
}
