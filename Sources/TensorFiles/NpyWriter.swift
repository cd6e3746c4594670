import FileIO

/// Writes a NumPy array file (`.npy`) of known shape, row-major, in a stream. The file appears whole on `commit()` or
/// not at all.
public final class NpyWriter {
    private let file: AtomicFile
    private let description: TensorDescription
    private var elementsLeft: Int

    /// - Throws: `FileError.cannotCreate` or `.writeFailed`.
    /// - Precondition: NumPy has the type.
    public init(path: String, type: TensorType, shape: [Int]) throws(FileError) {
        description = TensorDescription(name: path, type: type, shape: shape)
        elementsLeft = description.elementCount
        guard let typeName = type.npyDescription else { preconditionFailure("arrays cannot be \(type.rawValue)") }
        file = try AtomicFile(path: path)
        try file.write(NpyHeader.encode(type: typeName, shape: shape))
    }

    /// Appends elements.
    ///
    /// - Precondition: they are of the declared type and no more than the shape has.
    public func write<Element: TensorElement>(_ elements: UnsafeBufferPointer<Element>) throws(FileError) {
        precondition(description.type == Element.tensorType, "the array is \(description.type), not \(Element.self)")
        precondition(elements.count <= elementsLeft, "\(elements.count) elements, room for \(elementsLeft)")
        try file.write(UnsafeRawBufferPointer(elements))
        elementsLeft -= elements.count
    }

    /// Appends elements; see the overload above.
    public func write<Element: TensorElement>(_ elements: [Element]) throws(FileError) {
        try elements.withUnsafeBufferPointer { (buffer) throws(FileError) in try write(buffer) }
    }

    /// Makes the file appear under its name.
    ///
    /// - Precondition: as many elements as the shape has were written.
    public func commit() throws(FileError) {
        precondition(elementsLeft == 0, "\(elementsLeft) elements of shape \(description.shape) are missing")
        try file.commit()
    }
}
