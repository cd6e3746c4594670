import FileIO

/// The lines of an input: all of them where they lie, or piece by piece as they come.
final class LineInput {
    /// What messages call the input.
    let name: String
    private var content: Content
    /// How much content there may be.
    private let mostBytes: Int

    private enum Content {
        /// Bytes that `owner` keeps.
        case whole(UnsafeRawBufferPointer, owner: InputBytes?)
        /// What was read already, and what follows it.
        case stream([UInt8], LineStream)
        case ended(wasWhole: Bool)
    }

    /// Opens an input. A byte order mark at its start is left out.
    ///
    /// - Parameters:
    ///   - pieceSize: how many bytes a piece has at most, apart from a longer line, unless all come at once.
    ///   - mostLines: how many lines a piece has at most, unless all come at once.
    /// - Throws: as `ByteStream`.
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

    /// Text in memory, which has to stay there.
    init(bytes: UnsafeRawBufferPointer, name: String) {
        self.name = name
        mostBytes = bytes.count
        content = .whole(bytes.withoutByteOrderMark, owner: nil)
    }

    /// How much longer lines of numbers are than when they are compressed, at the most.
    private static let mostCompression = 64

    var isWhole: Bool {
        switch content {
        case .whole: true
        case .stream: false
        case .ended(let wasWhole): wasWhole
        }
    }

    /// Hands out the next whole lines, valid within the call; nil at the end. All at once may be no lines at all.
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

    /// Reads the lines that stand before all others.
    ///
    /// - Parameters:
    ///   - isComplete: whether these are all of the lines in question.
    ///   - parse: gets at least these, if there are so many, and the size of all content, of a stream what it may be at
    ///     the most; says where the other lines begin.
    /// - Precondition: nothing was read yet.
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
