import FileIO

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
