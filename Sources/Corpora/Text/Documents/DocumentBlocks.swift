import FileIO

/// The documents of several inputs, one after the other, in blocks.
struct DocumentBlocks {
    private let paths: [String]
    private let format: TextFormat?
    private let options: TextInputOptions
    private var nextInput = 0
    private var current: Current?
    /// Of labelled text: 2 or 3, what the first such input has.
    private(set) var fields: Int?
    /// What the columns of tables were taken for.
    private(set) var columns: String?
    /// What is odd about tables, in sentences.
    private(set) var notes: [String] = []
    private(set) var filesSkipped = 0
    /// The formats that were met, in order.
    private(set) var formats: [TextFormat] = []

    private enum Current {
        case lines(LineStream, name: String, layout: DocumentBlock.Layout?, format: TextFormat?)
        case folder(ClassFolders, next: Int)
    }

    /// - Parameter format: nil to recognise it, input by input.
    init(paths: [String], format: TextFormat?, options: TextInputOptions) {
        self.paths = paths
        self.format = format
        self.options = options
    }

    /// Up to `count` blocks, and the failure that came after them.
    mutating func next(_ count: Int) -> (blocks: [DocumentBlock], failure: FileError?) {
        var blocks: [DocumentBlock] = []
        do throws(FileError) {
            while blocks.count < count, let block = try next() { blocks.append(block) }
        } catch {
            return (blocks, error)
        }
        return (blocks, nil)
    }

    private mutating func next() throws(FileError) -> DocumentBlock? {
        while true {
            let block: DocumentBlock?
            switch current {
            case nil:
                if nextInput == paths.count { return nil }
                current = try open(paths[nextInput])
                nextInput += 1
                continue
            case .lines(let lines, let name, let layout, let format)?:
                block = try nextLines(lines, name: name, layout: layout, format: format)
            case .folder(let folder, let next)?:
                block = try nextFiles(folder, from: next)
            }
            if let block { return block }
            current = nil
        }
    }

    private mutating func open(_ path: String) throws(FileError) -> Current {
        let isFolder = path != "-" && isFolder(path)
        if isFolder || format == .folder {
            guard isFolder, format ?? .folder == .folder else {
                throw .unreadable(path: path, reason: isFolder ? "it is a folder" : "it is not a folder")
            }
            let folder = try ClassFolders(root: path)
            filesSkipped += folder.skipped
            formats.append(.folder)
            return .folder(folder, next: 0)
        }
        let stream = try ByteStream(path: path)
        let lines = LineStream(stream, blockSize: options.blockSize, mostLines: options.mostLines)
        return .lines(lines, name: stream.name, layout: nil, format: format ?? TextFormat(ending: path))
    }

    private mutating func nextLines(
        _ lines: LineStream, name: String, layout: DocumentBlock.Layout?, format: TextFormat?
    ) throws(FileError) -> DocumentBlock? {
        guard let bytes = try lines.next() else { return nil }
        let format = format ?? TextFormat(firstBytes: bytes)
        if layout == nil, let other = Self.otherThanText(bytes) {
            throw .badData(
                BadData(
                    path: name, line: 1, column: 1, found: other.found, expected: "UTF-8 text (\(format.rawValue))",
                    advice: other.advice))
        }
        let known: DocumentBlock.Layout
        if let layout { known = layout } else { known = try decideLayout(format, bytes, name: name) }
        current = .lines(lines, name: name, layout: known.ofLaterBlocks, format: format)
        return DocumentBlock(name: name, input: nextInput - 1, layout: known, bytes: bytes)
    }

