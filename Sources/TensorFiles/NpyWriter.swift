import FileIO

/// Writes a row-major NumPy array file (`.npy`) as a stream; the number of rows need not be known in advance. The file
/// is created by `commit()`, complete or not at all.
package final class NpyWriter {
    private let file: DraftFile
    private let type: TensorType
    private let typeName: String
    /// The shape; nil if the number of rows is determined by what is written.
    private let shape: [Int]?
    private let rowShape: [Int]
    private let headerSize: Int
    private var elementCount = 0

    /// Creates a file for an array of known shape.
    ///
    /// - Throws: `FileError.cannotCreate` or `.writeFailed`.
    /// - Precondition: NumPy supports the type.
    package convenience init(path: String, type: TensorType, shape: [Int]) throws(FileError) {
        try self.init(path: path, type: type, shape: shape, rowShape: [])
    }

    /// Creates a file for an array of any number of rows, each of known shape.
    ///
    /// - Throws: `FileError.cannotCreate` or `.writeFailed`.
    /// - Precondition: NumPy supports the type.
    package convenience init(path: String, type: TensorType, rowShape: [Int]) throws(FileError) {
        try self.init(path: path, type: type, shape: nil, rowShape: rowShape)
    }

    private init(path: String, type: TensorType, shape: [Int]?, rowShape: [Int]) throws(FileError) {
        guard let typeName = type.npyDescription else { preconditionFailure("arrays cannot be \(type.rawValue)") }
        (self.type, self.typeName, self.shape, self.rowShape) = (type, typeName, shape, rowShape)
        let header = NpyHeader.encode(type: typeName, shape: shape ?? [0] + rowShape)
        headerSize = header.count
        file = try DraftFile(path: path, flowing: shape != nil)
        try file.write(header)
    }

    /// Appends elements.
    ///
    /// - Precondition: the elements have the declared type and do not exceed the shape.
    package func write<Element: TensorElement>(_ elements: UnsafeBufferPointer<Element>) throws(FileError) {
        precondition(type == Element.tensorType, "the array is \(type), not \(Element.self)")
        elementCount += elements.count
        if let shape {
            precondition(elementCount <= shape.reduce(1, *), "\(elementCount) elements for the shape \(shape)")
        }
        try file.write(UnsafeRawBufferPointer(elements))
    }

    /// Appends elements; see the overload above.
    package func write<Element: TensorElement>(_ elements: [Element]) throws(FileError) {
        try elements.withUnsafeBufferPointer { (buffer) throws(FileError) in try write(buffer) }
    }

    /// Completes the file and moves it to its path.
    ///
    /// - Precondition: all elements of the shape have been written.
    package func commit() throws(FileError) {
        guard let shape else { preconditionFailure("the number of rows is to be given") }
        let missing = shape.reduce(1, *) - elementCount
        precondition(missing == 0, "\(missing) elements of shape \(shape) are missing")
        try file.commit()
    }

    /// Completes the file, an array of the given number of rows, and moves it to its path.
    ///
    /// - Precondition: the elements of that many rows have been written; no shape was given before.
    package func commit(rowCount: Int) throws(FileError) {
        let shape = [rowCount] + rowShape
        precondition(self.shape == nil, "the array has a shape already")
        precondition(elementCount == shape.reduce(1, *), "\(elementCount) elements for the shape \(shape)")
        let header = NpyHeader.encode(type: typeName, shape: shape)
        precondition(header.count == headerSize, "the header of \(shape) needs \(header.count) bytes")
        try file.replaceStart(with: header)
        try file.commit()
    }
}
