/// A sample of whole numbers, as its distinct values and how often each occurs: memory follows the values, not the
/// sample.
package struct CountedSample: Sendable, Equatable {
    /// Distinct, rising.
    package let values: [Int]
    /// How often each occurs, at least once.
    package let counts: [Int]
    /// The size of the sample.
    package let count: Int

    package init(_ sample: some Sequence<Int>) { self.init(sample.map { (value: $0, count: 1) }) }

    /// - Parameter pairs: values, which may repeat, and how often each occurs.
    /// - Complexity: O(n·log n).
    package init(_ pairs: some Sequence<(value: Int, count: Int)>) {
        var histogram: [Int: Int] = [:]
        for (value, count) in pairs where count > 0 { histogram[value, default: 0] += count }
        let sorted = histogram.sorted { $0.key < $1.key }
        values = sorted.map(\.key)
        counts = sorted.map(\.value)
        count = counts.reduce(0, +)
    }

    /// 0 of an empty sample.
    package var mean: Double {
        zip(values, counts).reduce(0) { $0 + Double($1.0) * Double($1.1) } / Double(max(1, count))
    }

    /// The middle of the sample, of two middles their mean; 0 if it is empty.
    package var median: Double {
        count == 0 ? 0 : (Double(value(ofRank: (count - 1) / 2)) + Double(value(ofRank: count / 2))) / 2
    }

    /// sup |F₁ − F₂| of the empirical distributions of two samples (the Kolmogorov–Smirnov distance); 0 if either is
    /// empty.
    package func distance(to other: CountedSample) -> Double {
        if count == 0 || other.count == 0 { return 0 }
        var (i, j) = (0, 0)
        var (own, others) = (0, 0)
        var distance = 0.0
        while i < values.count && j < other.values.count {
            let value = min(values[i], other.values[j])
            if values[i] == value {
                own += counts[i]
                i += 1
            }
            if other.values[j] == value {
                others += other.counts[j]
                j += 1
            }
            distance = max(distance, abs(Double(own) / Double(count) - Double(others) / Double(other.count)))
        }
        return distance
    }

    private func value(ofRank rank: Int) -> Int {
        var below = 0
        for (value, count) in zip(values, counts) {
            below += count
            if below > rank { return value }
        }
        preconditionFailure("a sample of \(count) has no rank \(rank)")
    }
}

/// A sample's mean, and how far that is likely to be from the mean of all it was drawn from.
extension [Double] {
    package var mean: Double { reduce(0, +) / Double(count) }

    /// s/√n, s being the sample's standard deviation with n − 1 degrees of freedom; 0 for one number.
    package var standardError: Double {
        let mean = mean
        let squares = reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(Swift.max(1, count - 1)) / Double(count)).squareRoot()
    }
}
