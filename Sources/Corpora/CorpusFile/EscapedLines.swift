/// Texts as bytes, each ended by a line feed, in the convention of PostgreSQL's COPY: `\\`, `\n` and `\r` stand for a
/// backslash, a line feed and a carriage return within a text, and a line `\N` for one that is not there.
///
/// Texts without these characters, nearly all, are their own bytes.
package enum EscapedLines {
    private static let backslash = UInt8(ascii: "\\")
    private static let lineFeed = UInt8(ascii: "\n")

    static func append(_ text: String?, to bytes: inout [UInt8]) {
        guard let text else {
            bytes += [backslash, UInt8(ascii: "N"), lineFeed]
            return
        }
        for byte in text.utf8 {
            switch byte {
            case backslash: bytes += [backslash, backslash]
            case lineFeed: bytes += [backslash, UInt8(ascii: "n")]
            case UInt8(ascii: "\r"): bytes += [backslash, UInt8(ascii: "r")]
            default: bytes.append(byte)
            }
        }
        bytes.append(lineFeed)
    }

    package static func bytes(of texts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for text in texts { append(text, to: &bytes) }
        return bytes
    }

    /// The texts, nil for each that is not there; nil altogether if the bytes are not such texts.
    package static func texts(in bytes: UnsafeBufferPointer<UInt8>) -> [String?]? {
        var cursor = Cursor(bytes)
        var texts: [String?] = []
        while !cursor.isAtEnd {
            guard let text = cursor.next() else { return nil }
            texts.append(text)
        }
        return texts
    }

    /// How many texts there are; nil if the bytes are not such texts.
    static func count(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var cursor = Cursor(bytes)
        var count = 0
        while !cursor.isAtEnd {
            if cursor.next() == nil { return nil }
            count += 1
        }
        return count
    }

    /// Goes through texts from front to end. The bytes have to outlive it.
    struct Cursor {
        private var bytes: Slice<UnsafeBufferPointer<UInt8>>

        init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes[...] }

        var isAtEnd: Bool { bytes.isEmpty }

        /// The next text, `.some(nil)` for one that is not there; nil if the next line means nothing or has no end.
        mutating func next() -> String?? {
            guard let end = bytes.firstIndex(of: lineFeed) else { return nil }
            let line = UnsafeBufferPointer(rebasing: bytes[..<end])
            bytes = bytes[(end + 1)...]
            return text(of: line)
        }

        /// The next texts; nil if there are not as many.
        mutating func next(_ count: Int) -> [String?]? {
            var texts: [String?] = []
            texts.reserveCapacity(count)
            for _ in 0..<count {
                guard let text = next() else { return nil }
                texts.append(text)
            }
            return texts
        }
    }

    /// The text of a line: `.some(nil)` is one that is not there, `nil` a line that means nothing.
    private static func text(of line: UnsafeBufferPointer<UInt8>) -> String?? {
        guard line.contains(backslash) else {
            return String(validating: line, as: UTF8.self).map { .some($0) }
        }
        if line.elementsEqual([backslash, UInt8(ascii: "N")]) { return .some(nil) }
        var bytes: [UInt8] = []
        var place = 0
        while place < line.count {
            var byte = line[place]
            if byte == backslash {
                place += 1
                guard place < line.count, let meant = meaning(of: line[place]) else { return nil }
                byte = meant
            }
            bytes.append(byte)
            place += 1
        }
        return String(validating: bytes, as: UTF8.self).map { .some($0) }
    }

    private static func meaning(of escaped: UInt8) -> UInt8? {
        switch escaped {
        case backslash: backslash
        case UInt8(ascii: "n"): lineFeed
        case UInt8(ascii: "r"): UInt8(ascii: "\r")
        default: nil
        }
    }
}
