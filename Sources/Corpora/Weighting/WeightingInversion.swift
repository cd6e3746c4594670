#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension FeatureWeighting {
    /// The raw entries of a document whose weighted entries are known up to what the weighting has taken away.
    ///
    /// With w = s·x, s the length that normalisation divided by, and counts rounded and at least 1:
    ///
    ///     none    x              binary  1
    ///     log     exp(w) − 1     tf-idf  exp(w/idf − 1)
    ///
    /// A row of unit length does not tell s. It is chosen such that the counts sum to `tokens` as nearly as rounding
    /// allows. Without normalisation s = 1, and `tokens` is not used.
    ///
    /// - Parameters:
    ///   - weighted: above zero, unless the scheme is `none`.
    ///   - tokens: the document's length.
    /// - Complexity: O(entries).
    public func rawEntries(columns: [UInt32], weighted: [Float], tokens: Int) -> [Float] {
        precondition(columns.count == weighted.count, "\(columns.count) columns, \(weighted.count) values")
        switch scheme {
        case .none: return weighted
        case .binary: return weighted.map { _ in 1 }
        case .log, .tfIdf: break
        }
        let idf = columns.map { scheme == .tfIdf ? Double(inverseDocumentFrequency[Int($0)]) : 1 }
        // The weight in units of idf: 1 + ln x or ln(1 + x).
        let units = zip(weighted, idf).map { Double($0) / $1 }
        let length = normalization == .l2 ? lengthOfRow(units: units, tokens: Double(tokens)) : 1
        return units.map { Float(count(unit: length * $0).rounded()) }
    }

    /// At least 1, and finite.
    private func count(unit: Double) -> Double {
        min(max(1, scheme == .tfIdf ? exp(unit - 1) : exp(unit) - 1), Double(Float.greatestFiniteMagnitude))
    }

    /// s such that Σ count(s·u) = tokens, by bisection; 0 if all counts of 1 are too many already.
    private func lengthOfRow(units: [Double], tokens: Double) -> Double {
        guard let largest = units.max(), largest > 0, tokens > Double(units.count) else { return 0 }
        // At the upper end the largest entry alone has all tokens.
        var (low, high) = (0.0, (scheme == .tfIdf ? 1 + log(tokens) : log1p(tokens)) / largest)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let sum = units.reduce(0) { $0 + count(unit: middle * $1).rounded() }
            if sum < tokens { low = middle } else { high = middle }
        }
        return high
    }
}
