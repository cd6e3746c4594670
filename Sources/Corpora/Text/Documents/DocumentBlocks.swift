import FileIO

/// The documents of several inputs, one after another, in blocks.
struct DocumentBlocks {
    private let inputs: [Input]
    private let format: CorpusFormat?
    private let options: TextInputOptions
    private var nextInput = 0
    private var current: Current?
    /// The number of fields of labelled text, 2 or 3, in the first such input.
    private(set) var fields: Int?
    /// The use of the columns of tables.
    private(set) var columns: String?
    /// The column names of the first table with a header.
    private(set) var names: [String]?
    /// Descriptions of irregularities of tables, as sentences.
    private(set) var notes: [Message] = []
    private(set) var filesSkipped = 0
    /// The formats of the inputs, in order of appearance.
    private(set) var formats: [CorpusFormat] = []

    private enum Current {
        case open(OpenText)
        case folder(ClassFolders, next: Int)
    }

    /// - Parameter format: nil to recognise the format of each input.
    init(_ inputs: [Input], format: CorpusFormat?, options: TextInputOptions) {
        self.inputs = inputs
        self.format = format
        self.options = options
    }

    /// Up to `count` blocks, and the error that occurred after them.
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
                if nextInput == inputs.count { return nil }
                current = try open(inputs[nextInput])
                nextInput += 1
                continue
            case .open(let input)?:
                block = try nextBlock(of: input)
            case .folder(let folder, let next)?:
                block = try nextFiles(folder, from: next)
            }
            if let block { return block }
            current = nil
        }
    }

    private mutating func open(_ input: Input) throws(FileError) -> Current {
        let path = input.path
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
        return .open(try OpenText(input, format: format, options: options))
    }

    private mutating func nextBlock(of input: OpenText) throws(FileError) -> DocumentBlock? {
        guard let bytes = try input.stream.next() else { return nil }
        if let layout = input.layout {
            return DocumentBlock(name: input.name, input: nextInput - 1, layout: layout, bytes: bytes)
        }
        if let other = Self.otherThanText(bytes) {
            throw .badData(
                BadData(
                    path: input.name, line: 1, column: 1, found: other.found,
                    expected: "UTF-8 text (\(input.format.rawValue))", advice: other.advice))
        }
        formats.append(input.format)
        let decided = try input.kind.layout(of: bytes, options: options, name: input.name)
        fields = fields ?? decided.fields
        columns = columns ?? decided.columns
        names = names ?? decided.names
        notes += decided.notes
        var later = input
        later.layout = decided.layout.ofLaterBlocks
        current = .open(later)
        return DocumentBlock(name: input.name, input: nextInput - 1, layout: decided.layout, bytes: bytes)
    }

    /// A description of an input whose first bytes are not UTF-8 text, whatever its format; nil if they are.
    private static func otherThanText(_ bytes: [UInt8]) -> (found: String, advice: Message)? {
        if bytes.withUnsafeBytes(HeadShape.isZip) {
            return ("a zip archive", "unpack it; if it is .npz, read it as a matrix")
        }
        if bytes.withUnsafeBytes(HeadShape.isSafetensors) {
            return ("a safetensors file", "it holds numbers: read it as a matrix")
        }
        if let kind = bytes.withUnsafeBytes(HeadShape.foreignKind) { return (kind, HeadShape.foreignAdvice) }
        if let encoding = wideEncoding(of: bytes.prefix(64)) {
            return (encoding, "convert it, such as with iconv -f \(encoding) -t UTF-8")
        }
        if let first = bytes.firstIndex(of: UInt8(ascii: "\r")), first < bytes.count - 1,
            !bytes.contains(UInt8(ascii: "\n"))
        {
            return (
                "lines that end in a carriage return alone, and no line feed",
                "convert the line ends, such as with tr '\\r' '\\n'"
            )
        }
        return nil
    }

    /// The encoding of a text with two or four bytes per unit, by its byte order mark or by the positions of zeros.
    private static func wideEncoding(of head: ArraySlice<UInt8>) -> String? {
        guard head.count > 3, head.contains(0) else { return nil }
        let isMarked = head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF])
        if isMarked { return head.dropFirst(2).starts(with: [0, 0]) ? "UTF-32" : "UTF-16" }
        let zeros = (0..<4).map { place in
            stride(from: place, to: head.count / 4 * 4, by: 4).allSatisfy { head[head.startIndex + $0] == 0 }
        }
        switch zeros {
        case [false, true, true, true]: return "UTF-32LE"
        case [true, true, true, false], [true, true, false, false]: return "UTF-32BE"
        case [false, true, false, true]: return "UTF-16LE"
        case [true, false, true, false]: return "UTF-16BE"
        default: return nil
        }
    }

    /// Files with about a block's size in total; at least one file.
    private mutating func nextFiles(_ folder: ClassFolders, from start: Int) throws(FileError) -> DocumentBlock? {
        if start == folder.files.count { return nil }
        var documents: [TextFolder.Layout.Document] = []
        var bytes: [UInt8] = []
        var next = start
        while next < folder.files.count, bytes.count < options.blockSize {
            let file = folder.files[next]
            let content = try Input(path: folder.path(file.id)).bytes(atMost: LineStream.longestLine)
            let begin = bytes.count
            withExtendedLifetime(content) { bytes.append(contentsOf: content.bytes) }
            if let zero = bytes[begin...].firstIndex(of: 0) {
                throw .badData(.zeroByte(path: folder.path(file.id), column: zero - begin + 1))
            }
            documents.append(
                TextFolder.Layout.Document(label: file.label, id: file.id, range: begin..<bytes.count))
            next += 1
        }
        current = .folder(folder, next: next)
        return DocumentBlock(
            name: folder.path(""), input: nextInput - 1, layout: TextFolder.Layout(files: documents), bytes: bytes)
    }
}

/// A text input that is being read.
private struct OpenText {
    let name: String
    let format: CorpusFormat
    let kind: any TextFormat.Type
    let stream: any DocumentStream
    /// The layout of documents; nil before the first block.
    var layout: (any DocumentLayout)?

    /// - Parameter format: nil to recognise the format by the extension of the name or else by the first byte.
    init(_ input: Input, format: CorpusFormat?, options: TextInputOptions) throws(FileError) {
        let path = input.path
        let stream = try input.stream()
        var format = format ?? FormatClaim(path: path)?.format
        if format == nil, FileEnding.of(path) == ".txt" { format = .text }
        if format?.isText != true {
            let head = try stream.peek(1 << 10, lines: 64).bytes
            let first = head.withUnsafeBytes { $0.withoutByteOrderMark.first { $0 > 0x20 } }
            format = first == UInt8(ascii: "{") ? .jsonLines : .text
        }
        self.format = format ?? .text
        kind = self.format.textKind ?? PlainText.self
        name = stream.name
        self.stream = kind.blocks(stream, options: options)
    }
}
