/// The parsed form of NumPy's name of an element type, such as `<f4` or `|S3`.
struct NumPyElement {
    let isBigEndian: Bool
    /// The kind of the type: `b`, `i`, `u`, `f`, `c`, `S`, `U` or another letter.
    let kind: Character
    /// The size of an element in bytes; 0 for invalid names and for types whose elements have no fixed size.
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

    /// The result of converting elements to Floats.
    struct Conversion {
        /// The number of elements that are not exactly representable.
        var rounded = 0
        /// The number of nonzero elements that became zero.
        var tooSmall = 0
        /// The index of the first element that is not finite as a Float.
        var firstNotFinite: Int?
    }

    /// Converts elements to the nearest Floats and writes them to `target`, up to the first that is not finite.
    ///
    /// - Returns: nil if the elements are not real numbers.
    /// - Precondition: `bytes` has `count` elements, and `target` room for as many.
    func convert(_ bytes: UnsafeRawBufferPointer, count: Int, to target: UnsafeMutablePointer<Float>) -> Conversion? {
        var done = Conversion()
        var place = 0
        func put(_ value: Float, isExact: Bool) -> Bool {
            guard value.isFinite else {
                done.firstNotFinite = place
                return false
            }
            target[place] = value
            if !isExact {
                done.rounded += 1
                if value == 0 { done.tooSmall += 1 }
            }
            place += 1
            return true
        }
        func whole<Element: FixedWidthInteger & BitwiseCopyable>(_: Element.Type) {
            forEach(Element.self, in: bytes, count) { put(Float($0), isExact: Element(exactly: Float($0)) == $0) }
        }
        switch (kind, byteCount) {
        case ("f", 2): forEach(UInt16.self, in: bytes, count) { put(Float(Float16(bitPattern: $0)), isExact: true) }
        case ("f", 4): forEach(UInt32.self, in: bytes, count) { put(Float(bitPattern: $0), isExact: true) }
        case ("f", 8):
            forEach(UInt64.self, in: bytes, count) { bits in
                let number = Double(bitPattern: bits)
                return put(Float(number), isExact: Double(Float(number)) == number)
            }
        case ("i", 8): whole(Int64.self)
        case ("i", 4): whole(Int32.self)
        case ("i", 2): whole(Int16.self)
        case ("i", 1): whole(Int8.self)
        case ("u", 8): whole(UInt64.self)
        case ("u", 4): whole(UInt32.self)
        case ("u", 2): whole(UInt16.self)
        case ("u", 1), ("b", 1): whole(UInt8.self)
        default: return nil
        }
        return done
    }

    /// Calls `body` with each element, as an integer, in order until it returns false; numbers outside the range of
    /// `Int` are clamped.
    ///
    /// - Returns: whether the elements are integers.
    func forEachInteger(_ bytes: UnsafeRawBufferPointer, count: Int, _ body: (Int) -> Bool) -> Bool {
        switch (kind, byteCount) {
        case ("i", 8): forEach(Int64.self, in: bytes, count) { body(Int($0)) }
        case ("i", 4): forEach(Int32.self, in: bytes, count) { body(Int($0)) }
        case ("i", 2): forEach(Int16.self, in: bytes, count) { body(Int($0)) }
        case ("i", 1): forEach(Int8.self, in: bytes, count) { body(Int($0)) }
        case ("u", 8): forEach(UInt64.self, in: bytes, count) { body(Int(clamping: $0)) }
        case ("u", 4): forEach(UInt32.self, in: bytes, count) { body(Int($0)) }
        case ("u", 2): forEach(UInt16.self, in: bytes, count) { body(Int($0)) }
        case ("u", 1), ("b", 1): forEach(UInt8.self, in: bytes, count) { body(Int($0)) }
        default: return false
        }
        return true
    }

    /// - Parameter body: receives the elements in the processor's byte order.
    @inline(__always)
    private func forEach<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, in bytes: UnsafeRawBufferPointer, _ count: Int, _ body: (Element) -> Bool
    ) {
        for index in 0..<count {
            let stored = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self)
            if !body(isBigEndian ? Element(bigEndian: stored) : Element(littleEndian: stored)) { return }
        }
    }
}
