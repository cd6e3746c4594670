/// The compressions that inputs may have, told apart by their first bytes, never by the file's name.
package enum Compression: String, Sendable, CaseIterable {
    case gzip, bzip2, xz, zstd

    /// The compression whose signature these bytes begin with; nil for anything else.
    package init?(signatureOf bytes: UnsafeRawBufferPointer) {
        func begins(with signature: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + signature.count && bytes[offset..<offset + signature.count].elementsEqual(signature)
        }
        // A bzip2 stream goes on with the digits of π (a block) or of √π (the end of an empty stream), so that text
        // beginning with "BZh1" is not taken for one.
        let isBzip2 = begins(with: Array("BZh".utf8)) && bytes.count > 3 && (0x31...0x39).contains(bytes[3])
        if begins(with: [0x1F, 0x8B, 0x08]) {
            self = .gzip
        } else if begins(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else if begins(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else if isBzip2,
            begins(with: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4)
                || begins(with: [0x17, 0x72, 0x45, 0x38, 0x50, 0x90], at: 4)
        {
            self = .bzip2
        } else {
            return nil
        }
    }
}
