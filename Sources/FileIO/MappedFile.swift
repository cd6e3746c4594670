import Allocation
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file's bytes, mapped into memory read-only: opening takes no time and no memory, whatever the size.
///
/// After the file's last page there is one more of line feeds: a search for one ends there even if the file loses those
/// it had when it was opened, since others may write to it meanwhile.
package final class MappedFile: @unchecked Sendable {
    package let path: String
    package let bytes: UnsafeRawBufferPointer
    /// The file's place among those that are watched for changes.
    private let watch: Int?

    /// - Throws: `FileError.unreadable` if the file is missing, may not be read or is not a regular file.
    package init(path: String) throws(FileError) {
        self.path = path
        guard path != "-" else {
            throw .unreadable(path: "<stdin>", reason: "it is mapped into memory, so it has to be a file")
        }
        let descriptor = try systemCalls(failingAs: { .unreadable(path: path, reason: $0) }) {
            try FileDescriptor.open(path: path, .readOnly)
        }
        var status = stat()
        do throws(FileError) {
            bytes = try Self.content(descriptor.rawValue, &status, path: path)
        } catch {
            descriptor.release()
            throw error
        }
        watch = WatchedInputs.add(descriptor.rawValue, status)
    }

    private static func content(
        _ descriptor: Int32, _ status: inout stat, path: String
    ) throws(FileError) -> UnsafeRawBufferPointer {
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, reason: systemErrorText()) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "it is not a regular file")
        }
        let size = Int(status.st_size)
        if size == 0 { return UnsafeRawBufferPointer(start: nil, count: 0) }
        guard let start = map(descriptor, size: size) else {
            if errno == ENOMEM { OutOfMemory.end(size) }
            throw .unreadable(path: path, reason: systemErrorText())
        }
        return UnsafeRawBufferPointer(start: start, count: size)
    }

    private static let pageSize = Int(getpagesize())

    /// The bytes that a file takes in whole pages.
    private static func pages(of size: Int) -> Int { (size + pageSize - 1) / pageSize * pageSize }

    /// Addresses alone are asked for first, which no limit of memory counts, however large the file.
    ///
    /// - Returns: nil if the system refuses; `errno` says why.
    private static func map(_ descriptor: Int32, size: Int) -> UnsafeMutableRawPointer? {
        let length = pages(of: size), mappedLength = length + pageSize
        let start = mmap(nil, mappedLength, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start, start != MAP_FAILED else { return nil }
        guard mprotect(start + length, pageSize, PROT_READ | PROT_WRITE) == 0,
            memset(start + length, Int32(UInt8(ascii: "\n")), pageSize) == start + length,
            mprotect(start + length, pageSize, PROT_READ) == 0,
            mmap(start, length, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == start
        else {
            let reason = errno
            munmap(start, mappedLength)
            errno = reason
            return nil
        }
        return start
    }

    /// Whether somebody has written to the file since it was opened.
    var isAltered: Bool { WatchedInputs.isAltered(watch) }

    /// Gives back the memory of pages that were read; they are read again from the file if they are needed again.
    package func release() {
        if let start = bytes.baseAddress {
            madvise(UnsafeMutableRawPointer(mutating: start), bytes.count, Int32(MADV_DONTNEED))
        }
    }

    deinit {
        WatchedInputs.remove(watch)
        if let start = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: start), Self.pages(of: bytes.count) + Self.pageSize)
        }
    }
}
