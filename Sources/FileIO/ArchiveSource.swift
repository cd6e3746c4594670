import CArchive

/// Decompresses bzip2, xz and zstd through libarchive.
///
/// Not gzip: libarchive skips its checksums.
final class ArchiveSource: ByteSource {
    private let feed: ArchiveFeed
    private let compression: Compression
    private let archive: OpaquePointer
    private var isAtEnd = false

    init(_ raw: RawInput, compression: Compression) throws(FileError) {
        feed = ArchiveFeed(raw)
        self.compression = compression
        guard let archive = archive_read_new() else {
            throw .readFailed(path: raw.name, reason: "libarchive has no memory left")
        }
        self.archive = archive
        // Named, not guessed: libarchive would take some plain texts for encodings of its own.
        let filter = archive_read_append_filter(archive, compression.archiveFilter)
        // ARCHIVE_WARN says that an external program does the work; then the library was built without this one.
        guard filter == ARCHIVE_OK else {
            throw .readFailed(path: raw.name, reason: "this libarchive cannot read \(compression.rawValue)")
        }
        archive_read_support_format_raw(archive)
        archive_read_support_format_empty(archive)
        let opened = archive_read_open(archive, Unmanaged.passUnretained(feed).toOpaque(), nil, fillFeed, nil)
        // A stream damaged before its first byte of content passes for an empty one, but opening it leaves an error
        // behind.
        guard opened == ARCHIVE_OK, archive_errno(archive) == 0 else { throw failure() }
        var entry: OpaquePointer?
        switch archive_read_next_header(archive, &entry) {
        case ARCHIVE_OK: break
        case ARCHIVE_EOF: try finish()
        default: throw failure()
        }
    }

    deinit { archive_read_free(archive) }

    func read(into room: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        if isAtEnd || room.isEmpty { return 0 }
        let count = archive_read_data(archive, room.baseAddress, room.count)
        if count < 0 { throw failure() }
        if count == 0 { try finish() }
        return count
    }

    /// Makes sure that nothing but zeros follows the stream.
    private func finish() throws(FileError) {
        isAtEnd = true
        let consumed = Int(archive_filter_bytes(archive, -1))
        guard try feed.restIsZeros(after: consumed) else {
            throw compression.damaged("other bytes follow it, from byte \(consumed + 1)", name: feed.raw.name)
        }
    }

    private func failure() -> FileError {
        if let error = feed.error { return error }
        let text = archive_error_string(archive).map { String(cString: $0) }
        return compression.damaged(text ?? "the stream breaks off", name: feed.raw.name)
    }
}

/// What libarchive reads from.
private final class ArchiveFeed {
    let raw: RawInput
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    /// What reading ended in, since it cannot be thrown through libarchive.
    var error: FileError?
    private var delivered = 0
    /// Of the bytes that are still in the room, also once the end was met.
    private var lastCount = 0

    init(_ raw: RawInput) { self.raw = raw }

    deinit { room.deallocate() }

    func fill() throws(FileError) -> Int {
        let count = try raw.read(into: room)
        if count > 0 { lastCount = count }
        delivered += count
        return count
    }

    /// Whether all bytes from `position` to the end are zero, as far as they are still at hand.
    func restIsZeros(after position: Int) throws(FileError) -> Bool {
        var unread = min(delivered - position, lastCount)
        repeat {
            guard room[(lastCount - unread)..<lastCount].allSatisfy({ $0 == 0 }) else { return false }
            unread = try fill()
        } while unread > 0
        return true
    }
}

private func fillFeed(
    _: OpaquePointer?, client: UnsafeMutableRawPointer?, start: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
    guard let client else { return -1 }
    let feed = Unmanaged<ArchiveFeed>.fromOpaque(client).takeUnretainedValue()
    start?.pointee = UnsafeRawPointer(feed.room.baseAddress)
    do throws(FileError) {
        return try feed.fill()
    } catch {
        feed.error = error
        return -1
    }
}

extension Compression {
    fileprivate var archiveFilter: Int32 {
        switch self {
        case .gzip: ARCHIVE_FILTER_GZIP
        case .bzip2: ARCHIVE_FILTER_BZIP2
        case .xz: ARCHIVE_FILTER_XZ
        case .zstd: ARCHIVE_FILTER_ZSTD
        }
    }
}
