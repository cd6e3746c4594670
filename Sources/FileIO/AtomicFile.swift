import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An output file that appears whole or not at all: bytes go to a temporary file beside the target, which takes the
/// target's name on `commit()`. Dropped without a commit, it leaves nothing behind, also if a signal ends the program;
/// what a killed program left is removed by the next check of the same target. A file that is there already passes its
/// permissions on. The path `-` is standard output; devices and pipes, which a rename would replace, are written to as
/// they are, and links are followed, also to where there is no file yet.
package final class AtomicFile {
    package let path: String
    private let target: String
    private let temporaryPath: String?
    /// The temporary file's place among those that a signal's handler removes.
    private var unfinished: Int?
    private let descriptor: FileDescriptor
    private var isOpen = true
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 20

    /// - Throws: `FileError.cannotCreate` if the folder is missing or may not be written to.
    package init(path: String) throws(FileError) {
        self.path = path
        target = path == "-" ? path : try resolvingLinks(path)
        if path == "-" {
            temporaryPath = nil
            descriptor = .standardOutput
            return
        }
        switch fileType(target) {
        case S_IFDIR: throw .cannotCreate(path: path, reason: "it is a folder")
        case nil: break
        case S_IFREG:
            // A rename would replace it all the same, against what its owner wants.
            guard target.withSystemPath({ access($0, W_OK) }) == 0 else {
                throw .cannotCreate(path: path, reason: systemErrorText())
            }
        default:
            temporaryPath = nil
            descriptor = try Self.open(target, .writeOnly, for: path)
            return
        }
        let temporary = temporaryName(besides: target, ending: "partial")
        descriptor = try Self.open(temporary, .readWrite, options: [.create, .exclusiveCreate], for: path)
        temporaryPath = temporary
        unfinished = UnfinishedFiles.add(temporary)
        if UnfinishedFiles.isEnding { remove(temporary) }
        // Held as long as the file is written, so that others can tell it from one that was left behind.
        flock(descriptor.rawValue, LOCK_EX | LOCK_NB)
        keepPermissions()
    }

    /// Those of the file that is to be replaced. Its owner can be kept by a privileged user only; where its group cannot
    /// be kept either, the rights of the group are dropped. The owner comes first, since a change of it takes
    /// other rights away.
    private func keepPermissions() {
        var status = stat()
        guard target.withSystemPath({ stat($0, &status) }) == 0 else { return }
        let isOfSameGroup =
            fchown(descriptor.rawValue, status.st_uid, status.st_gid) == 0
            || fchown(descriptor.rawValue, uid_t.max, status.st_gid) == 0
        fchmod(descriptor.rawValue, status.st_mode & (isOfSameGroup ? 0o7777 : 0o7707))
    }

    /// A file without a name in the folder for temporary files, which goes away with the object.
    ///
    /// - Parameter path: what messages call it.
    private init(unnamedFor path: String) throws(FileError) {
        self.path = path
        target = path
        temporaryPath = nil
        descriptor = try namelessFile(besides: path)
    }

    private static func open(
        _ place: String, _ mode: FileDescriptor.AccessMode, options: FileDescriptor.OpenOptions = [], for path: String
    ) throws(FileError) -> FileDescriptor {
        try systemCalls(failingAs: { .cannotCreate(path: path, reason: $0) }) {
            try .open(path: place, mode, options: options, permissions: .ofOutputs)
        }
    }

    /// A file whose bytes can be read and changed until they are in place: what `commit` makes the target or, where
    /// that is a pipe, what is to be copied there.
    static func changeable(path: String) throws(FileError) -> AtomicFile {
        isReplaceable(path) ? try AtomicFile(path: path) : try AtomicFile(unnamedFor: path)
    }

    deinit {
        if isOpen, path != "-" { descriptor.release() }
        if isOpen, let temporaryPath { remove(temporaryPath) }
        UnfinishedFiles.remove(unfinished)
    }

    /// Finds out now whether a file could be created, before hours of work that would end in it.
    package static func checkCreatable(_ path: String) throws(FileError) {
        // Opening a pipe only to close it again would end its reader.
        if fileType(path) == S_IFIFO { return }
        let file = try AtomicFile(path: path)
        file.removeLeftovers()
    }

    /// Removes a file that is of no more use; one that cannot be removed does no harm.
    package static func discard(_ path: String) { remove(path) }

    /// Removes what killed programs left of the same target: temporary files of processes that are gone, which nobody
    /// holds either, as one in another container would.
    private func removeLeftovers() {
        guard temporaryPath != nil else { return }
        let nameStart = target.lastIndex(of: "/").map { target.index(after: $0) } ?? target.startIndex
        let folder = nameStart == target.startIndex ? "./" : String(target[..<nameStart])
        guard let stream = folder.withSystemPath({ opendir($0) }) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { PathText.text(of: $0) }
            }
            guard Self.isLeftover(name, of: shortened(target[nameStart...])) else { continue }
            guard let left = try? FileDescriptor.open(path: folder + name, .readOnly, options: .noFollow) else {
                continue
            }
            if flock(left.rawValue, LOCK_EX | LOCK_NB) == 0 { remove(folder + name) }
            left.release()
        }
    }

    /// Whether a name is one that `temporaryName` makes, `TARGET.PROCESS.NUMBER.partial`, in a process that is gone.
    private static func isLeftover(_ name: String, of target: String) -> Bool {
        guard name.hasPrefix(target + "."), name.hasSuffix(".partial") else { return false }
        let numbers = name.dropFirst(target.count + 1).dropLast(".partial".count).split(separator: ".")
        guard numbers.count == 2, let process = Int32(numbers[0]), UInt32(numbers[1]) != nil else { return false }
        return kill(process, 0) != 0 && errno == ESRCH
    }

    /// Appends bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        if buffer.count + bytes.count <= Self.bufferSize {
            buffer.append(contentsOf: bytes)
            return
        }
        try flush()
        if bytes.count >= Self.bufferSize { try writeAll(bytes) } else { buffer.append(contentsOf: bytes) }
    }

    package func write(_ text: String) throws(FileError) {
        try write(Array(text.utf8))
    }

    package func write(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBytes { raw in Result { () throws(FileError) in try write(raw) } }.get()
    }

    /// Makes the file appear under its name.
    ///
    /// - Parameter durably: whether the file's bytes are on the disk before it has its name, and the name before this
    ///   returns, so that a loss of power leaves the file that was there before or this one, whole.
    package func commit(durably: Bool = false) throws(FileError) {
        WatchedInputs.requireUnaltered()
        try flush()
        guard let temporaryPath else { return }
        if durably, fsync(descriptor.rawValue) != 0 {
            throw .writeFailed(path: path, reason: systemErrorText())
        }
        isOpen = false
        defer {
            UnfinishedFiles.remove(unfinished)
            unfinished = nil
        }
        guard close(descriptor.rawValue) == 0, move(temporaryPath, to: target) else {
            let reason = systemErrorText()
            remove(temporaryPath)
            throw .writeFailed(path: path, reason: reason)
        }
        if durably { try syncFolder() }
    }

    /// Puts the target's name on the disk, where that can be done for a folder: one that may be written to and not be
    /// read cannot be opened, and some file systems have no such thing.
    private func syncFolder() throws(FileError) {
        let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "."
        let impossible: [Errno] = [.permissionDenied, .notPermitted, .notSupported, .invalidArgument]
        try systemCalls(failingAs: { .writeFailed(path: path, reason: $0) }) {
            do {
                let descriptor = try FileDescriptor.open(path: folder, .readOnly, options: .directory)
                defer { descriptor.release() }
                if fsync(descriptor.rawValue) != 0 { throw Errno(rawValue: errno) }
            } catch let error as Errno where impossible.contains(error) {}
        }
    }

    /// Hands on what was held back to write more at a time.
    package func flush() throws(FileError) {
        try buffer.withUnsafeBytes { raw in Result { () throws(FileError) in try writeAll(raw) } }.get()
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes over what was written before.
    ///
    /// - Precondition: so many bytes were written, to a changeable file.
    func overwrite(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        try flush()
        try systemCalls(failingAs: { .writeFailed(path: path, reason: $0) }) {
            _ = try descriptor.writeAll(toAbsoluteOffset: Int64(offset), bytes)
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
            let count = try systemCalls(failingAs: { .readFailed(path: path, reason: $0) }) {
                try piece.withUnsafeMutableBytes {
                    try descriptor.read(fromAbsoluteOffset: Int64(offset), into: $0)
                }
            }
            if count == 0 { return }
            try piece.withUnsafeBytes { bytes in
                Result { () throws(FileError) in try body(UnsafeRawBufferPointer(rebasing: bytes[..<count])) }
            }.get()
            offset += count
        }
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        try systemCalls(failingAs: { .writeFailed(path: path, reason: $0) }) { _ = try descriptor.writeAll(bytes) }
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
    let nameStart = target.lastIndex(of: "/").map { target.index(after: $0) } ?? target.startIndex
    let base =
        isReplaceable(target)
        ? target[..<nameStart] + shortened(target[nameStart...]) : "\(folder)/gossamer"
    return "\(base).\(getpid()).\(UInt32.random(in: 0...UInt32.max)).\(ending)"
}

/// A file's name, or the beginning of one that would be longer than the system allows with what temporary names add.
private func shortened(_ name: Substring) -> String {
    let (mostBytes, added) = (255, ".1234567890.1234567890.partial".utf8.count)
    var short = name
    while PathText.bytes(of: String(short)).count > mostBytes - added { short.removeLast() }
    return String(short)
}

/// Opens a file that goes away with its descriptor, on the disk of a target if that is a file: without a name from the
/// beginning where the file system can do that, so that nothing is left whatever ends the program.
///
/// - Throws: `FileError.cannotCreate`.
package func namelessFile(besides target: String) throws(FileError) -> FileDescriptor {
    let name = temporaryName(besides: target, ending: "spool")
    let permissions = FilePermissions.ownerReadWrite
    #if canImport(Glibc)
        let folder = name.lastIndex(of: "/").map { String(name[...$0]) } ?? "."
        // O_TMPFILE, a macro that does not come through.
        let options = FileDescriptor.OpenOptions(rawValue: 0o20000000).union(.directory)
        let unnamed = try? FileDescriptor.open(path: folder, .readWrite, options: options, permissions: permissions)
        if let unnamed { return unnamed }
    #endif
    return try systemCalls(failingAs: { .cannotCreate(path: target, reason: $0) }) {
        let named = try FileDescriptor.open(
            path: name, .readWrite, options: [.create, .exclusiveCreate], permissions: permissions)
        remove(name)
        return named
    }
}

/// Where a path leads in the end; a link may lead to where there is no file yet.
///
/// - Throws: `FileError.cannotCreate` for links that lead back to themselves.
func resolvingLinks(_ path: String) throws(FileError) -> String {
    if let resolved = path.withSystemPath({ realpath($0, nil) }) {
        defer { free(resolved) }
        return PathText.text(of: resolved)
    }
    var place = path
    // As many as the system follows.
    for _ in 0..<40 {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = place.withSystemPath { readlink($0, &bytes, Int(PATH_MAX)) }
        if count < 0 { return place }
        let next = PathText.text(of: bytes)
        let folder = place.lastIndex(of: "/").map { String(place[...$0]) } ?? ""
        place = next.hasPrefix("/") ? next : folder + next
    }
    throw .cannotCreate(path: path, reason: "it is a link that leads back to itself")
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
