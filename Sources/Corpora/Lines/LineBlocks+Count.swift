extension LineBlocks {
    /// How often a byte stands in the lines.
    static func count(_ wanted: UInt8, in lines: UnsafeBufferPointer<UInt8>) -> Int {
        guard let start = lines.baseAddress.map(UnsafeRawPointer.init) else { return 0 }
        let ones: UInt64 = 0x0101_0101_0101_0101
        let pattern = ones &* UInt64(wanted)
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        var count = 0
        var position = 0
        while position + 8 <= lines.count {
            // Each byte of `sums` counts its own column of up to 255 words.
            let words = min(255, (lines.count - position) / 8)
            var sums: UInt64 = 0
            for word in 0..<words {
                let other = start.loadUnaligned(fromByteOffset: position &+ 8 &* word, as: UInt64.self) ^ pattern
                sums &+= (~(((other & low) &+ low) | other) &>> 7) & ones
            }
            for column in 0..<8 { count += Int(sums >> UInt64(8 * column) & 0xFF) }
            position += 8 * words
        }
        for byte in lines[position...] where byte == wanted { count += 1 }
        return count
    }
}
