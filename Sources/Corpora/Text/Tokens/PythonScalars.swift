import Synchronization

/// What Python's `re` takes for a part of a word, and what its `str.lower` makes of a scalar.
enum PythonScalars {
    /// Whether `\w` matches: letters, numbers of any kind, and the underscore; not marks.
    static func isWord(_ scalar: UInt32) -> Bool {
        if scalar < 0x10000 { return table.entry(scalar) & wordBit != 0 }
        return Unicode.Scalar(scalar).map(computeIsWord) ?? false
    }

    /// Whether `\s` matches, and `str.split` cuts.
    @inline(__always)
    static func isSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0: true
        case 0..<0x1680: false
        case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// The lower case of a scalar by itself: one scalar, or several (only for U+0130).
    @inline(__always)
    static func forEachLowered(_ scalar: UInt32, _ body: (UInt32) -> Void) {
        if scalar < 0x10000 {
            let lowered = table.entry(scalar) & scalarMask
            if lowered != several { return body(lowered) }
        }
        guard let lowercased = Unicode.Scalar(scalar)?.properties.lowercaseMapping else { return body(scalar) }
        for lower in lowercased.unicodeScalars { body(lower.value) }
    }

    private static let wordBit: UInt32 = 1 << 31
    private static let scalarMask: UInt32 = (1 << 21) - 1
    /// Stands for mappings to more than one scalar.
    private static let several: UInt32 = scalarMask

    /// For the first plane: the lower case, and whether the scalar itself is part of a word.
    private static let table = Table()

    /// Pages of 256 scalars, each made when it is first asked for: most texts need a few.
    private final class Table: @unchecked Sendable {
        private let pages: UnsafeMutablePointer<Atomic<UnsafeMutablePointer<UInt32>?>>

        init() {
            pages = .allocate(capacity: 256)
            for page in 0..<256 { (pages + page).initialize(to: Atomic(nil)) }
        }

        /// - Precondition: the scalar lies in the first plane.
        @inline(__always)
        func entry(_ scalar: UInt32) -> UInt32 {
            let page = Int(scalar >> 8)
            let entries = pages[page].load(ordering: .acquiring) ?? make(page)
            return entries[Int(scalar & 0xFF)]
        }

        @inline(never)
        private func make(_ page: Int) -> UnsafeMutablePointer<UInt32> {
            let entries = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
            for offset in 0..<256 {
                let value = UInt32(page << 8 | offset)
                (entries + offset).initialize(to: Unicode.Scalar(value).map(Self.entry) ?? value)
            }
            let (isFirst, others) = pages[page].compareExchange(
                expected: nil, desired: entries, ordering: .acquiringAndReleasing)
            if !isFirst, let others {
                entries.deallocate()
                return others
            }
            return entries
        }

        private static func entry(_ scalar: Unicode.Scalar) -> UInt32 {
            let word = computeIsWord(scalar) ? wordBit : 0
            guard scalar.properties.changesWhenLowercased else { return scalar.value | word }
            let lower = scalar.properties.lowercaseMapping.unicodeScalars
            return (lower.count == 1 ? lower.first?.value ?? several : several) | word
        }
    }

    private static func computeIsWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: scalar == "_" || scalar.properties.numericType != nil
        }
    }
}
