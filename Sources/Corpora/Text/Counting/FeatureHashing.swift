import FileIO

/// The hashing of features to a fixed number of columns (Weinberger et al., "Feature Hashing for Large Scale Multitask
/// Learning", ICML 2009), without signs, so that counts stay counts.
///
/// A feature's column is the same in every text, so no vocabulary is needed and text can be read without an end. Several
/// features may share a column, where their counts are added; see `HashedWords`.
struct FeatureHashing: Sendable {
    let bits: Int

    /// - Returns: nil if the options do not hash.
    init?(_ options: TextOptions) {
        guard let bits = options.hashBits else { return nil }
        self.bits = bits
    }

    var columnCount: Int { 1 << bits }

    /// - Throws: `TextOptionsError` for options that need a count of all documents, or too many or too few bits.
    func check(_ options: TextOptions) throws(TextOptionsError) {
        guard TextOptions.possibleHashBits.contains(bits) else {
            throw TextOptionsError(
                option: "hash-bits", found: "\(bits)",
                expected: "a number from \(TextOptions.possibleHashBits.lowerBound) to "
                    + "\(TextOptions.possibleHashBits.upperBound)")
        }
        let usual = TextOptions()
        let limits: [(option: String, isGiven: Bool)] = [
            ("min-df", options.minDF != usual.minDF), ("max-df", options.maxDF != usual.maxDF),
            ("max-features", options.maxFeatures != nil),
        ]
        guard let limit = limits.first(where: \.isGiven) else { return }
        throw TextOptionsError(
            option: limit.option, found: "words that are hashed",
            expected: "words that are numbered once all are counted; leave out one of the two options")
    }

    /// The upper bits of the 64-bit FNV-1a hash of the UTF-8 bytes, multiplied once more to mix them.
    func column(of feature: some Sequence<UInt8>) -> UInt32 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in feature { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
        return UInt32(truncatingIfNeeded: hash >> UInt64(64 - bits))
    }

    /// The column of each feature of a table.
    func columns(of table: TokenTable) -> [UInt32] { (0..<UInt32(table.count)).map { column(of: table[$0]) } }
}

extension CountedDocuments {
    /// The same documents with columns in place of features; the counts of a document's features in one column are
    /// added.
    ///
    /// - Parameter columns: the column of each feature.
    /// - Complexity: O(entries·log(entries of a document)).
    func gathered(in columns: [UInt32]) -> CountedDocuments {
        var gathered = CountedDocuments()
        gathered.features.reserveCapacity(features.count)
        gathered.counts.reserveCapacity(counts.count)
        var (start, row): (Int, [(column: UInt32, count: UInt32)]) = (0, [])
        for end in rowEnds {
            row.removeAll(keepingCapacity: true)
            for entry in start..<end { row.append((columns[Int(features[entry])], counts[entry])) }
            row.sort { $0.column < $1.column }
            let first = gathered.features.count
            for (column, count) in row {
                if gathered.features.count > first, gathered.features.last == column {
                    gathered.counts[gathered.counts.count - 1] &+= count
                } else {
                    gathered.features.append(column)
                    gathered.counts.append(count)
                }
            }
            gathered.rowEnds.append(gathered.features.count)
            start = end
        }
        return gathered
    }
}

/// What is known of words that were hashed to columns, from a sample of documents.
package struct HashedWords: Sendable {
    package let columnCount: Int
    /// The number of documents in the sample, and of distinct words in them.
    package let documents: Int
    package let words: Int
    /// The number of these words that share their column with another of them.
    package let sharing: Int
    /// For each column, its word that is in most documents of the sample; for columns without one, `#` and the number.
    package let names: Vocabulary

    package var note: Message {
        """
        words are hashed to \(columnCount.grouped) columns: \(sharing.grouped) of the \(words.grouped) distinct words of the first \
        \(documents.grouped) documents share a column with another; \(setting: "hashBits") sets the number of columns
        """
    }
}

/// Collects the words of the first documents, for `HashedWords`.
final class WordSample: @unchecked Sendable {
    private let hashing: FeatureHashing
    private let table = TokenTable()
    /// The number of documents with each word.
    private var frequencies: [Int] = []
    private var documents = 0

    /// After this many documents, no more are collected.
    private static let mostDocuments = 1 << 14

    init(_ hashing: FeatureHashing) { self.hashing = hashing }

    func add(_ counting: TextCounting) {
        if documents >= Self.mostDocuments { return }
        let numbers = (0..<UInt32(counting.vocabulary.count)).map { Int(table.insert(counting.vocabulary[$0])) }
        frequencies += repeatElement(0, count: table.count - frequencies.count)
        for part in counting.documents {
            for feature in part.features { frequencies[numbers[Int(feature)]] += 1 }
            documents += part.rowEnds.count
        }
    }

    /// Does not depend on the order in which words were found.
    var words: HashedWords {
        var strongest = [UInt32](repeating: .max, count: hashing.columnCount)
        var counts = [UInt32](repeating: 0, count: hashing.columnCount)
        let columns = hashing.columns(of: table)
        for (word, column) in columns.enumerated() {
            counts[Int(column)] += 1
            let best = strongest[Int(column)]
            if best == .max || isBefore(word, Int(best)) { strongest[Int(column)] = UInt32(word) }
        }
        let names = strongest.enumerated().map { column, word in
            word == .max ? name(ofEmpty: column) : String(decoding: table[word], as: UTF8.self)
        }
        return HashedWords(
            columnCount: hashing.columnCount, documents: documents, words: table.count,
            sharing: columns.count { counts[Int($0)] > 1 }, names: Vocabulary(words: names))
    }

    private func isBefore(_ a: Int, _ b: Int) -> Bool {
        if frequencies[a] != frequencies[b] { return frequencies[a] > frequencies[b] }
        return table[UInt32(a)].lexicographicallyPrecedes(table[UInt32(b)])
    }

    /// A name that no word has.
    private func name(ofEmpty column: Int) -> String {
        var name = "#\(column)"
        while Array(name.utf8).withUnsafeBufferPointer({ table.find($0) }) != nil { name += "#" }
        return name
    }
}
