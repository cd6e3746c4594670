import FileIO

/// A checksum of a stream of bytes, fast enough not to be noticed beside writing them: two sums over its words of eight
/// bytes, modulo 2⁶⁴, as Fletcher's checksum has them, for each of eight interleaved streams of words:
///
///     a ← a + word,  b ← b + a
///
/// Any change within one word changes a. It protects against damage, not against forgery.
///
/// A safetensors file that has one ends with it: the tensor `checksum`, 16 bytes, is that of all bytes before it, those
/// of the header included.
package struct StreamChecksum {
    private var first = SIMD8<UInt64>()
    private var second = SIMD8<UInt64>()
    /// Bytes that do not fill a block yet.
    private var rest: [UInt8] = []
    private var count: UInt64 = 0
    private static let blockSize = MemoryLayout<SIMD8<UInt64>>.size

    package init() { rest.reserveCapacity(Self.blockSize) }

    /// Appends bytes; how the stream is cut into pieces makes no difference.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        count += UInt64(bytes.count)
        var bytes = bytes[...]
        if !rest.isEmpty {
            let head = bytes.prefix(Self.blockSize - rest.count)
            rest += head
            bytes = bytes.dropFirst(head.count)
            if rest.count < Self.blockSize { return }
            rest.withUnsafeBytes { addBlocks($0) }
            rest.removeAll(keepingCapacity: true)
        }
        let whole = bytes.count / Self.blockSize * Self.blockSize
        addBlocks(UnsafeRawBufferPointer(rebasing: bytes.prefix(whole)))
        rest += bytes.dropFirst(whole)
    }

    private mutating func addBlocks(_ bytes: UnsafeRawBufferPointer) {
        var (a, b) = (first, second)
        for offset in stride(from: 0, to: bytes.count, by: Self.blockSize) {
            a &+= bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
            b &+= a
        }
        (first, second) = (a, b)
    }

    /// The checksum of the bytes so far.
    package var bytes: [UInt8] {
        var last = self
        if !rest.isEmpty {
            let filled = rest + Array(repeating: 0, count: Self.blockSize - rest.count)
            filled.withUnsafeBytes { last.addBlocks($0) }
        }
        var (a, b) = (count, UInt64(0))
        for lane in 0..<8 {
            for word in [last.first[lane], last.second[lane]] {
                a = (a ^ word) &* 0x9E37_79B9_7F4A_7C15
                a ^= a >> 32
                b = (b ^ a) &* 0xFF51_AFD7_ED55_8CCD
                b ^= b >> 29
            }
        }
        return [a, b].flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    /// The tensor of a file that has one.
    package static let tensor = TensorDescription(name: "checksum", type: .uint8, shape: [16])
}

extension SafetensorsFile {
    /// Checks the bytes of the whole file against the checksum at its end.
    ///
    /// - Throws: `FileError.badData` if the file has none, or was altered.
    /// - Complexity: O(size of the file).
    package func verifyChecksum() throws(FileError) {
        let stored = try array(named: StreamChecksum.tensor.name, of: UInt8.self, shape: StreamChecksum.tensor.shape)
        let size = StreamChecksum.tensor.byteCount
        var checksum = StreamChecksum()
        checksum.add(UnsafeRawBufferPointer(rebasing: mapping.bytes.dropLast(size)))
        guard tensors.last == StreamChecksum.tensor, checksum.bytes == stored else {
            throw .badData(
                BadData(
                    path: mapping.path, found: "bytes that do not fit the file's checksum",
                    expected: "the bytes that were written", advice: "the file is damaged: take an earlier one"))
        }
    }
}
