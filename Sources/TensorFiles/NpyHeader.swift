/// The head of a NumPy array file, version 1.0: a magic string, the length of the text, and the text, a Python
/// dictionary that tells the element type, the order and the shape.
///
/// Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.
enum NpyHeader {
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// The data starts at a multiple of this.
    static let dataAlignment = 64

    /// The head for a row-major array, padded with spaces up to the alignment of the data.
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

    /// Takes the value of a key out of the text, as it is written there; nil if it is not there.
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
