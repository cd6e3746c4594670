/// An input's content from front to end, decompressed on the way: memory does not follow the input's size.
public final class ByteStream {
    /// What messages call the input: its path, or `<stdin>`.
    public let name: String
    /// nil if the input was not compressed.
    public let compression: Compression?
    private let source: any ByteSource

    /// - Parameter path: a file or pipe, or `-` for standard input.
    /// - Throws: `FileError.unreadable` if the input is missing, a folder, or may not be read.
    public init(path: String) throws(FileError) {
        let raw = try RawInput(path: path)
        let first = try raw.peek(16)
        name = raw.name
        compression = first.withUnsafeBytes { Compression(signatureOf: $0) }
        source =
            switch compression {
            case nil: raw
            case .gzip: try GzipSource(raw)
            case let compression?: try ArchiveSource(raw, compression: compression)
            }
    }

    /// Fills `room` with the next bytes of the content; less than a full room comes only at the end.
    ///
    /// - Throws: `FileError.readFailed` if reading breaks off, `.badData` if compressed content is truncated or
    ///   corrupt: it is never silently short.
    public func read(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        var filled = 0
        while filled < room.count {
            let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: room[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}

/// Bytes in order.
protocol ByteSource {
    /// Reads at least one byte, or none at the end.
    func read(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int
}

extension RawInput: ByteSource {}

extension Compression {
    /// What to say of compressed content that is not whole.
    func damaged(_ what: String, name: String) -> FileError {
        .badData(
            BadData(
                path: name, found: "damaged \(rawValue) data: \(what)", expected: "a whole \(rawValue) stream",
                advice: "the file was cut short or altered; copy or download it again"))
    }
}
