#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An output file that appears whole or not at all: bytes go to a temporary file beside the target, which takes the
/// target's name on `commit()`. Dropped without a commit, it leaves nothing behind. The path `-` is standard output;
/// devices and pipes, which a rename would replace, are written to as they are, and links are followed.
public final class AtomicFile {
    public let path: String
    private let target: String
    private let temporaryPath: String?
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 20

    /// - Throws: `FileError.cannotCreate` if the folder is missing or may not be written to.
    public init(path: String) throws(FileError) {
        self.path = path
        target = resolvingLinks(path)
        if path == "-" {
            temporaryPath = nil
            descriptor = STDOUT_FILENO
            return
        }
        switch fileType(target) {
        case S_IFDIR: throw .cannotCreate(path: path, reason: "it is a folder")
        case nil, S_IFREG: break
        default:
            temporaryPath = nil
            descriptor = open(target, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .cannotCreate(path: path, reason: systemErrorText()) }
            return
        }
        let temporary = "\(target).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).partial"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .cannotCreate(path: path, reason: systemErrorText()) }
        temporaryPath = temporary
    }

    deinit {
        if descriptor >= 0, path != "-" { close(descriptor) }
        if descriptor >= 0, let temporaryPath { unlink(temporaryPath) }
    }

    /// Finds out now whether a file could be created, before hours of work that would end in it.
    public static func checkCreatable(_ path: String) throws(FileError) {
        // Opening a pipe only to close it again would end its reader.
        if fileType(path) != S_IFIFO { _ = try AtomicFile(path: path) }
    }

    /// Appends bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if buffer.count + bytes.count <= Self.bufferSize {
            buffer.append(contentsOf: bytes)
            return
        }
        try flush()
        if bytes.count >= Self.bufferSize { try writeAll(bytes) } else { buffer.append(contentsOf: bytes) }
    }

    public func write(_ text: String) throws(FileError) {
        try write(Array(text.utf8))
    }

    public func write(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBytes { raw in Result { () throws(FileError) in try write(raw) } }.get()
    }

    /// Makes the file appear under its name.
    public func commit() throws(FileError) {
        try flush()
        guard let temporaryPath else { return }
        let closed = close(descriptor)
        descriptor = -1
        guard closed == 0, rename(temporaryPath, target) == 0 else {
            let reason = systemErrorText()
            unlink(temporaryPath)
            throw .writeFailed(path: path, reason: reason)
        }
    }

    private func flush() throws(FileError) {
        try buffer.withUnsafeBytes { raw in Result { () throws(FileError) in try writeAll(raw) } }.get()
        buffer.removeAll(keepingCapacity: true)
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let written = systemWrite(descriptor, start, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw .writeFailed(path: path, reason: systemErrorText())
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }
}

/// The path itself if it leads nowhere yet.
private func resolvingLinks(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
}

/// The kind of file that a path leads to, nil if it leads nowhere.
private func fileType(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
}

/// `write(2)`, under a name that the method `write` does not hide.
private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, start, count)
}
