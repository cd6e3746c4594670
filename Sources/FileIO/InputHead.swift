/// The beginning of an input's content, read to tell its format; the input can be read from the front afterwards.
package struct InputHead {
    /// Decompressed.
    package let bytes: [UInt8]
    /// Whether the content ends here.
    package let isComplete: Bool

    /// Pipes and standard input are kept as they are for whoever opens them next.
    ///
    /// - Parameters:
    ///   - path: a file or pipe, or `-` for standard input.
    ///   - count: how many bytes to read at most.
    ///   - lines: how many lines to read at most: a pipe whose writer waits for an answer has no more to give.
    /// - Throws: as `ByteStream`.
    package static func read(path: String, count: Int, lines: Int = .max) throws(FileError) -> InputHead {
        let stream = try ByteStream(path: path)
        let (bytes, isComplete) = try stream.peek(count, lines: lines)
        if path == "-" || FileKind(path: path) == .other { stream.leave(as: path) }
        return InputHead(bytes: bytes, isComplete: isComplete)
    }
}
