/// A text as a key, equal to another only if its UTF-8 bytes are.
///
/// Swift holds strings for equal that Unicode calls canonically equivalent, such as a letter with an accent written as
/// one scalar or as two. To a corpus those are two words, two labels, two ids, as they are to the programs that made it.
package struct ByteKey: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (a: ByteKey, b: ByteKey) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }
}
