import FileIO

/// The header of a NumPy array file, version 1.0: a magic string, the length of the text, and the text, a Python
/// dictionary with the element type, the order and the shape.
///
/// Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.
enum NpyHeader {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// The data starts at a multiple of this number of bytes.
    static let dataAlignment = 64

    /// The header for a row-major array, padded with spaces up to the alignment of the data.
    ///
    /// - Parameter type: NumPy's name of the element type, such as `<f4`.
    static func encode(type: String, shape: [Int]) -> [UInt8] {
        let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': (\(extents)), }".utf8)
        let fixedSize = magic.count + 4
        text += repeatElement(UInt8(ascii: " "), count: -(fixedSize + text.count + 1) & (dataAlignment - 1))
        text.append(UInt8(ascii: "\n"))
        precondition(text.count <= UInt16.max, "\(shape.count) dimensions are too many for an array file")
        return magic + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
    }

    /// Reads the header from the stream of an array file.
    ///
    /// - Throws: `FileError` as `parse` does, or of the stream.
    static func read(_ stream: ByteStream, advice: Message) throws(FileError) -> Parsed {
        var bytes: [UInt8] = []
        func more(_ count: Int) throws(FileError) {
            var room = [UInt8](repeating: 0, count: count)
            let read = try room.withUnsafeMutableBytes { room in
                Result { () throws(FileError) in try stream.read(into: room) }
            }.get()
            bytes += room[..<read]
        }
        try more(magic.count + 6)
        if bytes.count == magic.count + 6, bytes.starts(with: magic) {
            let isFirst = bytes[magic.count] == 1
            let digits = bytes[(magic.count + 2)..<(magic.count + (isFirst ? 4 : 6))]
            let length = digits.reversed().reduce(0) { $0 << 8 | Int($1) } + (isFirst ? -2 : 0)
            // A header is a line of text; if it is longer, this much is enough to reject it.
            try more(max(0, min(length, longest)))
        }
        return try bytes.withUnsafeBytes { bytes in
            Result { () throws(FileError) in try parse(bytes, name: stream.name, advice: advice) }
        }.get()
    }

    /// The maximum length of headers that are read from a stream, in bytes.
    private static let longest = 1 << 16

    /// Parses the header of an array.
    ///
    /// - Throws: `FileError.badData` about `name` if the header is incomplete or invalid.
    static func parse(_ bytes: UnsafeRawBufferPointer, name: String, advice: Message) throws(FileError) -> Parsed {
        func bad(_ found: String, _ expected: Message) -> FileError {
            .badData(BadData(path: name, found: found, expected: expected, advice: advice))
        }
        guard bytes.count > magic.count + 6, bytes.prefix(magic.count).elementsEqual(magic) else {
            throw bad("other bytes", "NumPy's magic string at the start")
        }
        // Version 1 stores the length of the text in two bytes, later versions in four.
        let isFirst = bytes[magic.count] == 1
        let textStart = magic.count + (isFirst ? 4 : 6)
        let length =
            isFirst
            ? Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: magic.count + 2, as: UInt16.self)))
            : Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: magic.count + 2, as: UInt32.self)))
        guard (1...3).contains(bytes[magic.count]), length <= bytes.count - textStart else {
            throw bad("version \(bytes[magic.count]), header of \(length) bytes", "a whole header, version 1 to 3")
        }
        let text = String(decoding: bytes[textStart..<textStart + length], as: UTF8.self)
        guard let type = value(of: "descr", in: text), let order = value(of: "fortran_order", in: text),
            let extents = value(of: "shape", in: text)
        else { throw bad("the header \(text)", "descr, fortran_order and shape") }
        let parts = extents.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        let shape = parts.compactMap { Int($0) }
        guard shape.count == parts.count else { throw bad("the shape (\(extents))", "whole numbers") }
        return Parsed(
            type: type.filter { $0 != "'" }, isRowMajor: order == "False" || shape.count < 2, shape: shape,
            dataStart: textStart + length)
    }

    /// The contents of a header.
    struct Parsed {
        /// NumPy's name of the element type, such as `<f4`.
        let type: String
        let isRowMajor: Bool
        let shape: [Int]
        let dataStart: Int
    }

    /// The text of a key's value; nil if the key does not occur.
    static func value(of key: String, in text: String) -> Substring? {
        guard let (_, afterKey) = split(text[...], at: "'\(key)':") else { return nil }
        let value = afterKey.drop { $0 == " " }
        if value.first == "(" { return split(value, at: ")")?.before.dropFirst() }
        guard let end = value.firstIndex(where: { $0 == "," || $0 == "}" }) else { return nil }
        return value[..<end]
    }

    private static func split(_ text: Substring, at mark: String) -> (before: Substring, after: Substring)? {
        var rest = text
        while !rest.isEmpty {
            if rest.hasPrefix(mark) { return (text[..<rest.startIndex], rest.dropFirst(mark.count)) }
            rest = rest.dropFirst()
        }
        return nil
    }
}

/// A NumPy array file (`.npy`) of row-major `Float`, mapped into memory.
package struct NpyFile: Sendable {
    package let mapping: MappedFile
    package let shape: [Int]
    private let dataStart: Int

    /// Opens a file and checks its header and size.
    ///
    /// - Throws: `FileError.unreadable`; `FileError.badData` if it is not an array file, or not of row-major `<f4`.
    package init(path: String) throws(FileError) {
        mapping = try MappedFile(path: path)
        let header = try NpyHeader.parse(mapping.bytes, name: path, advice: Self.advice)
        guard header.type == "<f4", header.isRowMajor else {
            throw Self.bad(
                mapping, "elements of type \(header.type)\(header.isRowMajor ? "" : ", column by column")",
                "row-major elements of type '<f4'")
        }
        guard header.dataStart % MemoryLayout<Float>.alignment == 0 else {
            throw Self.bad(mapping, "data at byte \(header.dataStart)", "aligned data")
        }
        shape = header.shape
        dataStart = header.dataStart
        guard let size = TensorDescription.byteCount(type: .float32, shape: shape),
            size == mapping.bytes.count - dataStart
        else {
            throw Self.bad(
                mapping, "\(mapping.bytes.count - dataStart) bytes of data", "4 for each element of \(shape)")
        }
    }

    /// The elements in place, row-major; valid as long as `mapping` is retained.
    package var floats: UnsafeBufferPointer<Float> {
        UnsafeRawBufferPointer(rebasing: mapping.bytes[dataStart...]).bindMemory(to: Float.self)
    }

    private static let advice: Message = "save the array with numpy.save as row-major float32"

    private static func bad(_ mapping: MappedFile, _ found: String, _ expected: Message) -> FileError {
        .badData(BadData(path: mapping.path, found: found, expected: expected, advice: advice))
    }
}
