import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An input to be read, and what was opened of it to look at its beginning: pipes and standard input can be read once
/// only, so whoever looked hands this on, and the next one who opens it gets all of the content.
package final class Input {
    /// A file or pipe, or `-` for standard input.
    package let path: String
    private var opened: ByteStream?

    package init(path: String) { self.path = path }

    /// Whether it can be read once only.
    package var isReadOnce: Bool { path == "-" || FileKind(path: path) == .other }

    /// The bytes of a plain file, compressed or not; nil for what is none.
    package var size: Int? { path == "-" ? nil : FileKind.size(ofFile: path) }

    /// The beginning of the content, decompressed.
    ///
    /// - Parameters:
    ///   - count: how many bytes to read at most.
    ///   - lines: how many lines to read at most: a pipe whose writer waits for an answer has no more to give.
    /// - Returns: the bytes, and whether the content ends with them.
    /// - Throws: as `ByteStream`.
    package func head(_ count: Int, lines: Int = .max) throws(FileError) -> (bytes: [UInt8], isComplete: Bool) {
        let stream = try stream()
        let head = try stream.peek(count, lines: lines)
        if isReadOnce { opened = stream }
        return head
    }

    /// The content from front to end.
    ///
    /// - Throws: as `ByteStream`.
    package func stream() throws(FileError) -> ByteStream {
        defer { opened = nil }
        return if let opened { opened } else { try ByteStream(path: path) }
    }

    /// The content as a whole.
    ///
    /// - Throws: as `InputBytes`; `FileError.badData` if there are more bytes than `most`, decompressed.
    package func bytes(atMost most: Int = .max) throws(FileError) -> InputBytes {
        isReadOnce ? try InputBytes(try stream(), atMost: most) : try InputBytes(path: path, atMost: most)
    }
}

/// An input's bytes as they are stored, read once from the front.
final class RawInput {
    /// What messages call the input: its path, or `<stdin>`.
    let name: String
    private let descriptor: FileDescriptor
    /// What was read to tell the compression.
    private var peeked: [UInt8] = []
    /// How much of it was handed out.
    private var handedOut = 0

    /// - Parameter path: a file or pipe, or `-` for standard input.
    init(path: String) throws(FileError) {
        name = path == "-" ? "<stdin>" : path
        if path == "-" {
            descriptor = .standardInput
            return
        }
        descriptor = try systemCalls(failingAs: { .unreadable(path: path, reason: $0) }) {
            try .open(path: path, .readOnly)
        }
        var status = stat()
        guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw .unreadable(path: path, reason: "it is a folder")
        }
    }

    deinit {
        if descriptor != .standardInput { descriptor.release() }
    }

    /// The first bytes, which stay to be read.
    func peek(_ count: Int) throws(FileError) -> [UInt8] {
        precondition(handedOut == 0, "\(name) is being read already")
        while peeked.count < count {
            var more = [UInt8](repeating: 0, count: count - peeked.count)
            let read = try more.withUnsafeMutableBytes { room in
                Result { () throws(FileError) in try readSome(into: room) }
            }.get()
            if read == 0 { break }
            peeked.append(contentsOf: more[..<read])
        }
        return peeked
    }

    /// Reads at least one byte, or none at the end.
    func read(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        if handedOut == peeked.count { return try readSome(into: room) }
        let count = min(room.count, peeked.count - handedOut)
        room.copyBytes(from: peeked[handedOut..<handedOut + count])
        handedOut += count
        if handedOut == peeked.count { (peeked, handedOut) = ([], 0) }
        return count
    }

    private func readSome(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        try systemCalls(failingAs: { .readFailed(path: name, reason: $0) }) { try descriptor.read(into: room) }
    }
}

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
