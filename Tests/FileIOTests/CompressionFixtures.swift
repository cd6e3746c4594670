import CArchive
import Foundation

@testable import FileIO

/// Compresses bytes through libarchive's writer.
func compress(_ bytes: [UInt8], as compression: Compression) -> [UInt8] {
    guard let archive = archive_write_new() else { fatalError("no memory") }
    defer { archive_write_free(archive) }
    switch compression {
    case .gzip: archive_write_add_filter_gzip(archive)
    case .bzip2: archive_write_add_filter_bzip2(archive)
    case .xz: archive_write_add_filter_xz(archive)
    case .zstd: archive_write_add_filter_zstd(archive)
    }
    archive_write_set_format_raw(archive)
    archive_write_set_bytes_in_last_block(archive, 1)
    var compressed = [UInt8](repeating: 0, count: bytes.count * 2 + 1 << 16)
    var used = 0
    archive_write_open_memory(archive, &compressed, compressed.count, &used)
    let entry = archive_entry_new()
    archive_entry_set_filetype(entry, 0o100000)  // a regular file
    archive_write_header(archive, entry)
    archive_write_data(archive, bytes, bytes.count)
    archive_entry_free(entry)
    archive_write_close(archive)
    return Array(compressed[..<used])
}

/// Writes bytes to a file that lives as long as `body` runs.
func withTemporaryFile<R>(_ bytes: [UInt8], _ body: (String) throws -> R) throws -> R {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("input-\(UUID().uuidString)")
    try Data(bytes).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
}

/// A small deterministic generator (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
