/// The beginning of an input's content, read to tell its format; the input can be read from the front afterwards.
package struct InputHead {
    /// Decompressed, but for standard input that is compressed, of which there is no beginning to be had.
    package let bytes: [UInt8]
    /// Whether the content ends here.
    package let isComplete: Bool

    /// - Parameter path: a regular file, or `-` for standard input.
    /// - Returns: nil where the beginning cannot be had without losing it: of pipes, and of compressed standard input.
    /// - Throws: as `ByteStream`.
    package static func read(path: String, count: Int) throws(FileError) -> InputHead? {
        if path == "-" {
            let raw = try RawInput(path: path)
            let bytes = try raw.peek(count)
            raw.pushBack()
            if bytes.withUnsafeBytes({ Compression(signatureOf: $0) }) != nil { return nil }
            return InputHead(bytes: bytes, isComplete: bytes.count < count)
        }
        if FileKind(path: path) == .other { return nil }
        let stream = try ByteStream(path: path)
        var bytes = [UInt8](repeating: 0, count: count)
        let read = try bytes.withUnsafeMutableBytes { room in
            Result { () throws(FileError) in try stream.read(into: room) }
        }.get()
        bytes.removeLast(count - read)
        return InputHead(bytes: bytes, isComplete: read < count)
    }
}
