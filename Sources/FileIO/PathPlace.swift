#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a path leads, whatever it is spelled like: links, `./` and hard links do not matter.
package enum PathPlace: Hashable {
    case existing(device: UInt64, inode: UInt64)
    /// Where there is no file yet: a name in a folder.
    case new(device: UInt64, inode: UInt64, name: String)

    /// nil for standard input and output, devices and pipes, which nothing replaces, and where there is not even a
    /// folder.
    package init?(path: String) {
        if path == "-" { return nil }
        var status = stat()
        if path.withSystemPath({ stat($0, &status) }) == 0 {
            guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return nil }
            self = .existing(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
            return
        }
        guard let target = try? resolvingLinks(path) else { return nil }
        let (folder, name) = Self.parts(of: target)
        guard folder.withSystemPath({ stat($0, &status) }) == 0 else { return nil }
        self = .new(device: UInt64(status.st_dev), inode: UInt64(status.st_ino), name: name)
    }

    /// The file that standard input is read from; nil if it is none.
    package static var standardInput: PathPlace? {
        var status = stat()
        guard fstat(STDIN_FILENO, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return .existing(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// Whether a path leads to somewhere below a folder.
    package static func isBelow(_ path: String, folder: String) -> Bool {
        guard path != "-", FileKind(path: folder) == .folder, let root = realPath(folder),
            let target = try? resolvingLinks(path),
            let start = realPath(parts(of: target).folder)
        else { return false }
        return start == root || start.hasPrefix(root == "/" ? root : root + "/")
    }

    private static func parts(of path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (String(path[...slash]), String(path[path.index(after: slash)...]))
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = path.withSystemPath({ realpath($0, nil) }) else { return nil }
        defer { free(resolved) }
        return PathText.text(of: resolved)
    }
}

/// What a path leads to.
package enum FileKind {
    case file, folder, other

    /// nil if it leads nowhere.
    package init?(path: String) {
        var status = stat()
        guard path.withSystemPath({ stat($0, &status) }) == 0 else { return nil }
        switch status.st_mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        default: self = .other
        }
    }

    /// The bytes of a file; nil for what is none.
    package static func size(ofFile path: String) -> Int? {
        var status = stat()
        guard path.withSystemPath({ stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }
}

/// Paths as text. To the system a file's name is bytes, which need not be UTF-8; a `String` would replace those that are
/// not, and the file would not be found again.
///
/// Each byte that is part of no UTF-8 stands in the text as the private scalar U+10FF00 + byte, and so do the bytes of
/// such scalars where a name really has them: every name has one text, and every text leads back to its name.
package enum PathText {
    private static let firstScalar: UInt32 = 0x10_FF00

    /// The text of a name from the system, which ends in a zero byte.
    package static func text(of name: UnsafePointer<CChar>) -> String {
        if let text = String(validatingCString: name), !text.unicodeScalars.contains(where: isStandIn) { return text }
        let bytes = UnsafeRawBufferPointer(start: name, count: length(of: name))
        var scalars = String.UnicodeScalarView()
        var position = 0
        while position < bytes.count {
            let (scalar, count) = scalar(in: bytes, at: position)
            if let scalar, !isStandIn(scalar) {
                scalars.append(scalar)
            } else {
                for byte in bytes[position..<position + count] { scalars.append(standIn(for: byte)) }
            }
            position += count
        }
        return String(scalars)
    }

    /// The bytes that a text stands for, without a zero at the end.
    package static func bytes(of text: String) -> [UInt8] {
        guard text.unicodeScalars.contains(where: isStandIn) else { return Array(text.utf8) }
        return text.unicodeScalars.flatMap { scalar in
            isStandIn(scalar) ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(String(scalar).utf8)
        }
    }

    /// The program's arguments without its own name, each so that a path in it leads to its file.
    package static var arguments: [String] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { CommandLine.unsafeArgv[$0].map { text(of: $0) } }
    }

    private static func isStandIn(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= firstScalar + 0x80 }

    private static func standIn(for byte: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(firstScalar + UInt32(byte)) ?? "\u{FFFD}"
    }

    /// The scalar at a place and its length; nil, and 1, if there is none.
    private static func scalar(in bytes: UnsafeRawBufferPointer, at position: Int) -> (Unicode.Scalar?, count: Int) {
        for count in 1...min(4, bytes.count - position) {
            let part = bytes[position..<position + count]
            if let text = String(validating: part, as: UTF8.self), let scalar = text.unicodeScalars.first {
                return (scalar, count)
            }
        }
        return (nil, 1)
    }

    private static func length(of name: UnsafePointer<CChar>) -> Int {
        var length = 0
        while name[length] != 0 { length += 1 }
        return length
    }
}

extension String {
    /// Calls `body` with the bytes of a path as the system knows it; see `PathText`.
    package func withSystemPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        guard unicodeScalars.contains(where: { $0.value >= 0x10_FF80 }) else { return try withCString(body) }
        var bytes = PathText.bytes(of: self).map { CChar(bitPattern: $0) }
        bytes.append(0)
        // There is always a first element.
        return try bytes.withUnsafeBufferPointer { try body($0.baseAddress.unsafelyUnwrapped) }
    }
}
