#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An input's bytes as they are stored, read once from the front.
final class RawInput {
    /// What messages call the input: its path, or `<stdin>`.
    let name: String
    private let descriptor: Int32
    /// What was read to tell the compression.
    private var peeked: [UInt8] = []
    /// How much of it was handed out.
    private var handedOut = 0

    /// - Parameter path: a file or pipe, or `-` for standard input.
    init(path: String) throws(FileError) {
        name = path == "-" ? "<stdin>" : path
        if path == "-" {
            descriptor = STDIN_FILENO
            return
        }
        descriptor = path.withSystemPath { open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: systemErrorText()) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw .unreadable(path: path, reason: "it is a folder")
        }
    }

    deinit {
        if descriptor > STDIN_FILENO { close(descriptor) }
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
        while true {
            let count = systemRead(descriptor, room)
            if count >= 0 { return count }
            if errno != EINTR { throw .readFailed(path: name, reason: systemErrorText()) }
        }
    }
}

/// `read(2)`, under a name that the method `read` does not hide.
private func systemRead(_ descriptor: Int32, _ room: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, room.baseAddress, room.count)
}
