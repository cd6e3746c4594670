import FileIO

/// A NumPy array file (`.npy`) of row-major `Float`, mapped into memory.
public struct NpyFile: Sendable {
    public let mapping: MappedFile
    public let shape: [Int]
    private let dataStart: Int

    /// Opens a file and checks its header and size.
    ///
    /// - Throws: `FileError.unreadable`; `FileError.badData` if it is not an array file, or not of row-major `<f4`.
    public init(path: String) throws(FileError) {
        mapping = try MappedFile(path: path)
        let (text, dataStart) = try Self.headerText(mapping)
        self.dataStart = dataStart
        shape = try Self.shape(text, mapping)
        guard let size = TensorDescription.byteCount(type: .float32, shape: shape),
            size == mapping.bytes.count - dataStart
        else {
            throw Self.bad(
                mapping, "\(mapping.bytes.count - dataStart) bytes of data", "4 for each element of \(shape)")
        }
    }

    /// The elements in place, row-major; valid as long as `mapping` is retained.
    public var floats: UnsafeBufferPointer<Float> {
        UnsafeRawBufferPointer(rebasing: mapping.bytes[dataStart...]).bindMemory(to: Float.self)
    }

    private static func headerText(_ mapping: MappedFile) throws(FileError) -> (text: String, dataStart: Int) {
        let bytes = mapping.bytes
        let magicSize = NpyHeader.magic.count
        guard bytes.count > magicSize + 6, bytes.prefix(magicSize).elementsEqual(NpyHeader.magic) else {
            throw bad(mapping, "other bytes", "NumPy's magic string at the start")
        }
        // Version 1 has two bytes for the length of the text, later versions four.
        let isFirst = bytes[magicSize] == 1
        let textStart = magicSize + (isFirst ? 4 : 6)
        let length =
            isFirst
            ? Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: magicSize + 2, as: UInt16.self)))
            : Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: magicSize + 2, as: UInt32.self)))
        guard (1...3).contains(bytes[magicSize]), length <= bytes.count - textStart else {
            throw bad(
                mapping, "version \(bytes[magicSize]), header of \(length) bytes", "a whole header, version 1 to 3")
        }
        let dataStart = textStart + length
        guard dataStart % MemoryLayout<Float>.alignment == 0 else {
            throw bad(mapping, "data at byte \(dataStart)", "aligned data")
        }
        return (String(decoding: bytes[textStart..<dataStart], as: UTF8.self), dataStart)
    }

    private static func shape(_ text: String, _ mapping: MappedFile) throws(FileError) -> [Int] {
        guard NpyHeader.value(of: "descr", in: text) == "'<f4'",
            NpyHeader.value(of: "fortran_order", in: text) == "False",
            let extents = NpyHeader.value(of: "shape", in: text)
        else {
            throw bad(mapping, "the header \(text)", "row-major elements of type '<f4'")
        }
        let parts = extents.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
        let shape = parts.compactMap { Int($0) }
        guard shape.count == parts.count else { throw bad(mapping, "the shape (\(extents))", "whole numbers") }
        return shape
    }

    private static func bad(_ mapping: MappedFile, _ found: String, _ expected: String) -> FileError {
        .badData(
            BadData(
                path: mapping.path, found: found, expected: expected,
                advice: "save the array with numpy.save as row-major float32"))
    }
}
