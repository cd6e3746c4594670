#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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
    public convenience init(path: String) throws(FileError) {
        if path == "-" {
            let content = try readToEnd(descriptor: STDIN_FILENO, name: "<stdin>")
            try self.init(name: "<stdin>", raw: content.bytes, owner: content)
        } else if isPipe(path) {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .unreadable(path: path, reason: systemErrorText()) }
            defer { close(descriptor) }
            let content = try readToEnd(descriptor: descriptor, name: path)
            try self.init(name: path, raw: content.bytes, owner: content)
        } else {
            let mapped = try MappedFile(path: path)
            try self.init(name: path, raw: mapped.bytes, owner: mapped)
        }
    }

    private init(name: String, raw: UnsafeRawBufferPointer, owner: AnyObject) throws(FileError) {
        self.name = name
        compression = Compression(signatureOf: raw)
        guard let compression else {
            bytes = raw
            self.owner = owner
            return
        }
        let content = try withExtendedLifetime(owner) { () throws(FileError) in
            try decompress(raw, compression: compression, name: name)
        }
        bytes = content.bytes
        self.owner = content
    }
}

/// Whether a path leads to bytes that can be read but not mapped, such as `/dev/stdin` or a named pipe.
private func isPipe(_ path: String) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return [S_IFIFO, S_IFCHR, S_IFSOCK].contains(status.st_mode & S_IFMT)
}

private func readToEnd(descriptor: Int32, name: String) throws(FileError) -> ByteBuffer {
    let content = ByteBuffer()
    while true {
        let count = try content.append(minimum: 1 << 18) { room throws(FileError) in
            while true {
                let count = read(descriptor, room.baseAddress, room.count)
                if count >= 0 { return count }
                if errno != EINTR { throw .readFailed(path: name, reason: systemErrorText()) }
            }
        }
        if count == 0 { return content }
    }
}
