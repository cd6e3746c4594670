/// Decodes single scalars from arbitrary bytes.
enum UTF8Decoding {
    /// The replacement for invalid bytes.
    static let replacement: UInt32 = 0xFFFD

    /// The scalar that begins at `position`, and its number of bytes. For invalid bytes, nil and the number of bytes
    /// that are replaced by one U+FFFD: the longest prefix of a valid sequence, at least one byte.
    static func scalar(at position: Int, in bytes: UnsafeBufferPointer<UInt8>) -> (value: UInt32?, length: Int) {
        let first = bytes[position]
        if first < 0x80 { return (UInt32(first), 1) }
        // The second byte's range excludes overlong forms, surrogates and scalars beyond U+10FFFF.
        let (length, second): (Int, ClosedRange<UInt8>)
        switch first {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return (nil, 1)
        }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for offset in 1..<length {
            guard position + offset < bytes.count,
                (offset == 1 ? second : 0x80...0xBF).contains(bytes[position + offset])
            else { return (nil, offset) }
            value = value << 6 | UInt32(bytes[position + offset] & 0x3F)
        }
        return (value, length)
    }

    /// The start of the scalar or the invalid byte before `position`.
    static func start(before position: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        for length in 1...4 where length <= position {
            let (value, taken) = scalar(at: position - length, in: bytes)
            if value != nil, taken == length { return position - length }
        }
        return position - 1
    }

    /// Appends a scalar's bytes, for which there must be room for four; returns their number.
    @inline(__always)
    static func write(_ scalar: UInt32, to place: UnsafeMutablePointer<UInt8>) -> Int {
        if scalar < 0x80 {
            place[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        }
        func continuation(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: scalar >> shift) & 0x3F | 0x80 }
        if scalar < 0x800 {
            place[0] = UInt8(truncatingIfNeeded: scalar >> 6) | 0xC0
            place[1] = continuation(0)
            return 2
        }
        if scalar < 0x10000 {
            place[0] = UInt8(truncatingIfNeeded: scalar >> 12) | 0xE0
            place[1] = continuation(6)
            place[2] = continuation(0)
            return 3
        }
        place[0] = UInt8(truncatingIfNeeded: scalar >> 18) | 0xF0
        place[1] = continuation(12)
        place[2] = continuation(6)
        place[3] = continuation(0)
        return 4
    }
}
