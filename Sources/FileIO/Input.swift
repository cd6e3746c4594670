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
