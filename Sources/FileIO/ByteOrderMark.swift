extension Collection<UInt8> {
    /// How many bytes the mark takes that some editors put before UTF-8 text: three, or none. It is no part of the text.
    package var byteOrderMarkLength: Int { starts(with: utf8ByteOrderMark) ? utf8ByteOrderMark.count : 0 }
}

/// U+FEFF.
let utf8ByteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
