import FileIO

/// The header of a safetensors file: eight bytes with the length N of the JSON text, then the text, which contains the
/// type, the shape and the byte range of each tensor, and optional string metadata.
///
/// Format: <https://github.com/huggingface/safetensors#format>.
struct SafetensorsHeader {
    struct Entry {
        let description: TensorDescription
        /// The range of the tensor's bytes, counted from the end of the text.
        let byteRange: Range<Int>
    }

    /// The tensors, in the order of their data.
    let entries: [Entry]
    let metadata: [String: String]

    static let lengthSize = 8
    /// The longest text that the reference implementation accepts, in bytes.
    static let longestText = 100_000_000
    static let metadataKey = "__metadata__"
    /// The bytes of the first tensor start at a multiple of this number, so that vector loads are aligned.
    static let dataAlignment = 64

    /// A header for tensors that are stored one after another in the given order.
    init(tensors: [TensorDescription], metadata: [String: String]) {
        var end = 0
        entries = tensors.map { tensor in
            let start = end
            end += tensor.byteCount
            return Entry(description: tensor, byteRange: start..<end)
        }
        self.metadata = metadata
    }

    private init(entries: [Entry], metadata: [String: String]) {
        self.entries = entries
        self.metadata = metadata
    }

    /// The header as stored in the file, with trailing spaces up to the alignment of the data.
    var encoded: [UInt8] {
        var text = Array("{".utf8)
        if !metadata.isEmpty {
            appendJSONString(Self.metadataKey, to: &text)
            text += ":{".utf8
            for (index, (key, value)) in metadata.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += ",".utf8 }
                appendJSONString(key, to: &text)
                text += ":".utf8
                appendJSONString(value, to: &text)
            }
            text += "}".utf8
        }
        for (index, entry) in entries.enumerated() {
            if index > 0 || !metadata.isEmpty { text += ",".utf8 }
            appendJSONString(entry.description.name, to: &text)
            let shape = entry.description.shape.map(String.init).joined(separator: ",")
            text += ":{\"dtype\":\"\(entry.description.type.rawValue)\",\"shape\":[\(shape)],".utf8
            text += "\"data_offsets\":[\(entry.byteRange.lowerBound),\(entry.byteRange.upperBound)]}".utf8
        }
        text += "}".utf8
        let padding = -(Self.lengthSize + text.count) & (Self.dataAlignment - 1)
        text += repeatElement(UInt8(ascii: " "), count: padding)
        precondition(text.count <= Self.longestText, "the header would be \(text.count) bytes, which no reader accepts")
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }
}

// MARK: - Reading

extension SafetensorsHeader {
    private static let remake: Message = "the file is damaged or not a safetensors file: make or fetch it again"

