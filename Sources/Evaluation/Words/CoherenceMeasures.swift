import RealModule

/// A measure of word lists: of each, and their mean.
public struct ListMeasure: Sendable, Equatable {
    /// nil for lists of fewer than two words.
    public let ofLists: [Double?]

    /// The mean over the lists that have the measure; nil if none has.
    public var mean: Double? {
        let values = ofLists.compactMap { $0 }
        return values.isEmpty ? nil : values.mean
    }

    /// s/√n for the standard deviation s of n lists; nil for fewer than two.
    public var standardError: Double? {
        let values = ofLists.compactMap { $0 }
        return values.count < 2 ? nil : values.standardError
    }
}

/// The measures of one list by its counts. With p the share of documents and ε = 10⁻¹²:
///
///     pmi(a, b)   = ln[(p(a, b) + ε)/(p(a)·p(b))]
///     npmi_ε(a, b) = pmi(a, b)/(−ln[p(a, b) + ε])
///
/// as in Röder, Both & Hinneburg, "Exploring the Space of Topic Coherence Measures", WSDM 2015, and in gensim's
/// `CoherenceModel`, whose figures these are. A pair with a word that no document holds counts as 0, as in the authors'
/// Palmetto; gensim has no figure then, but for u_mass, where it has this one.
extension ListOccurrences {
    private static let epsilon = 1e-12

    /// Σ npmi over the pairs of the first words of a list, −1 for words that never share a document.
    func npmiSum(ofList list: Int, words: Int) -> Double {
        sum(overPairsOf: words) { i, j in
            let shared = count(ofList: list, i, j)
            if shared == 0 { return -1 }
            if shared == documentCount { return 1 }
            let n = Double(documentCount)
            let single = Double(count(ofList: list, i, i)) * Double(count(ofList: list, j, j))
            return Double.log(Double(shared) * n / single) / -Double.log(Double(shared) / n)
        }
    }

    /// The mean of pmi over a list's pairs (Newman, Lau, Grieser & Baldwin, "Automatic Evaluation of Topic Coherence",
    /// NAACL 2010).
    func cUCI(ofList list: Int, words: Int) -> Double {
        sum(overPairsOf: words) { pmi(list, $0, $1) } / Self.pairs(words)
    }

    /// The mean over a list's pairs of ln[(p(a, b) + ε)/p(b)], b being the stronger word (Mimno, Wallach, Talley,
    /// Leenders & McCallum, "Optimizing Semantic Coherence in Topic Models", EMNLP 2011, who add a document to those
    /// that hold both instead of ε to their share).
    func uMass(ofList list: Int, words: Int) -> Double {
        sum(overPairsOf: words) { i, j in
            count(ofList: list, j, j) == 0 ? 0 : Double.log((share(list, i, j) + Self.epsilon) / share(list, j, j))
        } / Self.pairs(words)
    }

    /// The mean over a list's words of cos(m_a, Σ_b m_b), m_a being the vector of npmi_ε(a, b) over all words b of the
    /// list, a itself included.
    func cV(ofList list: Int, words: Int) -> Double {
        let vectors = (0..<words).map { i in (0..<words).map { normalizedPMI(list, i, $0) } }
        let whole = (0..<words).map { j in vectors.reduce(0) { $0 + $1[j] } }
        return vectors.reduce(0) { $0 + cosine($1, whole) } / Double(words)
    }

    private static func pairs(_ words: Int) -> Double { Double(words * (words - 1) / 2) }

    /// - Parameter body: gets the places of two words of a list, the weaker first.
    private func sum(overPairsOf words: Int, _ body: (Int, Int) -> Double) -> Double {
        var sum = 0.0
        for i in 0..<words {
            for j in 0..<i { sum += body(i, j) }
        }
        return sum
    }

    private func share(_ list: Int, _ i: Int, _ j: Int) -> Double {
        Double(count(ofList: list, i, j)) / Double(max(1, documentCount))
    }

    private func pmi(_ list: Int, _ i: Int, _ j: Int) -> Double {
        let single = share(list, i, i) * share(list, j, j)
        return single > 0 ? Double.log((share(list, i, j) + Self.epsilon) / single) : 0
    }

    private func normalizedPMI(_ list: Int, _ i: Int, _ j: Int) -> Double {
        pmi(list, i, j) / -Double.log(share(list, i, j) + Self.epsilon)
    }
}

/// 0 if either vector is.
private func cosine(_ a: [Double], _ b: [Double]) -> Double {
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let lengths = (dot(a, a) * dot(b, b)).squareRoot()
    return lengths > 0 ? dot(a, b) / lengths : 0
}
