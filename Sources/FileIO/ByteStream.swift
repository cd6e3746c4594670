import Allocation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An input's content from front to end, decompressed on the way: memory does not follow the input's size.
package final class ByteStream {
    /// What messages call the input: its path, or `<stdin>`.
    package let name: String
    /// nil if the input was not compressed.
    package let compression: Compression?
    private let source: any ByteSource
    /// Content that was peeked at, and how much of it was handed out since.
    private var head: [UInt8] = []
    private var handedOut = 0

    /// - Parameter path: a file or pipe, or `-` for standard input.
    /// - Throws: `FileError.unreadable` if the input is missing, a folder, or may not be read.
    package init(path: String) throws(FileError) {
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
    package func read(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        var filled = 0
        while filled < room.count {
            let count = try readSome(into: UnsafeMutableRawBufferPointer(rebasing: room[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Reads what is at hand, waiting only if that is nothing: at least one byte, or none at the end.
    ///
    /// - Throws: as `read(into:)`.
    package func readSome(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        if handedOut == head.count { return try source.read(into: room) }
        let count = min(room.count, head.count - handedOut)
        room.copyBytes(from: head[handedOut..<handedOut + count])
        handedOut += count
        if handedOut == head.count { (head, handedOut) = ([], 0) }
        return count
    }

    /// The beginning of the content, which stays to be read: `count` bytes at most, and a number of lines at most.
    ///
    /// - Returns: the bytes, and whether the content ends with them.
    /// - Precondition: nothing was read yet.
    package func peek(_ count: Int, lines: Int) throws(FileError) -> (bytes: [UInt8], isComplete: Bool) {
        precondition(handedOut == 0, "\(name) is being read already")
        var searched = 0
        var linesLeft = lines
        while head.count < count {
            if let end = Self.end(ofLine: &linesLeft, in: head[searched...]) { return (Array(head[..<end]), false) }
            searched = head.count
            var more = [UInt8](repeating: 0, count: count - head.count)
            let read = try more.withUnsafeMutableBytes { room in
                Result { () throws(FileError) in try source.read(into: room) }
            }.get()
            if read == 0 { return (head, true) }
            head += more[..<read]
        }
        let end = Self.end(ofLine: &linesLeft, in: head[searched..<count]) ?? count
        return (Array(head[..<end]), false)
    }

    /// Where a line ends, the lines being counted down to it; nil if it does not end in these bytes.
    private static func end(ofLine linesLeft: inout Int, in bytes: ArraySlice<UInt8>) -> Int? {
        for (place, byte) in zip(bytes.indices, bytes) where byte == UInt8(ascii: "\n") {
            linesLeft -= 1
            if linesLeft == 0 { return place + 1 }
        }
        return nil
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

extension Collection<UInt8> {
    /// How many bytes the mark takes that some editors put before UTF-8 text: three, or none. It is no part of the text.
    package var byteOrderMarkLength: Int { starts(with: utf8ByteOrderMark) ? utf8ByteOrderMark.count : 0 }
}

/// U+FEFF.
let utf8ByteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// Bytes that grow at the end, outside Swift's arrays: growing a large block moves its pages instead of copying them.
package final class ByteBuffer: @unchecked Sendable {
    package private(set) var count = 0
    private var capacity = 0
    private var start: UnsafeMutableRawPointer?

    package init() {}

    deinit { free(start) }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Makes room for at least `minimum` bytes, lets `fill` write at the end, and takes in as many as it says it wrote.
    package func append<E: Error>(
        minimum: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) -> Int {
        if capacity - count < minimum {
            let wanted = max(capacity * 2, count + minimum)
            guard let grown = realloc(start, wanted) else { OutOfMemory.end(wanted) }
            start = grown
            capacity = wanted
        }
        let room = UnsafeMutableRawBufferPointer(start: start.map { $0 + count }, count: capacity - count)
        let written = try fill(room)
        precondition(written >= 0 && written <= room.count, "\(written) bytes do not fit in \(room.count)")
        count += written
        return written
    }
}
