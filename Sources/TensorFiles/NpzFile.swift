import CArchive
import FileIO

/// A zip archive of NumPy arrays (`.npz`), compressed or not. Pickled objects, which could execute arbitrary code, are
/// rejected.
package final class NpzFile {
    /// The name of the file in messages.
    package let name: String
    private let input: InputBytes
    /// The arrays' names, without `.npy`, in the order of the archive.
    package let arrayNames: [String]

    private static let ending = ".npy"

    /// The size of the archive in bytes.
    package var contentBytes: Int { input.bytes.count }

    /// - Parameter path: `-` is standard input.
    /// - Throws: `FileError.badData` if the file is not a zip archive, or contains files that are not arrays.
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

    /// Whether the archive has the end record of a zip file: 22 bytes and a comment of the stated length. Without this
    /// check libarchive would read the remaining files of a truncated archive.
    private static func hasEnd(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let (recordSize, longestComment) = (22, 0xFFFF)
        guard bytes.count >= recordSize else { return false }
        let last = bytes.count - recordSize
        return (max(0, last - longestComment)...last).reversed().contains { place in
            bytes[place...].starts(with: [0x50, 0x4B, 0x05, 0x06])
                && last - place == Int(bytes[place + 20]) | Int(bytes[place + 21]) << 8
        }
    }

    /// Reads an array; returns nil if the archive has none of this name.
    ///
    /// - Throws: `FileError.badData` if the array is damaged, contains pickled objects, or has a size that does not
    ///   match its header.
    package func array(named wanted: String) throws(FileError) -> NpzArray? {
        var array: NpzArray?
        try Self.forEachEntry(of: input) { (entry, content) throws(FileError) in
            guard entry == wanted + Self.ending else { return true }
            array = try NpzArray(name: wanted, archive: input.name, content: try content())
            return false
        }
        return array
    }

    /// Iterates over the archive until `body` returns false; `content` decompresses the current entry.
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
                    // The array is in memory twice: as it is in the archive, and converted to indices or values.
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

/// One array of an `.npz` file, in memory.
package final class NpzArray {
    package let name: String
    /// NumPy's name of the element type, such as `<f4`.
    package let type: String
    package let shape: [Int]
    /// Whether the order is row-major, so that the last index varies fastest.
    package let isRowMajor: Bool
    private let archive: String
    private let content: ByteBuffer
    private let dataStart: Int
    private let element: NumPyElement

    init(name: String, archive: String, content: ByteBuffer) throws(FileError) {
        self.name = name
        self.archive = archive
        self.content = content
        let header = try NpyHeader.parse(
            content.bytes, name: archive, advice: "write the file again with scipy.sparse.save_npz")
        (type, shape, dataStart, isRowMajor) = (header.type, header.shape, header.dataStart, header.isRowMajor)
        element = NumPyElement(header.type)
        if type.contains("O") {
            throw bad(
                "is of pickled Python objects, which could run any code when read", "numbers",
                "write a sparse matrix with scipy.sparse.save_npz")
        }
        guard shape.allSatisfy({ $0 >= 0 }) else { throw bad("of shape \(shape)", "a shape", "write the file again") }
        guard element.byteCount > 0 else {
            throw bad("of type \(type)", "numbers, such as float32 or int64", Self.convert)
        }
        // A size that overflows does not match any content.
        let size =
            shape.contains(0)
            ? 0
            : shape.reduce(element.byteCount) { size, extent in
                let (product, overflow) = size.multipliedReportingOverflow(by: extent)
                return overflow ? Int.max : product
            }
        guard content.bytes.count - dataStart == size else {
            throw bad(
                "of \(content.bytes.count - dataStart) bytes", "\(size) for the type \(type) and shape \(shape)",
                "write the file again")
        }
    }

    /// The number of elements.
    package var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }

    /// The text of an array without dimensions that holds bytes or Unicode text; nil for any other array.
    package var text: String? {
        guard shape.isEmpty else { return nil }
        let bytes = content.bytes[dataStart...]
        if type.hasPrefix("|S") { return String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self) }
        guard type.hasPrefix("<U") else { return nil }
        var scalars = String.UnicodeScalarView()
        for place in stride(from: dataStart, to: content.bytes.count - 3, by: 4) {
            let code = content.bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
            if code != 0, let scalar = Unicode.Scalar(code) { scalars.append(scalar) }
        }
        return String(scalars)
    }

    /// The elements, which must be integers.
    ///
    /// - Throws: `FileError.badData` if they are not.
    package func integers() throws(FileError) -> [Int] {
        var integers: [Int] = []
        integers.reserveCapacity(count)
        try forEachInteger { value in
            integers.append(value)
            return true
        }
        return integers
    }

    /// Converts the elements to indices and writes them to `target`, which has room for `count`.
    ///
    /// - Throws: `FileError.badData` if the elements are not integers, or one is negative or not below `limit`.
    package func copyIndices(to target: UnsafeMutablePointer<UInt32>, below limit: Int) throws(FileError) {
        var place = 0
        var wrong: Int?
        try forEachInteger { value in
            guard value >= 0, value < limit else {
                wrong = value
                return false
            }
            target[place] = UInt32(truncatingIfNeeded: value)
            place += 1
            return true
        }
        guard let wrong else { return }
        throw bad(
            "with \(wrong) at position \(place)", limit == 0 ? "no entry" : "indices from 0 to \(limit - 1)",
            "check the shape of the matrix, and write the file again")
    }

    /// Converts the elements to the nearest Floats and writes them to `target`, which has room for `count`.
    ///
    /// - Returns: the number of elements that are not exactly representable.
    /// - Throws: `FileError.badData` if they are not numbers, or one is not finite as a Float.
    package func copyFloats(to target: UnsafeMutablePointer<Float>) throws(FileError) -> Int {
        guard let done = element.convert(data, count: count, to: target) else {
            throw bad("of type \(type)", "numbers, such as float32 or int64", Self.convert)
        }
        if let place = done.firstNotFinite {
            throw bad(
                "with a number at position \(place) that is not finite or too large",
                "finite numbers of at most 3.4028235e38 in size", "replace or remove the entry")
        }
        return done.rounded
    }

    /// The elements in their stored form.
    var data: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: content.bytes[dataStart...]) }

    /// Calls `body` with each element in order until it returns false.
    private func forEachInteger(_ body: (Int) -> Bool) throws(FileError) {
        guard element.forEachInteger(data, count: count, body) else {
            throw bad("of type \(type)", "whole numbers, such as int32 or int64", Self.convert)
        }
    }

    private static let convert: Message =
        "convert it with astype('float32') or astype('int64') in NumPy, and write the file again"

    /// The error about this array.
    package func bad(_ found: String, _ expected: Message, _ advice: Message) -> FileError {
        .badData(BadData(path: archive, found: "array '\(name)' \(found)", expected: expected, advice: advice))
    }
}
