import FileIO

/// One array of an `.npz` file, in memory.
public final class NpzArray {
    public let name: String
    /// NumPy's name of the element type, such as `<f4`.
    public let type: String
    public let shape: [Int]
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
        (type, shape, dataStart) = (header.type, header.shape, header.dataStart)
        element = NumPyElement(header.type)
        if type.contains("O") {
            throw bad(
                "is of pickled Python objects, which could run any code when read", "numbers",
                "write a sparse matrix with scipy.sparse.save_npz")
        }
        guard header.isRowMajor else {
            throw bad("is stored column by column", "row-major elements", "save numpy.ascontiguousarray of it")
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
    public var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }

    /// An array of no dimensions holding a text, as bytes or as Unicode; nil for anything else.
    public var text: String? {
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
    public func integers() throws(FileError) -> [Int] {
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
        var place = 0
        var rounded = 0
        func put(_ value: Float, isExact: Bool) -> Bool {
            guard value.isFinite else { return false }
            target[place] = value
            if !isExact { rounded += 1 }
            place += 1
            return true
        }
        switch (element.kind, element.byteCount) {
        case ("f", 2): forEach(UInt16.self) { put(Float(Float16(bitPattern: $0)), isExact: true) }
        case ("f", 4): forEach(UInt32.self) { put(Float(bitPattern: $0), isExact: true) }
        case ("f", 8):
            forEach(UInt64.self) { bits in
                let number = Double(bitPattern: bits)
                return put(Float(number), isExact: Double(Float(number)) == number)
            }
        case ("i", _), ("u", _), ("b", _):
            try forEachInteger { put(Float($0), isExact: Int(exactly: Float($0)) == $0) }
        default: throw bad("of type \(type)", "numbers, such as float32 or int64", Self.convert)
        }
        guard place == count else {
            throw bad(
                "with a number at position \(place) that is not finite or too large",
                "finite numbers of at most 3.4028235e38 in size", "replace or remove the entry")
        }
        return rounded
    }

    /// Calls `body` with each element in order until it returns false.
    private func forEachInteger(_ body: (Int) -> Bool) throws(FileError) {
        switch (element.kind, element.byteCount) {
        case ("i", 8): forEach(Int64.self) { body(Int($0)) }
        case ("i", 4): forEach(Int32.self) { body(Int($0)) }
        case ("i", 2): forEach(Int16.self) { body(Int($0)) }
        case ("i", 1): forEach(Int8.self) { body(Int($0)) }
        case ("u", 8): forEach(UInt64.self) { body(Int(clamping: $0)) }
        case ("u", 4): forEach(UInt32.self) { body(Int($0)) }
        case ("u", 2): forEach(UInt16.self) { body(Int($0)) }
        case ("u", 1), ("b", 1): forEach(UInt8.self) { body(Int($0)) }
        default: throw bad("of type \(type)", "whole numbers, such as int32 or int64", Self.convert)
        }
    }

    /// - Parameter body: gets the elements in the processor's byte order.
    @inline(__always)
    private func forEach<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, _ body: (Element) -> Bool
    ) {
        let bytes = content.bytes
        for index in 0..<count {
            let place = dataStart + index * MemoryLayout<Element>.size
            let stored = bytes.loadUnaligned(fromByteOffset: place, as: Element.self)
            if !body(element.isBigEndian ? Element(bigEndian: stored) : Element(littleEndian: stored)) { return }
        }
    }

    private static let convert: Message =
        "convert it with astype('float32') or astype('int64') in NumPy, and write the file again"

    /// What is wrong with this array.
    package func bad(_ found: String, _ expected: Message, _ advice: Message) -> FileError {
        .badData(BadData(path: archive, found: "array '\(name)' \(found)", expected: expected, advice: advice))
    }
}

/// What NumPy's name of an element type says, such as `<f4` or `|S3`.
private struct NumPyElement {
    let isBigEndian: Bool
    /// `b`, `i`, `u`, `f`, `c`, `S`, `U` and others.
    let kind: Character
    /// 0 for what is no name of a type, and for types whose elements have no fixed size.
    let byteCount: Int

    init(_ type: String) {
        var rest = type[...]
        let order = rest.first
        if let order, "<>|=".contains(order) { rest = rest.dropFirst() }
        isBigEndian = order == ">"
        kind = rest.first ?? "?"
        let size = Int(rest.dropFirst().prefix { $0.isASCII && $0.isNumber }) ?? 0
        byteCount = size >= 1 << 32 ? 0 : kind == "U" ? 4 * size : size
    }
}
