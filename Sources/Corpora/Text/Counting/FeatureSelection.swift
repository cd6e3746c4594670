import SparseMatrices

/// The features that are kept, by document frequency and maximum number, and their columns, sorted by code points.
struct FeatureSelection {
    /// The column of a feature that is left out.
    static let none = UInt32.max

    /// The column of each feature, or `none`.
    private(set) var columns: [UInt32]
    private(set) var words: [String] = []
    private(set) var belowMinDF = 0
    private(set) var aboveMaxDF = 0
    private(set) var beyondMaxFeatures = 0

    init(_ vocabulary: TokenTable, _ documents: [CountedDocuments], _ options: TextOptions) {
        let count = vocabulary.count
        var documentFrequencies = [UInt32](repeating: 0, count: count)
        var totals = [Int](repeating: 0, count: count)
        for part in documents {
            for (feature, times) in zip(part.features, part.counts) {
                documentFrequencies[Int(feature)] += 1
                totals[Int(feature)] += Int(times)
            }
        }
        let rows = documents.reduce(0) { $0 + $1.rowEnds.count }
        let (least, most) = (options.minDF.documents(of: rows), options.maxDF.documents(of: rows))
        var kept: [UInt32] = []
        kept.reserveCapacity(count)
        for feature in 0..<count {
            let frequency = Double(documentFrequencies[feature])
            if frequency < least {
                belowMinDF += 1
            } else if frequency > most {
                aboveMaxDF += 1
            } else {
                kept.append(UInt32(feature))
            }
        }
        var sorted = Self.sortedByCodePoints(kept, vocabulary)
        if let limit = options.maxFeatures, sorted.count > limit {
            beyondMaxFeatures = sorted.count - limit
            // Among equal counts, the features that are first by code points are kept.
            let strongest = TopEntries(limit, of: sorted.lazy.map { Double(totals[Int($0)]) })
            sorted = strongest.sorted.map(\.index).sorted().map { sorted[$0] }
        }
        columns = [UInt32](repeating: Self.none, count: count)
        words.reserveCapacity(sorted.count)
        for (column, feature) in sorted.enumerated() {
            columns[Int(feature)] = UInt32(column)
            words.append(String(decoding: vocabulary[feature], as: UTF8.self))
        }
    }

    /// The order of code points is that of UTF-8 bytes; the first eight bytes are nearly always sufficient.
    private static func sortedByCodePoints(_ features: [UInt32], _ vocabulary: TokenTable) -> [UInt32] {
        var keyed = features.map { (key: prefix(of: vocabulary[$0]), feature: $0) }
        keyed.sort { a, b in
            a.key != b.key
                ? a.key < b.key : vocabulary[a.feature].lexicographicallyPrecedes(vocabulary[b.feature])
        }
        return keyed.map(\.feature)
    }

    private static func prefix(of word: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        for position in 0..<8 { key = key << 8 | (position < word.count ? UInt64(word[position]) : 0) }
        return key
    }
}
