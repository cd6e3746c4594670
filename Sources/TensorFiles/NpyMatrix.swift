import FileIO

/// A matrix in a NumPy array file, read by rows. Elements may have any real number type and byte order and be stored in
/// row-major or column-major order. Memory holds the rows returned by one call; it holds the whole content only if the
/// order is column-major and the file cannot be mapped.
package final class NpyMatrix {
    package let name: String
    package let rowCount: Int
    package let columnCount: Int
    private let element: NumPyElement
    private let what: String
    private let content: Content
    /// The number of the next row.
    private var row = 0
    /// Buffers: the bytes of rows or of a part of a column, and the numbers of a part of a column.
    private var bytes: [UInt8] = []
    private var numbers: [Float] = []

    private enum Content {
        case rows(ByteStream)
        case rowsInMemory(UnsafeRawBufferPointer, owner: AnyObject)
        case columns(UnsafeRawBufferPointer, owner: AnyObject)
    }

    /// Opens an array file.
    ///
    /// - Throws: `FileError`; `.badData` if the array is not a two-dimensional array of real numbers, or its size does
    ///   not match its header.
    package init(_ input: Input) throws(FileError) {
        let stream = try input.stream()
        let header = try NpyHeader.read(stream, advice: Self.advice)
        (name, what, element) = (stream.name, "array", NumPyElement(header.type))
        let size = try Self.checkedSize(header.type, header.shape, name: name, what: what)
        (rowCount, columnCount) = (header.shape[0], header.shape[1])
        let fileSize = input.size
        if let fileSize, stream.compression == nil, fileSize - header.dataStart != size {
            throw Self.wrongSize(fileSize - header.dataStart, size, name: name, header)
        }
        if header.isRowMajor {
            content = .rows(stream)
        } else if fileSize != nil, stream.compression == nil {
            let mapping = try MappedFile(path: input.path)
            guard mapping.bytes.count - header.dataStart == size else { throw .changed(path: input.path) }
            content = .columns(UnsafeRawBufferPointer(rebasing: mapping.bytes[header.dataStart...]), owner: mapping)
        } else {
            try AnnouncedSize.check(
                size, contentBytes: fileSize ?? .max,
                what: "an array of \(rowCount) × \(columnCount), column by column",
                path: name)
            let buffer = ByteBuffer()
            while buffer.count <= size, try buffer.append(minimum: min(1 << 18, size + 1), stream.read) > 0 {}
            guard buffer.count == size else { throw Self.wrongSize(buffer.count, size, name: name, header) }
            content = .columns(buffer.bytes, owner: buffer)
        }
    }

    /// Opens an array of an archive.
    ///
    /// - Throws: `FileError.badData` if it is not a two-dimensional array of real numbers.
    package init(_ array: NpzArray, of archive: NpzFile) throws(FileError) {
        (name, what, element) = (archive.name, "array '\(array.name)'", NumPyElement(array.type))
        _ = try Self.checkedSize(array.type, array.shape, name: name, what: what)
        (rowCount, columnCount) = (array.shape[0], array.shape[1])
        content =
            array.isRowMajor ? .rowsInMemory(array.data, owner: array) : .columns(array.data, owner: array)
    }

    /// Reads the next rows into `target`, as many as are requested and left.
    ///
    /// - Returns: the number of rows, and how many of their values were rounded or became zero by conversion to Float.
    /// - Throws: `FileError.badData` with row and column for a value that is not finite as a Float.
    /// - Precondition: `target` has room for the requested rows.
    package func next(
        _ wanted: Int, to target: UnsafeMutablePointer<Float>
    ) throws(FileError) -> (rows: Int, rounded: Int, tooSmall: Int) {
        let count = min(wanted, rowCount - row)
        if count == 0 {
            try requireEnd()
            return (0, 0, 0)
        }
        var (rounded, tooSmall) = (0, 0)
        func take(_ bytes: UnsafeRawBufferPointer, _ count: Int, _ target: UnsafeMutablePointer<Float>)
            throws(FileError) -> Int?
        {
            let done = element.convert(bytes, count: count, to: target) ?? NumPyElement.Conversion(firstNotFinite: 0)
            rounded += done.rounded
            tooSmall += done.tooSmall
            return done.firstNotFinite
        }
        switch content {
        case .rows(let stream):
            let size = count * columnCount * element.byteCount
            if bytes.count < size { bytes = [UInt8](repeating: 0, count: size) }
            let wrong = try bytes.withUnsafeMutableBytes { room in
                Result { () throws(FileError) in
                    let room = UnsafeMutableRawBufferPointer(rebasing: room[..<size])
                    let read = try stream.read(into: room)
                    guard read == size else { throw tooShort(atRow: row + read / max(1, size / count)) }
                    return try take(UnsafeRawBufferPointer(room), count * columnCount, target)
                }
            }.get()
            if let wrong { throw notFinite(row + wrong / columnCount, wrong % columnCount) }
        case .rowsInMemory(let all, _):
            let part = UnsafeRawBufferPointer(rebasing: all[(row * columnCount * element.byteCount)...])
            if let wrong = try take(part, count * columnCount, target) {
                throw notFinite(row + wrong / columnCount, wrong % columnCount)
            }
        case .columns(let all, _):
            if numbers.count < count { numbers = [Float](repeating: 0, count: count) }
            var first: (row: Int, column: Int)?
            for column in 0..<columnCount {
                let part = UnsafeRawBufferPointer(rebasing: all[((column * rowCount + row) * element.byteCount)...])
                let wrong = try numbers.withUnsafeMutableBufferPointer { numbers in
                    Result { () throws(FileError) in try take(part, count, numbers.baseAddress.unsafelyUnwrapped) }
                }.get()
                if let wrong, wrong < first?.row ?? .max { first = (wrong, column) }
                if first != nil { continue }
                for place in 0..<count { target[place * columnCount + column] = numbers[place] }
            }
            if let first { throw notFinite(row + first.row, first.column) }
        }
        row += count
        return (count, rounded, tooSmall)
    }

    /// Checks that nothing follows the last row.
    private func requireEnd() throws(FileError) {
        guard case .rows(let stream) = content else { return }
        var one: UInt8 = 0
        let more = try withUnsafeMutableBytes(of: &one) { byte in
            Result { () throws(FileError) in try stream.read(into: byte) }
        }.get()
        guard more > 0 else { return }
        throw Self.bad(
            name, "more bytes after row \(rowCount)", "the end of the file, by its header", "write the file again")
    }

    private func tooShort(atRow row: Int) -> FileError {
        Self.bad(
            name, "the end of the file in row \(row + 1)", "\(rowCount) rows of \(columnCount) numbers, by its header",
            "the file may be cut short: copy it again")
    }

    private func notFinite(_ row: Int, _ column: Int) -> FileError {
        Self.bad(
            name, "\(what) with a number in row \(row + 1), column \(column + 1) that is not finite or too large",
            "finite numbers of at most 3.4028235e38 in size", "replace it, such as with numpy.nan_to_num")
    }

    private static let advice: Message = "save a matrix with numpy.save"

    private static func bad(_ name: String, _ found: String, _ expected: Message, _ advice: Message) -> FileError {
        .badData(BadData(path: name, found: found, expected: expected, advice: advice))
    }

    private static func wrongSize(_ found: Int, _ size: Int, name: String, _ header: NpyHeader.Parsed) -> FileError {
        bad(
            name, "\(found) bytes of data", "\(size) for the type \(header.type) and shape \(header.shape)",
            "the file may be cut short: copy it again, or write it again")
    }

    /// The size of all elements in bytes, after checking that the array is a matrix of real numbers.
    private static func checkedSize(
        _ type: String, _ shape: [Int], name: String, what: String
    ) throws(FileError) -> Int {
        if type.contains("O") {
            throw bad(
                name, "\(what) of pickled Python objects, which could run any code when read", "numbers", advice)
        }
        guard shape.count == 2, shape.allSatisfy({ $0 >= 0 && $0 <= Int(UInt32.max) }) else {
            throw bad(
                name, "\(what) of shape (\(shape.map(String.init).joined(separator: ", ")))",
                "two dimensions of at most \(UInt32.max): documents and features",
                shape.count == 1 ? "if it is one document, save its reshape(1, -1)" : "save a matrix")
        }
        let element = NumPyElement(type)
        var nothing: Float = 0
        guard element.convert(UnsafeRawBufferPointer(start: nil, count: 0), count: 0, to: &nothing) != nil else {
            throw bad(
                name, "\(what) of type \(type)", "real numbers, such as float32 or int64",
                "convert it with astype('float32'), and save it again")
        }
        let row = shape[1].multipliedReportingOverflow(by: element.byteCount)
        let all = shape[0].multipliedReportingOverflow(by: row.partialValue)
        guard !row.overflow, !all.overflow else {
            throw bad(name, "\(what) of shape \(shape)", "a size below 2^63 bytes", "write the file again")
        }
        return all.partialValue
    }
}
