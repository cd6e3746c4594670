/// Appends `text` as a JSON string, quotes included. Escapes only what JSON requires.
package func appendJSONString(_ text: String, to buffer: inout [UInt8]) {
    let hexDigits: StaticString = "0123456789abcdef"
    buffer.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            buffer.append(UInt8(ascii: "\\"))
            buffer.append(byte)
        case UInt8(ascii: "\n"): buffer.append(contentsOf: "\\n".utf8)
        case UInt8(ascii: "\r"): buffer.append(contentsOf: "\\r".utf8)
        case UInt8(ascii: "\t"): buffer.append(contentsOf: "\\t".utf8)
        case 0..<0x20:
            buffer.append(contentsOf: "\\u00".utf8)
            buffer.append(hexDigits.utf8Start[Int(byte >> 4)])
            buffer.append(hexDigits.utf8Start[Int(byte & 15)])
        default: buffer.append(byte)
        }
    }
    buffer.append(UInt8(ascii: "\""))
}