    /// What an input is whose first bytes say that it is no text in UTF-8, whatever format it was called.
    private static func otherThanText(_ bytes: [UInt8]) -> (found: String, advice: String)? {
        if bytes.withUnsafeBytes(HeadShape.isZip) {
            return ("a zip archive", "unpack it; if it is .npz, read it as a matrix")
        }
        if bytes.withUnsafeBytes(HeadShape.isSafetensors) {
            return ("a safetensors file", "it holds numbers: read it as a matrix")
        }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]), bytes.prefix(64).contains(0) {
            return ("UTF-16", "convert it, such as with iconv -f UTF-16 -t UTF-8")
        }
        return nil
    }

    private mutating func decideLayout(
        _ format: TextFormat, _ bytes: [UInt8], name: String
    ) throws(FileError) -> DocumentBlock.Layout {
        formats.append(format)
        switch format {
        case .lines, .folder: return .lines
        case .jsonLines: return .jsonLines
        case .tabSeparated:
            let lines = TabSeparatedLine.firstLines(of: bytes)
            if let table = options.table { return try chosenColumns(table, lines, name: name) }
            return try usualColumns(lines, name: name)
        }
    }

    private mutating func chosenColumns(
        _ table: TableColumns, _ lines: [ArraySlice<UInt8>], name: String
    ) throws(FileError) -> DocumentBlock.Layout {
        do throws(BadData) {
            let layout = try TableLayout(table, firstLine: lines.first ?? [], path: name)
            columns = columns ?? layout.description
            return .table(layout, skippingFirst: table.hasHeader)
        } catch {
            throw .badData(error)
        }
    }

    /// - Throws: `FileError.badData` where labels and texts have clearly changed places.
    private mutating func usualColumns(
        _ lines: [ArraySlice<UInt8>], name: String
    ) throws(FileError) -> DocumentBlock.Layout {
        let fields = TabSeparatedLine.fields(of: lines)
        let signs = TableSigns(lines, fields: fields)
        if let contradiction = signs.contradiction {
            throw .badData(
                BadData(
                    path: name, line: 1, column: 1, found: contradiction,
                    expected: fields == 2 ? "label TAB text" : "label TAB id TAB text",
                    advice: "choose the columns with --label-column, --id-column and --text-column: numbers from 1, or "
                        + "names with --header"))
        }
        notes += signs.doubts
        self.fields = self.fields ?? fields
        columns = columns ?? TableLayout.usual(fields: fields).description
        return .tabSeparated(fields: fields)
    }

    /// Files of about a block's size together; one file at least.
    private mutating func nextFiles(_ folder: ClassFolders, from start: Int) throws(FileError) -> DocumentBlock? {
        if start == folder.files.count { return nil }
        var documents: [DocumentBlock.FileDocument] = []
        var bytes: [UInt8] = []
        var next = start
        while next < folder.files.count, bytes.count < options.blockSize {
            let file = folder.files[next]
            let content = try InputBytes(path: folder.path(file.id))
            let begin = bytes.count
            withExtendedLifetime(content) { bytes.append(contentsOf: content.bytes) }
            documents.append(
                DocumentBlock.FileDocument(label: file.label, id: file.id, range: begin..<bytes.count))
            next += 1
        }
        current = .folder(folder, next: next)
        return DocumentBlock(name: folder.path(""), input: nextInput - 1, layout: .files(documents), bytes: bytes)
    }
}

extension TextFormat {
    /// By a file's ending, whatever compression's ending follows it; nil for an ending that says nothing.
    init?(ending path: String) {
        var name = path.lowercased()
        for compression in [".gz", ".bz2", ".xz", ".zst", ".zstd"] where name.hasSuffix(compression) {
            name.removeLast(compression.count)
        }
        if name.hasSuffix(".tsv") {
            self = .tabSeparated
        } else if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") {
            self = .jsonLines
        } else if name.hasSuffix(".txt") {
            self = .lines
        } else {
            return nil
        }
    }

    /// By the first bytes of something without an ending: JSON begins with a brace, all else is a document a line.
    fileprivate init(firstBytes bytes: [UInt8]) {
        let first = bytes.first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        self = first == UInt8(ascii: "{") ? .jsonLines : .lines
    }
}

extension DocumentBlock.Layout {
    /// Names of columns stand in the first block of a file alone.
    fileprivate var ofLaterBlocks: Self {
        if case .table(let layout, _) = self { .table(layout, skippingFirst: false) } else { self }
    }
}
