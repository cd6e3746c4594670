/// An input's content as contiguous bytes, whatever it comes from: a plain file is mapped into memory; a compressed
/// one (gzip, bzip2, xz or zstd, recognised by content) is decompressed; standard input and pipes are read to the end.
public final class InputBytes: @unchecked Sendable {
    /// What messages call the input: its path, or `<stdin>`.
    public let name: String
    /// Valid as long as this object lives.
    public let bytes: UnsafeRawBufferPointer
    /// nil if the input was not compressed.
    public let compression: Compression?
    private let owner: AnyObject

    /// - Parameter path: a file, or `-` for standard input.
    /// - Throws: `FileError.unreadable` if the input is missing or may not be read, `.readFailed` if reading breaks
    ///   off, `.badData` if compressed content is truncated or corrupt: it is never silently short.
    public init(path: String) throws(FileError) {
        if path != "-", FileKind(path: path) != .other {
            let mapped = try MappedFile(path: path)
            if Compression(signatureOf: mapped.bytes) == nil {
                (name, bytes, compression, owner) = (path, mapped.bytes, nil, mapped)
                return
            }
        }
        let stream = try ByteStream(path: path)
        let content = ByteBuffer()
        while try content.append(minimum: 1 << 18, stream.read) > 0 {}
        (name, bytes, compression, owner) = (stream.name, content.bytes, stream.compression, content)
    }
}
