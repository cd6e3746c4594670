/// Texts as bytes, each followed by a line feed, in the convention of PostgreSQL's COPY: `\\`, `\n` and `\r` stand for
/// a backslash, a line feed and a carriage return within a text, and a line `\N` for a missing text. If each line is a
/// list of texts, they are separated by `\,`, and `\N` stands for an empty list.
///
/// Texts without these characters, which are nearly all, are stored unchanged.
package enum EscapedLines {
    private static let backslash = UInt8(ascii: "\\")
    private static let lineFeed = UInt8(ascii: "\n")
    /// The separator of the texts of a list.
    static let separator = #"\,"#

    static func append(_ text: String?, to bytes: inout [UInt8]) {
        guard let text else {
            bytes += [backslash, UInt8(ascii: "N"), lineFeed]
            return
        }
        appendEscaped(text, to: &bytes)
        bytes.append(lineFeed)
    }

    /// Appends a line with any number of texts.
    static func append(list: [String], to bytes: inout [UInt8]) {
        if list.isEmpty { return append(nil, to: &bytes) }
        for (place, text) in list.enumerated() {
            if place > 0 { bytes += separator.utf8 }
            appendEscaped(text, to: &bytes)
        }
        bytes.append(lineFeed)
    }

    private static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case backslash: bytes += [backslash, backslash]
            case lineFeed: bytes += [backslash, UInt8(ascii: "n")]
            case UInt8(ascii: "\r"): bytes += [backslash, UInt8(ascii: "r")]
            default: bytes.append(byte)
            }
        }
    }

    package static func bytes(of texts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for text in texts { append(text, to: &bytes) }
        return bytes
    }

    /// The texts, nil for missing ones; nil as a whole if the bytes are invalid.
    package static func texts(in bytes: UnsafeBufferPointer<UInt8>) -> [String?]? {
        var cursor = Cursor(bytes)
        var texts: [String?] = []
        while !cursor.isAtEnd {
            guard let text = cursor.next() else { return nil }
            texts.append(text)
        }
        return texts
    }

    /// The lists of texts, one per line; nil if the bytes are invalid.
    static func lists(in bytes: UnsafeBufferPointer<UInt8>, separator: ListSeparator) -> [[String]]? {
        var cursor = Cursor(bytes)
        var lists: [[String]] = []
        while !cursor.isAtEnd {
            guard let list = cursor.nextList(separator) else { return nil }
            lists.append(list)
        }
        return lists
    }

    /// The separator of the texts of a list.
    enum ListSeparator {
        case escapedComma
        /// The separator of older files, in which a comma within a text cannot be distinguished from one between texts.
        case comma
    }

    /// The number of texts, or of lists of texts; nil if the bytes are invalid.
    ///
    /// - Parameter separator: nil if each line is one text.
    static func count(in bytes: UnsafeBufferPointer<UInt8>, separator: ListSeparator?) -> Int? {
        var cursor = Cursor(bytes)
        var count = 0
        while !cursor.isAtEnd {
            if let separator {
                if cursor.nextList(separator) == nil { return nil }
            } else if cursor.next() == nil {
                return nil
            }
            count += 1
        }
        return count
    }

    /// Iterates over the texts. The bytes must outlive it.
    struct Cursor {
        private var bytes: Slice<UnsafeBufferPointer<UInt8>>

        init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes[...] }

        var isAtEnd: Bool { bytes.isEmpty }

        /// The next text, `.some(nil)` for a missing one; nil if the next line is invalid or not terminated.
        mutating func next() -> String?? {
            guard let end = bytes.firstIndex(of: lineFeed) else { return nil }
            let line = UnsafeBufferPointer(rebasing: bytes[..<end])
            bytes = bytes[(end + 1)...]
            return text(of: line)
        }

        /// The texts of the next line; nil if it is invalid or not terminated.
        mutating func nextList(_ separator: ListSeparator) -> [String]? {
            guard separator == .escapedComma else {
                guard let text = next() else { return nil }
                guard let text else { return [] }
                let parts = text.split(separator: ",")
                return parts.count < 2 ? [text] : parts.map(String.init)
            }
            guard let end = bytes.firstIndex(of: lineFeed) else { return nil }
            let line = UnsafeBufferPointer(rebasing: bytes[..<end])
            bytes = bytes[(end + 1)...]
            return EscapedLines.list(of: line)
        }

        /// The next lists; nil if there are fewer than `count`.
        mutating func nextLists(_ count: Int, _ separator: ListSeparator) -> [[String]]? {
            var lists: [[String]] = []
            lists.reserveCapacity(count)
            for _ in 0..<count {
                guard let list = nextList(separator) else { return nil }
                lists.append(list)
            }
            return lists
        }

        /// The next texts; nil if there are fewer than `count`.
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

    /// The texts of a line with escaped commas as separators; nil if the line is invalid.
    private static func list(of line: UnsafeBufferPointer<UInt8>) -> [String]? {
        var list: [String] = []
        var start = 0
        var place = 0
        while place <= line.count {
            let isSeparator = place + 1 < line.count && line[place] == backslash && line[place + 1] == UInt8(ascii: ",")
            if isSeparator || place == line.count {
                guard let text = text(of: UnsafeBufferPointer(rebasing: line[start..<place])) else { return nil }
                guard let text else { return start == 0 && place == line.count ? [] : nil }
                list.append(text)
                start = place + 2
            }
            place += place < line.count && line[place] == backslash ? 2 : 1
        }
        // A backslash at the end of the line escapes nothing, so the last text is incomplete.
        return start == line.count + 2 ? list : nil
    }

    /// The text of a line: `.some(nil)` for a missing text, `nil` for an invalid line.
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
