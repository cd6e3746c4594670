#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that grows at its end and keeps what it has: each append is handed to the system at once, so that whatever
/// ends the program leaves all that was appended before. No other program that opens it like this gets it meanwhile.
package final class AppendedFile {
    package let path: String
    private let descriptor: Int32

    /// Opens a file, or makes an empty one.
    ///
    /// - Throws: `FileError.cannotCreate` if that cannot be done, or another program appends to it.
    package init(path: String) throws(FileError) {
        self.path = path
        switch FileKind(path: path) {
        case .folder: throw .cannotCreate(path: path, reason: "it is a folder")
        case .other: throw .cannotCreate(path: path, reason: "it is no ordinary file")
        case .file, nil: break
        }
        descriptor = path.withSystemPath { open($0, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw .cannotCreate(path: path, reason: systemErrorText()) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno == EWOULDBLOCK ? "another program is writing to it" : systemErrorText()
            close(descriptor)
            throw .cannotCreate(path: path, reason: reason)
        }
    }

    deinit { close(descriptor) }

    /// All that the file holds.
    package func contents() throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &block, block.count, off_t(bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .readFailed(path: path, reason: systemErrorText()) }
            if count == 0 { return bytes }
            bytes += block.prefix(count)
        }
    }

    /// Drops all bytes from `length` on.
    package func truncate(to length: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else {
            throw .writeFailed(path: path, reason: systemErrorText())
        }
    }

    package func append(_ bytes: [UInt8]) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written >= 0 else { throw .writeFailed(path: path, reason: systemErrorText()) }
            rest = rest.dropFirst(written)
        }
    }
}

/// `write(2)`.
private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, start, count)
}
