import SparseMatrices

/// How much ranked lists agree, pair by pair, agreement at the top counting most: rank-biased overlap, extrapolated
/// from the ranks that are there (equation 32 of Webber, Moffat & Zobel, "A Similarity Measure for Indefinite Rankings",
/// ACM TOIS 2010). With X_d the number of words that the first d of both lists share, s and l the lengths of the shorter
/// and the longer list:
///
///     rbo = (1−p)/p·[Σ_{d=1…l} p^d·X_d/d + Σ_{d=s+1…l} p^d·X_s·(d−s)/(s·d)] + p^l·[(X_l−X_s)/l + X_s/s]
///
/// 1 for two lists that are the same, 0 for two without a common word. Its mean over all pairs of topics, taken from 1,
/// is the diversity of Bianchi, Terragni & Hovy, "Pre-training is a Hot Topic", ACL 2021, with p = 0.9.
struct RankBiasedOverlap {
    /// Over all pairs of lists with words; nil if there is no pair.
    let mean: Double?

    /// - Parameters:
    ///   - lists: the strongest word first, none twice in a list.
    ///   - persistence: p, in (0, 1).
    /// - Complexity: O(lists·words + n·log n), n being the number of places that pairs of lists share.
    init(ofLists lists: [[Int]], persistence: Double = 0.9, parallelism: Parallelism) {
        let lists = lists.filter { !$0.isEmpty }
        var places: [Int: [(list: Int, rank: Int)]] = [:]
        for (list, words) in lists.enumerated() {
            for (rank, word) in words.enumerated() { places[word, default: []].append((list, rank)) }
        }
        let sums = parallelism.map(lists.count) { list -> Double in
            // Lists that share no word add nothing, so only those that do are looked at.
            var shared: [(list: Int, depth: Int)] = []
            for (rank, word) in lists[list].enumerated() {
                for place in places[word] ?? [] where place.list > list {
                    shared.append((place.list, max(rank, place.rank) + 1))
                }
            }
            shared.sort { $0 < $1 }
            var sum = 0.0
            var start = 0
            while start < shared.count {
                let other = shared[start].list
                let end = shared[start...].firstIndex { $0.list != other } ?? shared.count
                sum += Self.overlap(
                    atDepths: shared[start..<end].map(\.depth), lists[list].count, lists[other].count, persistence)
                start = end
            }
            return sum
        }
        let pairs = lists.count * (lists.count - 1) / 2
        mean = pairs > 0 ? sums.reduce(0, +) / Double(pairs) : nil
    }

    /// - Parameter depths: rising, of each shared word: from which depth on both lists hold it.
    private static func overlap(
        atDepths depths: [Int], _ firstLength: Int, _ secondLength: Int, _ p: Double
    ) -> Double {
        let (short, long) = (min(firstLength, secondLength), max(firstLength, secondLength))
        let shortShared = Double(depths.count { $0 <= short })
        var (sum, power) = (0.0, 1.0)
        var shared = 0
        for depth in 1...long {
            power *= p
            while shared < depths.count, depths[shared] <= depth { shared += 1 }
            sum += power * Double(shared) / Double(depth)
            if depth > short { sum += power * shortShared * Double(depth - short) / Double(short * depth) }
        }
        let rest = (Double(shared) - shortShared) / Double(long) + shortShared / Double(short)
        return (1 - p) / p * sum + power * rest
    }
}
