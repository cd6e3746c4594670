/// Splits UTF-8 bytes into runs of word characters: the fast implementation of `\b\w\w+\b` and similar patterns.
///
/// ASCII is processed with a table of 256 bytes; other characters are decoded, lowercased and classified as in Python.
struct WordTokenizer {
    /// The minimum number of scalars in a token.
    let shortest: Int
    let lowercase: Bool
    /// The lower-case form of each ASCII byte within a word; 0 if it is not a word character.
    private let table: [UInt8]

    init(shortest: Int, lowercase: Bool) {
        self.shortest = shortest
        self.lowercase = lowercase
        table = (0..<128).map { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): lowercase ? byte | 0x20 : byte
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): byte
            default: 0
            }
        }
    }

    /// The minimum length of tokens for a pattern that matches runs of word characters; nil for other patterns.
    static func shortestToken(ofPattern pattern: String) -> Int? {
        let body = pattern.hasPrefix("(?u)") ? pattern.dropFirst(4) : pattern[...]
        switch body {
        case #"\b\w+\b"#, #"\w+"#: return 1
        case #"\b\w\w+\b"#, #"\b\w{2,}\b"#, #"\w\w+"#, #"\w{2,}"#: return 2
        case #"\b\w\w\w+\b"#, #"\b\w{3,}\b"#: return 3
        default: return nil
        }
    }

    /// Calls `body` with each token, valid until `scratch` changes; `TokenKey.padding` bytes may be read from its
    /// start.
    ///
    /// - Returns: whether the text was valid UTF-8. Invalid bytes are not part of a word.
    @inline(__always)
    func forEachToken(
        in text: UnsafeBufferPointer<UInt8>, scratch: GrowingBuffer<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) -> Bool {
        // Lowercasing converts two bytes to at most three.
        scratch.removeAll()
        scratch.reserve(2 * text.count + 8 + TokenKey.padding)
        return table.withUnsafeBufferPointer { table in
            var run = Run(place: scratch.start, shortest: shortest)
            var isValid = true
            var position = 0
            while position < text.count {
                let byte = text[position]
                if byte < 0x80 {
                    let letter = table[Int(byte)]
                    if letter != 0 { run.append(letter) } else { run.end(body) }
                    position &+= 1
                } else {
                    let (scalar, length) = UTF8Decoding.scalar(at: position, in: text)
                    if let scalar {
                        take(scalar, at: position, in: text, &run, body)
                    } else {
                        isValid = false
                        run.end(body)
                    }
                    position &+= length
                }
            }
            run.end(body)
            return isValid
        }
    }

    @inline(__always)
    private func take(
        _ scalar: UInt32, at position: Int, in text: UnsafeBufferPointer<UInt8>, _ run: inout Run,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        func takeOne(_ scalar: UInt32) {
            if PythonScalars.isWord(scalar) { run.append(scalar: scalar) } else { run.end(body) }
        }
        if lowercase {
            Lowercasing.forEachScalar(of: scalar, at: position, in: text, takeOne)
        } else {
            takeOne(scalar)
        }
    }
}

/// The current token.
private struct Run {
    /// The start of the token; tokens are stored consecutively.
    private var place: UnsafeMutablePointer<UInt8>
    private let shortest: Int
    private var length = 0
    private var scalars = 0

    init(place: UnsafeMutablePointer<UInt8>, shortest: Int) {
        self.place = place
        self.shortest = shortest
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        place[length] = byte
        length &+= 1
        scalars &+= 1
    }

    @inline(__always)
    mutating func append(scalar: UInt32) {
        length &+= UTF8Decoding.write(scalar, to: place + length)
        scalars &+= 1
    }

    @inline(__always)
    mutating func end(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        if scalars >= shortest, scalars > 0 {
            body(UnsafeBufferPointer(start: place, count: length))
            place += length
        }
        length = 0
        scalars = 0
    }
}
