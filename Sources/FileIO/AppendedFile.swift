import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that grows at its end and keeps what it has: each append is handed to the system at once, so that whatever
/// ends the program leaves all that was appended before. No other program that opens it like this gets it meanwhile.
package final class AppendedFile {
    package let path: String
    private let descriptor: FileDescriptor

    /// Opens a file, or makes an empty one.
    ///
    /// - Throws: `FileError.cannotCreate` if that cannot be done, or another program appends to it.
    package init(path: String) throws(FileError) {
        self.path = path
        switch FileKind(path: path) {
        case .folder: throw .cannotCreate(path: path, reason: "it is a folder")
        case .other: throw .cannotCreate(path: path, reason: "it is no ordinary file")
        case .file, nil: break
        }
        descriptor = try systemCalls(failingAs: { .cannotCreate(path: path, reason: $0) }) {
            try .open(path: path, .readWrite, options: [.create, .append], permissions: .ofOutputs)
        }
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno == EWOULDBLOCK ? "another program is writing to it" : systemErrorText()
            throw .cannotCreate(path: path, reason: reason)
        }
    }

    deinit { descriptor.release() }

    /// All that the file holds.
    package func contents() throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = try systemCalls(failingAs: { .readFailed(path: path, reason: $0) }) {
                try block.withUnsafeMutableBytes {
                    try descriptor.read(fromAbsoluteOffset: Int64(bytes.count), into: $0)
                }
            }
            if count == 0 { return bytes }
            bytes += block.prefix(count)
        }
    }

    /// Drops all bytes from `length` on.
    package func truncate(to length: Int) throws(FileError) {
        try systemCalls(failingAs: { .writeFailed(path: path, reason: $0) }) {
            try descriptor.resize(to: Int64(length))
        }
    }

    package func append(_ bytes: [UInt8]) throws(FileError) {
        try systemCalls(failingAs: { .writeFailed(path: path, reason: $0) }) { _ = try descriptor.writeAll(bytes) }
    }
}