    /// Parses and validates the header of a file.
    ///
    /// - Returns: the header and the position of the data.
    /// - Throws: `FileError.badData` if the header is invalid.
    static func parse(_ mapping: MappedFile) throws(FileError) -> (header: SafetensorsHeader, dataStart: Int) {
        let dataStart = try textRange(mapping).upperBound
        var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: mapping.bytes[lengthSize..<dataStart]))
        let header: SafetensorsHeader
        do throws(JSONSyntaxError) {
            header = try scan(&scanner)
        } catch {
            throw .badData(
                BadData(
                    path: mapping.path, found: "\(error.found) at byte \(error.offset) of the header",
                    expected: error.expected, advice: error.advice ?? remake))
        }
        try validate(header.entries, dataSize: mapping.bytes.count - dataStart, path: mapping.path)
        return (header, dataStart)
    }

    private static func textRange(_ mapping: MappedFile) throws(FileError) -> Range<Int> {
        func bad(_ found: String, _ expected: Message) -> FileError {
            .badData(BadData(path: mapping.path, found: found, expected: expected, advice: remake))
        }
        let size = mapping.bytes.count
        guard size > lengthSize else {
            throw bad("\(size) bytes", "the length of a safetensors header, then the header")
        }
        let length = UInt64(littleEndian: mapping.bytes.loadUnaligned(as: UInt64.self))
        guard mapping.bytes[lengthSize] == UInt8(ascii: "{") else {
            throw bad("byte \(mapping.bytes[lengthSize]) after the first \(lengthSize)", "'{', which starts a header")
        }
        guard length >= 2, length <= longestText else {
            throw bad("a header of \(length) bytes", "2 to \(longestText) bytes")
        }
        guard Int(length) <= size - lengthSize else {
            throw bad("\(size) bytes", "at least \(lengthSize + Int(length)), since the header says it takes \(length)")
        }
        return lengthSize..<(lengthSize + Int(length))
    }

    private static func scan(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> SafetensorsHeader {
        var entries: [Entry] = []
        var metadata: [String: String] = [:]
        try scanner.object { (scanner, name) throws(JSONSyntaxError) in
            if name == metadataKey {
                try scanner.object { (scanner, key) throws(JSONSyntaxError) in metadata[key] = try scanner.string() }
            } else {
                entries.append(try scanEntry(name, &scanner))
            }
        }
        try scanner.end()
        // Empty tensors are sorted before the tensor that starts at the same position.
        entries.sort {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound) < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
        }
        return SafetensorsHeader(entries: entries, metadata: metadata)
    }

    private static func scanEntry(_ name: String, _ scanner: inout JSONScanner) throws(JSONSyntaxError) -> Entry {
        let start = scanner.position
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { (scanner, key) throws(JSONSyntaxError) in
            switch key {
            case "dtype": typeName = try scanner.string()
            case "shape": shape = try scanNumbers(&scanner)
            case "data_offsets": offsets = try scanNumbers(&scanner)
            default: try scanner.skipValue()
            }
        }
        func bad(_ found: String, _ expected: Message) -> JSONSyntaxError {
            JSONSyntaxError(offset: start, found: "tensor '\(name)' \(found)", expected: expected)
        }
        guard let typeName, let shape, let offsets else {
            throw bad("without all of its parts", "dtype, shape and data_offsets")
        }
        guard let type = TensorType(rawValue: typeName) else {
            var error = bad(
                "of type \(typeName)", "one of \(TensorType.allCases.map(\.rawValue).joined(separator: ", "))")
            error.advice = "convert the tensor to one of these types"
            throw error
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw bad("with data_offsets \(offsets)", "a start and an end")
        }
        guard let byteCount = TensorDescription.byteCount(type: type, shape: shape) else {
            throw bad("with shape \(shape)", "a size below 2^63 bytes")
        }
        guard byteCount == offsets[1] - offsets[0] else {
            throw bad(
                "of \(offsets[1] - offsets[0]) bytes",
                "\(byteCount) bytes for the type \(typeName) and the shape \(shape)")
        }
        let description = TensorDescription(name: name, type: type, shape: shape)
        return Entry(description: description, byteRange: offsets[0]..<offsets[1])
    }

    private static func scanNumbers(_ scanner: inout JSONScanner) throws(JSONSyntaxError) -> [Int] {
        var numbers: [Int] = []
        try scanner.array { (scanner) throws(JSONSyntaxError) in numbers.append(try scanner.naturalNumber()) }
        return numbers
    }

    /// Checks that the tensors cover the data exactly, without gaps, overlaps or remaining bytes.
    private static func validate(_ entries: [Entry], dataSize: Int, path: String) throws(FileError) {
        func bad(_ found: String, _ expected: Message, _ advice: Message) -> FileError {
            .badData(BadData(path: path, found: found, expected: expected, advice: advice))
        }
        var end = 0
        for entry in entries {
            guard entry.byteRange.lowerBound == end else {
                throw bad(
                    "tensor '\(entry.description.name)' at data byte \(entry.byteRange.lowerBound)",
                    "data byte \(end), where the one before it ends", remake)
            }
            end = entry.byteRange.upperBound
        }
        guard end == dataSize else {
            let advice: Message = dataSize < end ? "the file was cut short: make or fetch it again" : remake
            throw bad("\(dataSize) bytes of data", "\(end) by the header", advice)
        }
    }
}
