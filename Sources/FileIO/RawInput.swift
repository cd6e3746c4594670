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
    /// Below zero if all there is was read before.
    private let descriptor: Int32
    /// What was read to tell compression or format.
    private var peeked: [UInt8] = []
    /// How much of it was handed out.
    private var handedOut = 0

    /// - Parameter path: a file or pipe, or `-` for standard input.
    init(path: String) throws(FileError) {
        let before = Self.pushedBack.withLock { $0.removeValue(forKey: path) }
        peeked = before?.bytes ?? []
        name = path == "-" ? "<stdin>" : path
        if path == "-" || before != nil {
            descriptor = before?.isAll == true ? -1 : STDIN_FILENO
            return
        }
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

    /// By path, what was read of inputs that can be read once only, and whether that was all.
    private static let pushedBack = Mutex<[String: (bytes: [UInt8], isAll: Bool)]>([:])

    /// Leaves what was peeked at to the next one who opens standard input.
    func pushBack() {
        precondition(descriptor == STDIN_FILENO && handedOut == 0, "\(name) can be opened again")
        let bytes = peeked
        Self.pushedBack.withLock { $0["-"] = (bytes, false) }
        peeked = []
    }

    /// Leaves the whole content of an input to the next one who opens it.
    static func pushBack(_ content: UnsafeRawBufferPointer, of path: String) {
        let bytes = Array(content)
        pushedBack.withLock { $0[path] = (bytes, true) }
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
        if descriptor < 0 { return 0 }
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
