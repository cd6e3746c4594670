/// What Python's `re` takes for a part of a word, and what its `str.lower` makes of a scalar.
enum PythonScalars {
    /// Whether `\w` matches: letters, numbers of any kind, and the underscore; not marks.
    static func isWord(_ scalar: UInt32) -> Bool {
        if scalar < 0x10000 { return table.lowered[Int(scalar)] & wordBit != 0 }
        return Unicode.Scalar(scalar).map(computeIsWord) ?? false
    }

    /// The lower case of a scalar by itself: one scalar, or several (only for U+0130).
    @inline(__always)
    static func forEachLowered(_ scalar: UInt32, _ body: (UInt32) -> Void) {
        if scalar < 0x10000 {
            let lowered = table.lowered[Int(scalar)] & scalarMask
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

    private struct Table: @unchecked Sendable {
        let lowered: UnsafePointer<UInt32>

        init() {
            let lowered = UnsafeMutablePointer<UInt32>.allocate(capacity: 0x10000)
            for value in 0..<UInt32(0x10000) {
                lowered[Int(value)] = Unicode.Scalar(value).map(Self.entry) ?? value
            }
            self.lowered = UnsafePointer(lowered)
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
