import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// An output file of which something is known only at the end, such as how many rows it has: until `commit` its bytes
/// can be changed. It appears whole or not at all, as `AtomicFile` says.
///
/// For standard output, devices and pipes the bytes wait in a temporary file until then, or else go out as they come
/// and cannot be changed.
package final class DraftFile {
    package let path: String
    /// Whether what was written can still be changed.
    package let isChangeable: Bool
    private var file: AtomicFile

    /// - Parameter flowing: whether bytes for standard output, devices and pipes go out as they come.
    /// - Throws: `FileError.cannotCreate`.
    package init(path: String, flowing: Bool = false) throws(FileError) {
        self.path = path
        isChangeable = !flowing || isReplaceable(path)
        file = isChangeable ? try AtomicFile.changeable(path: path) : try AtomicFile(path: path)
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) { try file.write(bytes) }

    package func write(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes) }

    /// Hands on what was written, if it goes out as it comes.
    package func flow() throws(FileError) {
        if !isChangeable { try file.flush() }
    }

    /// Writes over the first bytes.
    ///
    /// - Precondition: the file is changeable and has as many bytes.
    package func replaceStart(with bytes: [UInt8]) throws(FileError) {
        precondition(isChangeable, "\(path) cannot be changed any more")
        try file.overwrite(bytes, at: 0)
    }

    /// Puts bytes before what was written.
    ///
    /// - Precondition: the file is changeable.
    /// - Complexity: O(bytes written), on disk; memory holds a megabyte of them.
    package func prepend(_ bytes: [UInt8]) throws(FileError) {
        try rewrite { old, new throws(FileError) in
            try new.write(bytes)
            try old.forEachPiece { piece throws(FileError) in try new.write(piece) }
        }
    }

    /// Changes each line that was written.
    ///
    /// - Parameter change: gets a line without its end and its number; appends what is to stand there, with its end.
    /// - Precondition: the file is changeable, and what was written are whole lines.
    /// - Complexity: as `prepend`.
    package func changeLines(
        _ change: (_ line: UnsafeRawBufferPointer, _ number: Int, _ result: inout [UInt8]) -> Void
    ) throws(FileError) {
        try rewrite { old, new throws(FileError) in
            var (line, result, number) = ([UInt8](), [UInt8](), 0)
            try old.forEachPiece { piece throws(FileError) in
                for byte in piece {
                    if byte != UInt8(ascii: "\n") {
                        line.append(byte)
                        continue
                    }
                    line.withUnsafeBytes { change($0, number, &result) }
                    line.removeAll(keepingCapacity: true)
                    number += 1
                }
                try new.write(result)
                result.removeAll(keepingCapacity: true)
            }
        }
    }

    private func rewrite(_ body: (_ old: AtomicFile, _ new: AtomicFile) throws(FileError) -> Void) throws(FileError) {
        precondition(isChangeable, "\(path) cannot be changed any more")
        let new = try AtomicFile.changeable(path: path)
        try body(file, new)
        file = new
    }

    /// Makes the file appear under its name, or sends it there.
    package func commit() throws(FileError) {
        guard isChangeable, !isReplaceable(path) else { return try file.commit() }
        let output = try AtomicFile(path: path)
        try file.forEachPiece { piece throws(FileError) in try output.write(piece) }
        try output.commit()
    }
}

/// The temporary files that this process would leave behind if it ended now, so that a signal's handler can remove them.
package enum UnfinishedFiles {
    /// Files at the same time; one more would stay if a signal ended the process.
    private static let most = 64
    private static let pathSize = 4096
    /// Paths in memory of their own that is never given back: a handler may read them at any moment.
    nonisolated(unsafe) private static let paths: UnsafeMutablePointer<CChar> = {
        let paths = UnsafeMutablePointer<CChar>.allocate(capacity: most * pathSize)
        paths.initialize(repeating: 0, count: most * pathSize)
        return paths
    }()
    private static let changing = Mutex<Void>(())
    private static let ending = Atomic<Bool>(false)

    /// Whether the process is about to end by a signal, so that whoever makes a temporary file from now on has to remove
    /// it.
    static var isEnding: Bool { ending.load(ordering: .sequentiallyConsistent) }

    /// - Returns: what to give to `remove`; nil if there is no place left.
    static func add(_ path: String) -> Int? {
        changing.withLock { _ in
            guard let place = (0..<most).first(where: { paths[$0 * pathSize] == 0 }) else { return nil }
            let bytes = PathText.bytes(of: path)
            guard !bytes.isEmpty, bytes.count < pathSize else { return nil }
            let start = paths + place * pathSize
            // The first byte comes last: until then there is no path here.
            for i in (0...bytes.count).reversed() { start[i] = i < bytes.count ? CChar(bitPattern: bytes[i]) : 0 }
            return place
        }
    }

    static func remove(_ place: Int?) {
        guard let place else { return }
        changing.withLock { _ in paths[place * pathSize] = 0 }
    }

    /// Removes the files. Calls nothing that a signal's handler must not, once it was called for the first time outside
    /// of one; takes no lock.
    package static func removeAll(isEnding: Bool = true) {
        if isEnding { ending.store(true, ordering: .sequentiallyConsistent) }
        for place in 0..<most where paths[place * pathSize] != 0 { unlink(paths + place * pathSize) }
    }
}
