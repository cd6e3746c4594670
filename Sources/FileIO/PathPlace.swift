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
