import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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
