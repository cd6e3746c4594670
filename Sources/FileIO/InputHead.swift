/// The beginning of an input's content, read to tell its format; the input can be read from the front afterwards.
package struct InputHead {
    /// Decompressed.
    package let bytes: [UInt8]
    /// Whether the content ends here.
    package let isComplete: Bool

    /// Pipes, and compressed standard input, are read and decompressed to the end for it, and kept for whoever opens
    /// them next.
    ///
    /// - Parameter path: a file or pipe, or `-` for standard input.
    /// - Throws: as `ByteStream`.
    package static func read(path: String, count: Int) throws(FileError) -> InputHead {
        if path == "-" {
            let raw = try RawInput(path: path)
            let bytes = try raw.peek(count)
            raw.pushBack()
            if bytes.withUnsafeBytes({ Compression(signatureOf: $0) }) == nil {
                return InputHead(bytes: bytes, isComplete: bytes.count < count)
            }
        }
        if path == "-" || FileKind(path: path) == .other {
            let input = try InputBytes(path: path)
            return withExtendedLifetime(input) {
                RawInput.pushBack(input.bytes, of: path)
                return InputHead(bytes: Array(input.bytes.prefix(count)), isComplete: input.bytes.count <= count)
            }
        }
        let stream = try ByteStream(path: path)
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try bytes.withUnsafeMutableBytes { room in
            Result { () throws(FileError) in try stream.read(into: room) }
        }.get()
        bytes.removeLast(count - read)
        return InputHead(bytes: bytes, isComplete: read < count)
    }
}
