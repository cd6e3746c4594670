import CArchive
import FileIO

/// A zip archive of NumPy arrays (`.npz`), compressed or not. Pickled objects, which could run any code, are never
/// unpickled but refused.
package final class NpzFile {
    /// What messages call the file.
    package let name: String
    private let input: InputBytes
    /// The arrays' names, without `.npy`, in the order of the archive.
    package let arrayNames: [String]

    private static let ending = ".npy"

    /// The size of the archive.
    package var contentBytes: Int { input.bytes.count }

    /// - Parameter path: `-` is standard input.
    /// - Throws: `FileError.badData` if it is not a zip archive, or one of files that are no arrays.
    package convenience init(path: String) throws(FileError) { try self.init(input: try InputBytes(path: path)) }

    package init(input: InputBytes) throws(FileError) {
        self.input = input
        name = input.name
        guard Self.hasEnd(input.bytes) else {
            throw .badData(
                BadData(
                    path: input.name, found: "a zip archive without its end", expected: "a whole .npz file",
                    advice: "the file was cut short or altered: copy it again, or write it again with numpy"))
        }
        var names: [String] = []
        var others: [String] = []
        try Self.forEachEntry(of: input) { (entry, _) throws(FileError) in
            if entry.hasSuffix(Self.ending) { names.append(entry) } else { others.append(entry) }
            return true
        }
        guard !names.isEmpty || others.isEmpty else {
            throw .badData(
                BadData(
                    path: input.name, found: "a zip archive of other files, such as '\(others[0])'",
                    expected: "NumPy arrays, as scipy.sparse.save_npz writes them",
                    advice: "unpack it, and read what is in it"))
        }
        arrayNames = names.map { String($0.dropLast(Self.ending.count)) }
    }

    /// Whether an archive ends in what zip files end in: a record of 22 bytes, and a comment as long as it says. Without
    /// it libarchive would read what is left of the files.
    private static func hasEnd(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (recordSize, longestComment) = (22, 0xFFFF)
        guard bytes.count >= recordSize else { return false }
        let last = bytes.count - recordSize
        return (max(0, last - longestComment)...last).reversed().contains { place in
            bytes[place...].starts(with: [0x50, 0x4B, 0x05, 0x06])
                && last - place == Int(bytes[place + 20]) | Int(bytes[place + 21]) << 8
        }
    }

    /// Reads one array, nil if the archive has none of this name.
    ///
    /// - Throws: `FileError.badData` if the array is damaged, of pickled objects, or not as long as it says.
    package func array(named wanted: String) throws(FileError) -> NpzArray? {
        var array: NpzArray?
        try Self.forEachEntry(of: input) { (entry, content) throws(FileError) in
            guard entry == wanted + Self.ending else { return true }
            array = try NpzArray(name: wanted, archive: input.name, content: try content())
            return false
        }
        return array
    }

    /// Goes through the archive until `body` returns false; `content` decompresses the entry that it is about.
    private static func forEachEntry(
        of input: InputBytes, _ body: (String, () throws(FileError) -> ByteBuffer) throws(FileError) -> Bool
    ) throws(FileError) {
        guard let archive = archive_read_new() else {
            throw .readFailed(path: input.name, reason: "libarchive has no memory left")
        }
        defer { archive_read_free(archive) }
        func damaged() -> FileError {
            let what = archive_error_string(archive).map { String(cString: $0) } ?? "it breaks off"
            return .badData(
                BadData(
                    path: input.name, found: "a damaged zip archive: \(what)", expected: "a whole .npz file",
                    advice: "the file was cut short or altered: copy it again, or write it again with numpy"))
        }
        archive_read_support_format_zip(archive)
        guard archive_read_open_memory(archive, input.bytes.baseAddress, input.bytes.count) == ARCHIVE_OK else {
            throw damaged()
        }
        while true {
            var entry: OpaquePointer?
            switch archive_read_next_header(archive, &entry) {
            case ARCHIVE_EOF: return
            case ARCHIVE_OK, ARCHIVE_WARN: break
            default: throw damaged()
            }
            let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
            let goesOn = try body(name) { () throws(FileError) in
                func check(_ size: Int) throws(FileError) {
                    // An array in the archive, and as indices or values.
                    let (bytes, overflow) = size.multipliedReportingOverflow(by: 2)
                    try AnnouncedSize.check(
                        overflow ? .max : bytes, contentBytes: input.bytes.count,
                        what: "an array '\(name)' of \(size) bytes", path: input.name)
                }
                if archive_entry_size_is_set(entry) != 0 { try check(Int(archive_entry_size(entry))) }
                let content = ByteBuffer()
                while true {
                    let count = try content.append(minimum: 1 << 20) { room throws(FileError) in
                        let count = archive_read_data(archive, room.baseAddress, room.count)
                        if count < 0 { throw damaged() }
                        return count
                    }
                    if count == 0 { return content }
                    // The size in the archive may be missing or wrong.
                    try check(content.count)
                }
            }
            if !goesOn { return }
        }
    }
}
