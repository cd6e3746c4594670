import SparseMatrices

extension Corpus {
    /// A number that tells corpora apart by what can be learned from them: their width, entries and labels. The same
    /// corpus has the same number in every format. It guards against mistakes, not against forgery.
    ///
    /// - Complexity: O(rows + entries).
    public var fingerprint: UInt64 {
        var hash = WordHash()
        hash.add(UInt64(max(featureCount, vocabulary?.count ?? 0)))
        matrix.withUnsafeView { view in
            for row in 0..<view.rowCount {
                let entries = view.entries(ofRow: row)
                hash.add(UInt64(entries.count))
                for entry in entries {
                    hash.add(UInt64(view.columnIndices[entry]) << 32 | UInt64(view.values[entry].bitPattern))
                }
            }
        }
        for set in labels?.sets.indices ?? 0..<0 {
            let name = labels?.text(ofSet: set) ?? ""
            hash.add(UInt64(name.utf8.count))
            for byte in name.utf8 { hash.add(UInt64(byte)) }
        }
        for code in labels?.codes ?? [] { hash.add(UInt64(code)) }
        return hash.value
    }
}

/// FNV-1a (Fowler, Noll & Vo) over words in place of bytes, each product's high half folded into its low one, which
/// multiplication alone never reaches.
private struct WordHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 32
    }
}
