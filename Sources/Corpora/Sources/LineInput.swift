import FileIO

/// The lines of an input: all of them in place, or piece by piece.
final class LineInput {
    /// The name of the input in messages.
    let name: String
    private var content: Content
    /// An upper bound of the size of the content.
    private let mostBytes: Int

    private enum Content {
        /// Bytes that `owner` keeps alive.
        case whole(UnsafeRawBufferPointer, owner: InputBytes?)
        /// Bytes that have already been read, and the stream of the following ones.
        case stream([UInt8], LineStream)
        case ended(wasWhole: Bool)
    }

    /// Opens an input. A byte order mark at its start is skipped.
    ///
    /// - Parameters:
    ///   - pieceSize: the maximum number of bytes in a piece, unless a single line is longer or all lines come at once.
    ///   - mostLines: the maximum number of lines in a piece, unless all lines come at once.
    /// - Throws: as `ByteStream` does.
    init(
        _ source: Input, _ handing: Handing, pieceSize: Int, mostLines: Int = .max
    ) throws(FileError) {
        if handing == .whole {
            let input = try source.bytes()
            name = input.name
            mostBytes = input.bytes.count
            content = .whole(input.bytes.withoutByteOrderMark, owner: input)
        } else {
            let stream = try source.stream()
            name = stream.name
            mostBytes = source.size.map { Self.mostCompression * $0 } ?? .max
            content = .stream([], LineStream(stream, blockSize: pieceSize, mostLines: mostLines))
        }
    }

    /// Text in memory, which must remain valid.
    init(bytes: UnsafeRawBufferPointer, name: String) {
        self.name = name
        mostBytes = bytes.count
        content = .whole(bytes.withoutByteOrderMark, owner: nil)
    }

    /// An upper bound of the compression ratio of lines of numbers.
    private static let mostCompression = 64

    var isWhole: Bool {
        switch content {
        case .whole: true
        case .stream: false
        case .ended(let wasWhole): wasWhole
        }
    }

    /// Calls `body` with the next complete lines, valid within the call; returns nil at the end. If all lines come at
    /// once, there may be none.
    func next<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(FileError) -> Result
    ) throws(FileError) -> Result? {
        switch content {
        case .ended: return nil
        case .whole(let bytes, let owner):
            content = .ended(wasWhole: true)
            defer { withExtendedLifetime(owner) {} }
            return try body(bytes.bindMemory(to: UInt8.self))
        case .stream(let waiting, let lines):
            content = .stream([], lines)
            guard let text = try waiting.isEmpty ? lines.next() : waiting else {
                content = .ended(wasWhole: false)
                return nil
            }
            return try text.withUnsafeBufferPointer { text throws(FileError) in try body(text) }
        }
    }

    /// Reads the lines before all others.
    ///
    /// - Parameters:
    ///   - isComplete: whether these bytes contain all of the lines in question.
    ///   - parse: called with at least these lines, if there are as many, and the size of all content, which for a
    ///     stream is an upper bound; returns the position of the other lines.
    /// - Precondition: nothing has been read yet.
    func head<Head>(
        isComplete: (UnsafeRawBufferPointer) -> Bool,
        _ parse: (UnsafeRawBufferPointer, _ contentBytes: Int) throws(FileError) -> (head: Head, end: Int)
    ) throws(FileError) -> Head {
        switch content {
        case .ended: preconditionFailure("\(name) was read already")
        case .whole(let bytes, let owner):
            let (head, end) = try parse(bytes, bytes.count)
            content = .whole(UnsafeRawBufferPointer(rebasing: bytes[end...]), owner: owner)
            return head
        case .stream(var bytes, let lines):
            while !bytes.withUnsafeBytes(isComplete), let more = try lines.next() { bytes += more }
            let (head, end) = try bytes.withUnsafeBytes { bytes in
                Result { () throws(FileError) in try parse(bytes, mostBytes) }
            }.get()
            content = .stream(Array(bytes[end...]), lines)
            return head
        }
    }
}
