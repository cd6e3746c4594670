import Allocation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The files that this process has mapped into memory, with the sizes and times of change they had then.
///
/// Others may write to a file while it is mapped, and what was checked when it was opened need not hold any more. No
/// pass over its memory could check each element as it goes; so whatever fails, or is about to be handed out, is held
/// against the files instead: nothing that was computed from an altered one is true.
package enum WatchedInputs {
    /// Files at the same time; one more would go unwatched.
    private static let most = 64

    /// Whether files are committed only as long as no input was altered. A program sets it before it starts any thread
    /// if all that it reads is for the sake of all that it writes; in a library's process that need not be so.
    nonisolated(unsafe) package static var guardOutputs = false

    fileprivate struct Entry {
        var descriptor: Int32 = -1
        var size = 0
        var seconds = 0
        var nanoseconds = 0
    }

    /// In memory of their own that is never given back: a signal's handler may read them at any moment.
    nonisolated(unsafe) private static let entries: UnsafeMutablePointer<Entry> = {
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: most)
        entries.initialize(repeating: Entry(), count: most)
        return entries
    }()
    private static let changing = Mutex<Void>(())
    private static let wasAltered = Atomic<Bool>(false)

    /// - Parameter descriptor: belongs to the watch from now on; closed at once if there is no place left.
    /// - Returns: what to give to `remove`.
    static func add(_ descriptor: Int32, _ status: stat) -> Int? {
        changing.withLock { _ in
            guard let place = (0..<most).first(where: { entries[$0].descriptor < 0 }) else {
                close(descriptor)
                return nil
            }
            var entry = Entry(status)
            entries[place] = entry
            // The descriptor comes last: until then there is no file here.
            entry.descriptor = descriptor
            entries[place] = entry
            return place
        }
    }

    static func remove(_ place: Int?) {
        guard let place else { return }
        changing.withLock { _ in
            let entry = entries[place]
            if entry.isAltered { wasAltered.store(true, ordering: .relaxed) }
            entries[place].descriptor = -1
            close(entry.descriptor)
        }
    }

    /// Whether a file was written to while it was mapped: one that still is, or one that was before.
    ///
    /// Calls nothing that a signal's handler must not, once it was called for the first time outside of one.
    package static var areAltered: Bool {
        wasAltered.load(ordering: .relaxed) || (0..<most).contains { entries[$0].isAltered }
    }

    static func isAltered(_ place: Int?) -> Bool { place.map { entries[$0].isAltered } ?? false }

    /// Ends the process if outputs are guarded and an input was altered.
    package static func requireUnaltered() {
        if guardOutputs && areAltered { AlteredInput.end() }
    }
}

extension WatchedInputs.Entry {
    init(_ status: stat) {
        size = Int(status.st_size)
        #if canImport(Glibc)
            let time = status.st_mtim
        #else
            let time = status.st_mtimespec
        #endif
        (seconds, nanoseconds) = (Int(time.tv_sec), Int(time.tv_nsec))
    }

    var isAltered: Bool {
        if descriptor < 0 { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        let now = WatchedInputs.Entry(status)
        return (now.size, now.seconds, now.nanoseconds) != (size, seconds, nanoseconds)
    }
}
