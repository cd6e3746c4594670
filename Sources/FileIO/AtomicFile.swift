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
            descriptor = target.withSystemPath { open($0, O_WRONLY | O_CLOEXEC) }
            guard descriptor >= 0 else { throw .cannotCreate(path: path, reason: systemErrorText()) }
            return
        }
        let temporary = temporaryName(besides: target, ending: "partial")
        descriptor = temporary.withSystemPath { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
        guard descriptor >= 0 else { throw .cannotCreate(path: path, reason: systemErrorText()) }
        temporaryPath = temporary
    }

    /// A file without a name in the folder for temporary files, which goes away with the object.
    ///
    /// - Parameter path: what messages call it.
    private init(unnamedFor path: String) throws(FileError) {
        self.path = path
        target = temporaryName(besides: path, ending: "partial")
        temporaryPath = nil
        descriptor = target.withSystemPath { open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw .cannotCreate(path: target, reason: systemErrorText()) }
        remove(target)
    }

    /// A file whose bytes can be read and changed until they are in place: what `commit` makes the target or, where
    /// that is a pipe, what is to be copied there.
    static func changeable(path: String) throws(FileError) -> AtomicFile {
        isReplaceable(path) ? try AtomicFile(path: path) : try AtomicFile(unnamedFor: path)
    }

    deinit {
        if descriptor >= 0, descriptor != STDOUT_FILENO || path != "-" { close(descriptor) }
        if descriptor >= 0, let temporaryPath { remove(temporaryPath) }
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
        guard closed == 0, move(temporaryPath, to: target) else {
            let reason = systemErrorText()
            remove(temporaryPath)
            throw .writeFailed(path: path, reason: reason)
        }
    }

    /// Hands on what was held back to write more at a time.
    public func flush() throws(FileError) {
        try buffer.withUnsafeBytes { raw in Result { () throws(FileError) in try writeAll(raw) } }.get()
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes over what was written before.
    ///
    /// - Precondition: so many bytes were written, to a changeable file.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        try flush()
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .writeFailed(path: path, reason: systemErrorText()) }
            done += count
        }
    }

    /// Hands out what was written, in pieces.
    ///
    /// - Precondition: the file is changeable.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(FileError) -> Void) throws(FileError) {
        try flush()
        var piece = [UInt8](repeating: 0, count: Self.bufferSize)
        var offset = 0
        while true {
            let count = pread(descriptor, &piece, piece.count, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .readFailed(path: path, reason: systemErrorText()) }
            if count == 0 { return }
            try piece.withUnsafeBytes { bytes in
                Result { () throws(FileError) in try body(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
            }.get()
            offset += count
        }
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

/// Whether a file can take the path's place; not that of standard output, devices and pipes.
func isReplaceable(_ path: String) -> Bool {
    path != "-" && [nil, .file].contains(FileKind(path: path))
}

/// A new name for a temporary file: beside the target, on the same disk, or in the folder for temporary files if the
/// target is standard output, a device or a pipe.
package func temporaryName(besides target: String, ending: String) -> String {
    let folder = getenv("TMPDIR").map { PathText.text(of: $0) } ?? "/tmp"
    let base = isReplaceable(target) ? target : "\(folder)/gossamer"
    return "\(base).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).\(ending)"
}

/// The path itself if it leads nowhere yet.
private func resolvingLinks(_ path: String) -> String {
    guard let resolved = path.withSystemPath({ realpath($0, nil) }) else { return path }
    defer { free(resolved) }
    return PathText.text(of: resolved)
}

/// The kind of file that a path leads to, nil if it leads nowhere.
private func fileType(_ path: String) -> mode_t? {
    var status = stat()
    return path.withSystemPath { stat($0, &status) } == 0 ? status.st_mode & S_IFMT : nil
}

private func remove(_ path: String) { _ = path.withSystemPath { unlink($0) } }

private func move(_ path: String, to target: String) -> Bool {
    path.withSystemPath { from in target.withSystemPath { rename(from, $0) } } == 0
}

/// `write(2)`, under a name that the method `write` does not hide.
private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, start, count)
}
