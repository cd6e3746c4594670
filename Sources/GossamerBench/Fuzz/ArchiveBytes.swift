import CArchive
import FileIO

/// Archives and compressed streams created in memory.
enum ArchiveBytes {
    /// A zip archive without compression.
    static func zip(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        written(files) { archive in
            archive_write_set_format_zip(archive)
            archive_write_set_options(archive, "zip:compression=store")
        }
    }

    static func compressed(_ bytes: [UInt8], by compression: Compression) -> [UInt8] {
        written([("content", bytes)]) { archive in
            archive_write_set_format_raw(archive)
            switch compression {
            case .gzip: archive_write_add_filter_gzip(archive)
            case .bzip2: archive_write_add_filter_bzip2(archive)
            case .xz: archive_write_add_filter_xz(archive)
            case .zstd: archive_write_add_filter_zstd(archive)
            }
        }
    }

    private static func written(
        _ files: [(name: String, bytes: [UInt8])], _ configure: (OpaquePointer) -> Void
    ) -> [UInt8] {
        guard let archive = archive_write_new() else { preconditionFailure("there is no memory for an archive") }
        configure(archive)
        // Room for incompressible content, and for headers of at most a kilobyte per file.
        let capacity = files.reduce(1 << 16) { $0 + 2 * $1.bytes.count + 1024 }
        return [UInt8](unsafeUninitializedCapacity: capacity) { room, count in
            archive_write_open_memory(archive, room.baseAddress, capacity, &count)
            for file in files {
                let entry = archive_entry_new()
                archive_entry_set_pathname_utf8(entry, file.name)
                archive_entry_set_size(entry, Int64(file.bytes.count))
                archive_entry_set_filetype(entry, 0o100000)
                archive_entry_set_perm(entry, 0o644)
                archive_write_header(archive, entry)
                archive_entry_free(entry)
                _ = file.bytes.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
            }
            archive_write_close(archive)
            archive_write_free(archive)
        }
    }
}
