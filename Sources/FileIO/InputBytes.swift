/// An input's content as contiguous bytes, whatever it comes from: a plain file is mapped into memory; a compressed
/// one (gzip, bzip2, xz or zstd, recognised by content) is decompressed; standard input and pipes are read to the end.
package final class InputBytes: @unchecked Sendable {
    /// What messages call the input: its path, or `<stdin>`.
    package let name: String
    /// Valid as long as this object lives.
    package let bytes: UnsafeRawBufferPointer
    /// nil if the input was not compressed.
    package let compression: Compression?
    private let owner: AnyObject

    /// - Parameter path: a file, or `-` for standard input.
    /// - Throws: `FileError.unreadable` if the input is missing or may not be read, `.readFailed` if reading breaks
    ///   off, `.badData` if compressed content is truncated or corrupt: it is never silently short.
    package convenience init(path: String) throws(FileError) { try self.init(path: path, atMost: .max) }

    convenience init(path: String, atMost most: Int) throws(FileError) {
        if path != "-", FileKind(path: path) != .other {
            let mapped = try MappedFile(path: path)
            if Compression(signatureOf: mapped.bytes) == nil {
                if mapped.bytes.count > most { throw Self.tooLong(path, most) }
                self.init(path, mapped.bytes, nil, owner: mapped)
                return
            }
        }
        try self.init(try ByteStream(path: path), atMost: most)
    }

    /// What is left of a stream, in memory.
    convenience init(_ stream: ByteStream, atMost most: Int) throws(FileError) {
        let content = ByteBuffer()
        while try content.append(minimum: 1 << 18, stream.read) > 0 {
            if content.count > most { throw Self.tooLong(stream.name, most) }
        }
        self.init(stream.name, content.bytes, stream.compression, owner: content)
    }

    private static func tooLong(_ name: String, _ most: Int) -> FileError {
        .badData(
            BadData(
                path: name, line: 1, column: 1, found: "a document of more than \(most) bytes",
                expected: "shorter documents", advice: "check that this is the file you meant"))
    }

    private init(_ name: String, _ bytes: UnsafeRawBufferPointer, _ compression: Compression?, owner: AnyObject) {
        (self.name, self.bytes, self.compression, self.owner) = (name, bytes, compression, owner)
    }
}
