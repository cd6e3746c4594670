import RealModule

/// How well clusters of documents agree with their classes. With n_kc documents of cluster k and class c, n_k and n_c
/// their sums and n all of them:
///
///     purity = Σ_k max_c n_kc/n
///     nmi    = 2·I/(H_k + H_c),   I = Σ n_kc/n·ln[n·n_kc/(n_k·n_c)],   H_k = −Σ n_k/n·ln(n_k/n),   H_c likewise
///
/// as in Manning, Raghavan & Schütze, "Introduction to Information Retrieval", 2008, section 16.3. Purity grows with the
/// number of clusters, to 1 for a cluster a document; normalised mutual information does much less so.
struct ClusterAgreement: Equatable {
    let purity: Double
    let nmi: Double

    /// - Parameters:
    ///   - clusters: a number for each document.
    ///   - classes: a number for each document.
    /// - Returns: nil without documents.
    /// - Complexity: O(documents·log documents).
    init?(of clusters: [Int], with classes: [Int]) {
        precondition(clusters.count == classes.count, "\(clusters.count) clusters for \(classes.count) classes")
        if clusters.isEmpty { return nil }
        let n = Double(clusters.count)
        let clusterSizes = Self.sizes(clusters), classSizes = Self.sizes(classes)
        // In a fixed order, so that sums have the same bytes.
        let pairs = zip(clusters, classes).sorted { $0 < $1 }
        var largest: [Int: Int] = [:]
        var information = 0.0
        var start = 0
        while start < pairs.count {
            let pair = pairs[start]
            var end = start
            while end < pairs.count, pairs[end] == pair { end += 1 }
            let shared = end - start
            largest[pair.0] = max(largest[pair.0] ?? 0, shared)
            let single = Double(clusterSizes[pair.0] ?? 0) * Double(classSizes[pair.1] ?? 0)
            information += Double(shared) / n * Double.log(n * Double(shared) / single)
            start = end
        }
        purity = Double(largest.values.reduce(0, +)) / n
        let entropies = Self.entropy(clusterSizes, n) + Self.entropy(classSizes, n)
        // One cluster of one class agrees with it.
        nmi = entropies > 0 ? max(0, min(1, 2 * information / entropies)) : 1
    }

    private static func sizes(_ numbers: [Int]) -> [Int: Int] {
        numbers.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func entropy(_ sizes: [Int: Int], _ n: Double) -> Double {
        -sizes.values.sorted().reduce(0) { $0 + Double($1) / n * Double.log(Double($1) / n) }
    }
}
