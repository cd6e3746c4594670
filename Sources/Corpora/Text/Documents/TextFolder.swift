import FileIO

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Text files in one folder per class.
enum TextFolder: TextFormat {
    static func folder(_ path: String) -> String? { "it is a folder" }

    static func layout(
        of first: [UInt8], options: TextInputOptions, name: String
    ) throws(FileError) -> DecidedLayout { preconditionFailure("a folder's files say where they end") }

    /// The layout of complete files, one after another.
    struct Layout: DocumentLayout {
        let files: [Document]

        struct Document: Sendable {
            var label: String?
            var id: String
            var range: Range<Int>
        }

        func forEachDocument(
            in bytes: UnsafeBufferPointer<UInt8>, of name: String, _ options: TextInputOptions,
            _ body: (TextDocument) -> Void
        ) -> LineTally {
            for file in files {
                withBytes(file.label ?? "") { label in
                    withBytes(file.id) { id in
                        body(
                            TextDocument(label: label, id: id, text: UnsafeBufferPointer(rebasing: bytes[file.range])))
                    }
                }
            }
            return LineTally()
        }
    }
}

/// The files of a folder that has one folder for each class, in the order of the bytes of their paths.
///
/// Files of a class may be in nested folders. A folder that contains no folders holds documents without labels.
struct ClassFolders {
    struct File: Equatable {
        var label: String?
        /// The path relative to the outermost folder.
        var id: String
    }

    private(set) var files: [File] = []
    /// The number of hidden files and files beside the class folders.
    private(set) var skipped = 0
    private let root: String
    private static let deepest = 64

    /// - Throws: `FileError.unreadable` about the first folder that cannot be listed.
    init(root: String) throws(FileError) {
        self.root = root
        let (folders, files) = try list("")
        if folders.isEmpty {
            self.files = files.map { File(label: nil, id: $0) }
            return
        }
        skipped += files.count
        for folder in folders { try collect(folder, label: folder, depth: 1) }
    }

    private mutating func collect(_ folder: String, label: String, depth: Int) throws(FileError) {
        guard depth < Self.deepest else {
            throw .unreadable(
                path: path(folder),
                reason: "folders are nested deeper than \(Self.deepest) levels; does a link lead back?")
        }
        let (folders, files) = try list(folder)
        var entries = files.map { (name: $0, isFolder: false) } + folders.map { (name: $0, isFolder: true) }
        entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for entry in entries {
            let relative = "\(folder)/\(entry.name)"
            if entry.isFolder {
                try collect(relative, label: label, depth: depth + 1)
            } else {
                self.files.append(File(label: label, id: relative))
            }
        }
    }

    func path(_ relative: String) -> String { relative.isEmpty ? root : "\(root)/\(relative)" }

    private mutating func list(_ folder: String) throws(FileError) -> (folders: [String], files: [String]) {
        let folder = path(folder)
        guard let stream = folder.withSystemPath({ opendir($0) }) else {
            throw .unreadable(path: folder, reason: systemErrorText())
        }
        defer { closedir(stream) }
        var folders: [String] = []
        var files: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { PathText.text(of: $0) }
            }
            if name == "." || name == ".." { continue }
            if name.utf8.first == UInt8(ascii: ".") {
                skipped += 1
            } else if case let kind = FileKind(path: "\(folder)/\(name)"), kind != .file {
                guard kind == .folder else {
                    throw .unreadable(
                        path: "\(folder)/\(name)", reason: "it is a device, a pipe or a link to nowhere, not a document"
                    )
                }
                folders.append(name)
            } else {
                files.append(name)
            }
        }
        let inOrder: (String, String) -> Bool = { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return (folders.sorted(by: inOrder), files.sorted(by: inOrder))
    }
}

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return path.withSystemPath { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
}
