import FileIO

/// A safetensors file, mapped into memory: opening it reads and checks the header only, and tensors are used in place.
///
/// Pointers from `elements(named:)` and related methods are valid as long as `mapping` is retained; code that stores a
/// pointer must retain that object too.
package struct SafetensorsFile: Sendable {
    package let mapping: MappedFile
    package let metadata: [String: String]
    private let header: SafetensorsHeader
    private let dataStart: Int
    private let indices: [String: Int]

    /// Opens a file and validates its header completely: tensors have known types, sizes that follow from type and
    /// shape, distinct names, and cover the data without gap or overlap.
    ///
    /// - Throws: `FileError.unreadable` if there is no such file, `FileError.badData` if it is invalid.
    /// - Complexity: O(size of the header), whatever the size of the data.
    package init(path: String) throws(FileError) {
        mapping = try MappedFile(path: path)
        (header, dataStart) = try SafetensorsHeader.parse(mapping)
        metadata = header.metadata
        indices = Dictionary(
            uniqueKeysWithValues: header.entries.enumerated().map { ($1.description.name, $0) })
    }

    /// All tensors, in the order of their data.
    package var tensors: [TensorDescription] { header.entries.map(\.description) }

    /// A tensor's type and shape, or nil if the file has no tensor of that name.
    package func tensor(named name: String) -> TensorDescription? {
        indices[name].map { header.entries[$0].description }
    }

    /// A tensor's elements in place, row-major.
    ///
    /// - Parameter shape: the expected shape; nil for any.
    /// - Throws: `FileError.badData` if there is no such tensor, it has another type or shape, or its bytes are not
    ///   aligned in the file to the size of an element. Files from `SafetensorsWriter` are always aligned; for other
    ///   files use `array(named:)`.
    package func elements<Element: TensorElement>(
        named name: String, as type: Element.Type = Element.self, shape: [Int]? = nil
    ) throws(FileError) -> UnsafeBufferPointer<Element> {
        let bytes = try bytes(named: name, type: Element.tensorType, shape: shape)
        guard Int(bitPattern: bytes.baseAddress) % Element.tensorType.byteWidth == 0 else {
            throw bad(
                found: "tensor '\(name)' at an odd place, not aligned to \(Element.tensorType.byteWidth) bytes",
                expected: "aligned tensors", advice: "write the file again with an aligning writer")
        }
        return bytes.bindMemory(to: Element.self)
    }

    /// A `Float` tensor's elements in place; see `elements(named:as:shape:)`.
    package func floats(named name: String, shape: [Int]? = nil) throws(FileError) -> UnsafeBufferPointer<Float> {
        try elements(named: name, as: Float.self, shape: shape)
    }

    /// A copy of a tensor's elements, row-major, whatever their alignment in the file.
    ///
    /// - Throws: `FileError.badData` if there is no such tensor, or it has another type or shape.
    package func array<Element: TensorElement>(
        named name: String, of type: Element.Type = Element.self, shape: [Int]? = nil
    ) throws(FileError) -> [Element] {
        let bytes = try bytes(named: name, type: Element.tensorType, shape: shape)
        return Array(unsafeUninitializedCapacity: bytes.count / MemoryLayout<Element>.stride) { buffer, count in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            count = buffer.count
        }
    }

    /// A tensor's bytes in place.
    package func bytes(
        named name: String, type: TensorType, shape: [Int]?
    ) throws(FileError) -> UnsafeRawBufferPointer {
        guard let index = indices[name] else {
            let names = header.entries.map { "'\($0.description.name)'" }.joined(separator: ", ")
            throw bad(
                found: names.isEmpty ? "no tensors" : "the tensors \(names)", expected: "a tensor '\(name)'",
                advice: "check that this is the right kind of file")
        }
        let entry = header.entries[index]
        guard entry.description.type == type else {
            let isHalf = !entry.description.type.isSupported
            throw bad(
                found: "tensor '\(name)' of type \(entry.description.type.rawValue)", expected: Message(type.rawValue),
                advice: isHalf ? "half precision is not supported: convert it" : "convert it, or check the file")
        }
        if let shape, shape != entry.description.shape {
            throw bad(
                found: "tensor '\(name)' of shape \(entry.description.shape)", expected: "\(shape)",
                advice: "check that the file belongs with the others")
        }
        let start = dataStart + entry.byteRange.lowerBound
        return UnsafeRawBufferPointer(rebasing: mapping.bytes[start..<(start + entry.byteRange.count)])
    }

    private func bad(found: String, expected: Message, advice: Message) -> FileError {
        .badData(BadData(path: mapping.path, found: found, expected: expected, advice: advice))
    }
}
