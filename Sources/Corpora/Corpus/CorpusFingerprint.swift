import SparseMatrices

/// Hashes that tell corpora apart, whatever their formats. They protect against mistakes, not against forgery.
extension Corpus {
    /// A hash of everything that an evaluation depends on: the number of columns, entries and labels.
    ///
    /// - Complexity: O(rows + entries).
    public var fingerprint: UInt64 {
        var hash = WordHash()
        addMatrix(to: &hash)
        for set in labels?.sets.indices ?? 0..<0 { hash.add(labels?.text(ofSet: set) ?? "") }
        for code in labels?.codes ?? [] { hash.add(UInt64(code)) }
        return hash.value
    }

    /// A hash of everything that a model depends on: the number of columns, entries and words of the features.
    ///
    /// - Complexity: O(rows + entries + features).
    public var contentFingerprint: UInt64 {
        var hash = WordHash()
        addMatrix(to: &hash)
        for word in vocabulary?.words ?? [] { hash.add(word) }
        return hash.value
    }

    private func addMatrix(to hash: inout WordHash) {
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
    }
}

/// A hash as it is shown and stored everywhere: 16 hexadecimal digits.
package enum Fingerprint {
    package static func text(_ hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// FNV-1a (Fowler, Noll & Vo) over words instead of bytes; the high half of each product is folded into the low one,
/// which multiplication alone would not affect.
private struct WordHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 32
    }

    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        for byte in text.utf8 { add(UInt64(byte)) }
    }
}
