import CArchive

/// Decompresses a whole input in chunks through libarchive.
///
/// - Throws: `FileError.badData` if the content ends early, fails its checksum, or goes on after its end with
///   something that is not compressed data.
func decompress(
    _ compressed: UnsafeRawBufferPointer, compression: Compression, name: String
) throws(FileError) -> ByteBuffer {
    guard let archive = archive_read_new() else {
        throw .readFailed(path: name, reason: "libarchive has no memory left")
    }
    defer { archive_read_free(archive) }
    func damaged(_ what: String) -> FileError {
        .badData(
            BadData(
                path: name, found: "damaged \(compression.rawValue) data: \(what)",
                expected: "a whole \(compression.rawValue) stream",
                advice: "the file was cut short or altered; copy or download it again"))
    }
    func archiveError() -> FileError {
        damaged(archive_error_string(archive).map { String(cString: $0) } ?? "the stream breaks off")
    }
    // Named, not guessed: libarchive would take some plain texts for encodings of its own.
    let filter = archive_read_append_filter(archive, compression.archiveFilter)
    // ARCHIVE_WARN says that an external program does the work; then the library was built without this one.
    guard filter == ARCHIVE_OK else {
        throw .readFailed(path: name, reason: "this libarchive cannot read \(compression.rawValue)")
    }
    archive_read_support_format_raw(archive)
    archive_read_support_format_empty(archive)
    // A stream damaged before its first byte of content passes for an empty one, but opening it leaves an error behind.
    guard archive_read_open_memory(archive, compressed.baseAddress, compressed.count) == ARCHIVE_OK,
        archive_errno(archive) == 0
    else { throw archiveError() }
    let content = ByteBuffer()
    var entry: OpaquePointer?
    switch archive_read_next_header(archive, &entry) {
    case ARCHIVE_EOF: break
    case ARCHIVE_OK:
        while true {
            let count = try content.append(minimum: 1 << 20) { room throws(FileError) in
                let count = archive_read_data(archive, room.baseAddress, room.count)
                if count < 0 { throw archiveError() }
                return count
            }
            if count == 0 { break }
        }
    default: throw archiveError()
    }
    let consumed = Int(archive_filter_bytes(archive, -1))
    guard compressed[min(consumed, compressed.count)...].allSatisfy({ $0 == 0 }) else {
        throw damaged("other bytes follow it, from byte \(consumed + 1)")
    }
    if compression == .gzip, !GzipTrailers.verify(compressed, content: content.bytes) {
        throw damaged("its checksum does not match")
    }
    return content
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
