import FileIO

/// One array of an `.npz` file, in memory.
package final class NpzArray {
    package let name: String
    /// NumPy's name of the element type, such as `<f4`.
    package let type: String
    package let shape: [Int]
    /// Whether the last index runs fastest.
    package let isRowMajor: Bool
    private let archive: String
    private let content: ByteBuffer
    private let dataStart: Int
    private let element: NumPyElement

    init(name: String, archive: String, content: ByteBuffer) throws(FileError) {
        self.name = name
        self.archive = archive
        self.content = content
        let header = try NpyHeader.parse(
            content.bytes, name: archive, advice: "write the file again with scipy.sparse.save_npz")
        (type, shape, dataStart, isRowMajor) = (header.type, header.shape, header.dataStart, header.isRowMajor)
        element = NumPyElement(header.type)
        if type.contains("O") {
            throw bad(
                "is of pickled Python objects, which could run any code when read", "numbers",
                "write a sparse matrix with scipy.sparse.save_npz")
        }
        guard shape.allSatisfy({ $0 >= 0 }) else { throw bad("of shape \(shape)", "a shape", "write the file again") }
        guard element.byteCount > 0 else {
            throw bad("of type \(type)", "numbers, such as float32 or int64", Self.convert)
        }
        // A size that does not fit is not that of any content.
        let size =
            shape.contains(0)
            ? 0
            : shape.reduce(element.byteCount) { size, extent in
                let (product, overflow) = size.multipliedReportingOverflow(by: extent)
                return overflow ? Int.max : product
            }
        guard content.bytes.count - dataStart == size else {
            throw bad(
                "of \(content.bytes.count - dataStart) bytes", "\(size) for the type \(type) and shape \(shape)",
                "write the file again")
        }
    }

    /// How many elements there are.
    package var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }

    /// An array of no dimensions holding a text, as bytes or as Unicode; nil for anything else.
    package var text: String? {
        guard shape.isEmpty else { return nil }
        let bytes = content.bytes[dataStart...]
        if type.hasPrefix("|S") { return String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self) }
        guard type.hasPrefix("<U") else { return nil }
        var scalars = String.UnicodeScalarView()
        for place in stride(from: dataStart, to: content.bytes.count - 3, by: 4) {
            let code = content.bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
            if code != 0, let scalar = Unicode.Scalar(code) { scalars.append(scalar) }
        }
        return String(scalars)
    }

    /// The elements, which have to be whole numbers.
    ///
    /// - Throws: `FileError.badData` if they are not.
    package func integers() throws(FileError) -> [Int] {
        var integers: [Int] = []
        integers.reserveCapacity(count)
        try forEachInteger { value in
            integers.append(value)
            return true
        }
        return integers
    }

    /// Writes the elements as indices to `target`, which has room for `count`.
    ///
    /// - Throws: `FileError.badData` if they are not whole numbers, or one is not from 0 to below `limit`.
    package func copyIndices(to target: UnsafeMutablePointer<UInt32>, below limit: Int) throws(FileError) {
        var place = 0
        var wrong: Int?
        try forEachInteger { value in
            guard value >= 0, value < limit else {
                wrong = value
                return false
            }
            target[place] = UInt32(truncatingIfNeeded: value)
            place += 1
            return true
        }
        guard let wrong else { return }
        throw bad(
            "with \(wrong) at position \(place)", limit == 0 ? "no entry" : "indices from 0 to \(limit - 1)",
            "check the shape of the matrix, and write the file again")
    }

    /// Writes the elements as the nearest Floats to `target`, which has room for `count`.
    ///
    /// - Returns: how many are not exactly what the file says.
    /// - Throws: `FileError.badData` if they are not numbers, or one is not finite as a Float.
    package func copyFloats(to target: UnsafeMutablePointer<Float>) throws(FileError) -> Int {
        guard let done = element.convert(data, count: count, to: target) else {
            throw bad("of type \(type)", "numbers, such as float32 or int64", Self.convert)
        }
        if let place = done.firstNotFinite {
            throw bad(
                "with a number at position \(place) that is not finite or too large",
                "finite numbers of at most 3.4028235e38 in size", "replace or remove the entry")
        }
        return done.rounded
    }

    /// The elements as they are stored.
    var data: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: content.bytes[dataStart...]) }

    /// Calls `body` with each element in order until it returns false.
    private func forEachInteger(_ body: (Int) -> Bool) throws(FileError) {
        guard element.forEachInteger(data, count: count, body) else {
            throw bad("of type \(type)", "whole numbers, such as int32 or int64", Self.convert)
        }
    }

    private static let convert: Message =
        "convert it with astype('float32') or astype('int64') in NumPy, and write the file again"

    /// What is wrong with this array.
    package func bad(_ found: String, _ expected: Message, _ advice: Message) -> FileError {
        .badData(BadData(path: archive, found: "array '\(name)' \(found)", expected: expected, advice: advice))
    }
}
