import Synchronization

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
    /// What was read to tell the compression and not yet handed out.
    private var peeked: [UInt8] = []

    /// - Parameter path: a file or pipe, or `-` for standard input.
    init(path: String) throws(FileError) {
        if path == "-" {
            name = "<stdin>"
            descriptor = STDIN_FILENO
            peeked = Self.pushedBack.withLock { bytes in
                defer { bytes = [] }
                return bytes
            }
            return
        }
        name = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: systemErrorText()) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            throw .unreadable(path: path, reason: "it is a folder")
        }
    }

    deinit {
        if descriptor != STDIN_FILENO, descriptor >= 0 { close(descriptor) }
    }

    /// What was read of standard input to tell its format, for whoever opens it next.
    private static let pushedBack = Mutex<[UInt8]>([])

    /// Leaves what was peeked at to the next one who opens standard input.
    func pushBack() {
        precondition(descriptor == STDIN_FILENO, "\(name) can be opened again")
        Self.pushedBack.withLock { $0 = peeked }
        peeked = []
    }

    /// The first bytes, which stay to be read.
    func peek(_ count: Int) throws(FileError) -> [UInt8] {
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
        if peeked.isEmpty { return try readSome(into: room) }
        let count = min(room.count, peeked.count)
        room.copyBytes(from: peeked[..<count])
        peeked.removeFirst(count)
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
