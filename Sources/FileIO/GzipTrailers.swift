/// The checksums of a gzip stream, which libarchive skips.
///
/// A stream is one or more members; each ends in the CRC-32 and the length (modulo 2³²) of its content. Where a
/// member ends is known only to the decompressor, but the next one begins with a signature, and a place that merely
/// looks like a border does not have the checksum of the content before it.
enum GzipTrailers {
    /// Whether the trailers account for all of the content.
    ///
    /// - Complexity: O(content) for one member; a false border, one in 2²⁴ bytes, costs one more checksum at most.
    static func verify(_ compressed: UnsafeRawBufferPointer, content: UnsafeRawBufferPointer) -> Bool {
        var end = compressed.count
        // Streams may be padded with zeros, and a small length ends in zeros itself, so several ends are possible.
        while end >= 18 {
            if isWhole(content, memberEnd: end, in: compressed) { return true }
            if compressed[end - 1] != 0 { break }
            end -= 1
        }
        return verifyMembers(compressed, content: content)
    }

    private static func verifyMembers(_ compressed: UnsafeRawBufferPointer, content: UnsafeRawBufferPointer) -> Bool {
        var rest = content
        var position = 18
        while position + 18 <= compressed.count {
            if compressed[position] == 0x1F, compressed[position + 1] == 0x8B, compressed[position + 2] == 0x08 {
                let length = Int(trailer(endingAt: position, in: compressed).length)
                let checksum = trailer(endingAt: position, in: compressed).checksum
                if length <= rest.count, crc32(UnsafeRawBufferPointer(rebasing: rest[..<length])) == checksum {
                    rest = UnsafeRawBufferPointer(rebasing: rest[length...])
                    let tail = UnsafeRawBufferPointer(rebasing: compressed[position...])
                    if lastMember(tail, content: rest) { return true }
                }
            }
            position += 1
        }
        return false
    }

    private static func lastMember(_ compressed: UnsafeRawBufferPointer, content: UnsafeRawBufferPointer) -> Bool {
        var end = compressed.count
        while end >= 18 {
            if isWhole(content, memberEnd: end, in: compressed) { return true }
            if compressed[end - 1] != 0 { return false }
            end -= 1
        }
        return false
    }

    private static func isWhole(
        _ content: UnsafeRawBufferPointer, memberEnd: Int, in compressed: UnsafeRawBufferPointer
    ) -> Bool {
        let (checksum, length) = trailer(endingAt: memberEnd, in: compressed)
        return length == UInt32(truncatingIfNeeded: content.count) && checksum == crc32(content)
    }

    private static func trailer(
        endingAt end: Int, in compressed: UnsafeRawBufferPointer
    ) -> (checksum: UInt32, length: UInt32) {
        (
            UInt32(littleEndian: compressed.loadUnaligned(fromByteOffset: end - 8, as: UInt32.self)),
            UInt32(littleEndian: compressed.loadUnaligned(fromByteOffset: end - 4, as: UInt32.self))
        )
    }

    /// The CRC-32 of gzip and zip (polynomial 0xEDB88320, reflected), eight bytes a step.
    static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { table in
            var crc = UInt32.max
            var position = 0
            while position + 8 <= bytes.count {
                let word =
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)) ^ UInt64(crc)
                crc = 0
                for byte in 0..<8 {
                    crc ^= table[(7 - byte) * 256 + Int(truncatingIfNeeded: word >> UInt64(8 * byte) & 0xFF)]
                }
                position += 8
            }
            while position < bytes.count {
                crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[position])) & 0xFF)]
                position += 1
            }
            return ~crc
        }
    }

    /// Table k, at 256·k, is the effect of a byte that k more bytes follow.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var crc = UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
            tables[byte] = crc
        }
        for entry in 256..<8 * 256 {
            let previous = tables[entry - 256]
            tables[entry] = previous >> 8 ^ tables[Int(previous & 0xFF)]
        }
        return tables
    }()
}
