import CArchive
import FileIO

/// Writes several NumPy arrays to one `.npz` file, an uncompressed zip archive, as a stream: each array's type and
/// shape are declared, then its elements follow in chunks. Large archives use zip64 automatically. The entries have no
/// time stamp, so the same content gives the same bytes. The file is created by `commit()`, complete or not at all.
package final class NpzWriter {
    private let sink: ArchiveSink
    private let archive: OpaquePointer
    private var isCommitted = false
    private var current: TensorDescription?
    private var elementsLeft = 0

    /// - Throws: `FileError.cannotCreate` or `.writeFailed`.
    package init(path: String) throws(FileError) {
        sink = ArchiveSink(file: try AtomicFile(path: path))
        guard let archive = archive_write_new() else {
            throw .writeFailed(path: path, reason: "there is no memory for an archive")
        }
        self.archive = archive
        try check(archive_write_set_format_zip(archive))
        try check(archive_write_set_options(archive, "zip:compression=store"))
        // Bytes are passed directly to the file, which has a buffer.
        try check(archive_write_set_bytes_per_block(archive, 0))
        let context = Unmanaged.passUnretained(sink).toOpaque()
        try check(
            archive_write_open(
                archive, context, nil,
                { (_, context, bytes, count) in
                    guard let context else { return -1 }
                    let sink = Unmanaged<ArchiveSink>.fromOpaque(context).takeUnretainedValue()
                    return sink.write(UnsafeRawBufferPointer(start: bytes, count: count))
                },
                nil))
    }

    deinit {
        // An abandoned archive must not write its end record when it is freed.
        if !isCommitted { archive_write_fail(archive) }
        archive_write_free(archive)
    }

    /// Starts an array. Its elements follow with `write`.
    ///
    /// - Precondition: the previous array is complete; NumPy supports the type.
    package func beginArray(named name: String, type: TensorType, shape: [Int]) throws(FileError) {
        finishArray()
        guard let typeName = type.npyDescription else { preconditionFailure("arrays cannot be \(type.rawValue)") }
        let description = TensorDescription(name: name, type: type, shape: shape)
        let header = NpyHeader.encode(type: typeName, shape: shape)
        try beginEntry("\(name).npy", size: header.count + description.byteCount)
        try writeData(header)
        current = description
        elementsLeft = description.elementCount
    }

    /// Appends elements to the current array.
    ///
    /// - Precondition: the elements have the declared type and do not exceed the shape.
    package func write<Element: TensorElement>(_ elements: UnsafeBufferPointer<Element>) throws(FileError) {
        precondition(current?.type == Element.tensorType, "no array of \(Element.self) was begun")
        precondition(elements.count <= elementsLeft, "\(elements.count) elements, room for \(elementsLeft)")
        try writeData(UnsafeRawBufferPointer(elements))
        elementsLeft -= elements.count
    }

    /// Adds a whole array.
    package func add<Element: TensorElement>(_ elements: [Element], named name: String, shape: [Int]) throws(FileError) {
        try beginArray(named: name, type: Element.tensorType, shape: shape)
        try elements.withUnsafeBufferPointer { (buffer) throws(FileError) in try write(buffer) }
    }

    /// Adds a single byte string, an array without dimensions.
    ///
    /// - Precondition: the text is not empty, since NumPy has no empty byte strings.
    package func add(text: String, named name: String) throws(FileError) {
        finishArray()
        precondition(!text.isEmpty, "array '\(name)' would be an empty text")
        let bytes = NpyHeader.encode(type: "|S\(text.utf8.count)", shape: []) + Array(text.utf8)
        try beginEntry("\(name).npy", size: bytes.count)
        try writeData(bytes)
    }

    /// Completes the file and moves it to its path.
    ///
    /// - Precondition: the last array is complete.
    package func commit() throws(FileError) {
        finishArray()
        try check(archive_write_close(archive))
        isCommitted = true
        try sink.file.commit()
    }

    private func finishArray() {
        precondition(elementsLeft == 0, "array '\(current?.name ?? "")' lacks \(elementsLeft) elements")
        current = nil
    }

    private func beginEntry(_ name: String, size: Int) throws(FileError) {
        let entry = archive_entry_new()
        defer { archive_entry_free(entry) }
        archive_entry_set_pathname_utf8(entry, name)
        archive_entry_set_size(entry, Int64(size))
        archive_entry_set_filetype(entry, regularFile)
        archive_entry_set_perm(entry, 0o644)
        try check(archive_write_header(archive, entry))
    }

    private func writeData(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        guard !bytes.isEmpty else { return }
        guard archive_write_data(archive, bytes.baseAddress, bytes.count) == bytes.count else { throw failure() }
    }

    private func writeData(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(FileError) in try writeData(UnsafeRawBufferPointer(buffer))
        }
    }

    private func check(_ status: Int32) throws(FileError) {
        guard status >= ARCHIVE_WARN else { throw failure() }
    }

    private func failure() -> FileError {
        if let error = sink.error { return error }
        let reason = archive_error_string(archive).map { String(cString: $0) } ?? "the archive cannot be written"
        return .writeFailed(path: sink.file.path, reason: reason)
    }
}

/// `AE_IFREG`, a macro that Swift does not import.
private let regularFile: UInt32 = 0o100000

/// The destination of the archive's bytes; stores an error, which a C function cannot throw.
private final class ArchiveSink {
    let file: AtomicFile
    private(set) var error: FileError?

    init(file: AtomicFile) { self.file = file }

    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        do throws(FileError) {
            try file.write(bytes)
            return bytes.count
        } catch {
            self.error = error
            return -1
        }
    }
}
