/// Splits a text into runs of characters (Unicode scalars), as `CountVectorizer` does with `analyzer="char"` and
/// `"char_wb"`: for scripts without blanks between words, such as Chinese, Japanese and Thai, and for robustness
/// against spelling variants.
struct CharacterNGrams {
    let lowercase: Bool
    /// Whether n-grams are within words, with a blank added before and after each word, rather than across words.
    let withinWords: Bool
    let lengths: ClosedRange<Int>

    /// Calls `body` with each n-gram, valid until `workspace` is used for another text; `TokenKey.padding` bytes may be
    /// read from its start.
    ///
    /// - Returns: whether the text was valid UTF-8. Invalid bytes are read as U+FFFD, which is counted like other
    ///   characters.
    /// - Complexity: O(characters × lengths).
    func forEach(
        in text: UnsafeBufferPointer<UInt8>, workspace: CharacterWorkspace, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) -> Bool {
        workspace.begin(bytes: text.count)
        // Words are surrounded by blanks; after the last word there is a single one.
        var blanks = BlankRun(whole: withinWords)
        if withinWords { workspace.append(CharacterWorkspace.blank) }
        var isValid = true
        var position = 0
        while position < text.count {
            let (scalar, length) = UTF8Decoding.scalar(at: position, in: text)
            if scalar == nil { isValid = false }
            func take(_ scalar: UInt32) {
                if PythonScalars.isSpace(scalar) {
                    blanks.add(scalar)
                } else {
                    blanks.end(workspace)
                    workspace.append(scalar)
                }
            }
            if lowercase {
                Lowercasing.forEachScalar(of: scalar ?? UTF8Decoding.replacement, at: position, in: text, take)
            } else {
                take(scalar ?? UTF8Decoding.replacement)
            }
            position += length
        }
        if withinWords { blanks.add(CharacterWorkspace.blank) }
        blanks.end(workspace)
        withinWords ? forEachWithinWords(workspace, body) : forEach(workspace, 0..<workspace.count, body)
        return isValid
    }

    private func forEach(
        _ characters: CharacterWorkspace, _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        for first in range {
            let longest = min(lengths.upperBound, range.upperBound - first)
            for length in lengths.lowerBound..<max(lengths.lowerBound, longest + 1) {
                body(characters[first..<first + length])
            }
        }
    }

    /// A word that, with its blanks, is shorter than the shortest n-gram is a single feature.
    private func forEachWithinWords(_ characters: CharacterWorkspace, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var start = 0
        for end in 1..<max(1, characters.count) where characters.isBlank(end) {
            let word = start..<end + 1
            start = end
            if word.count < lengths.lowerBound {
                body(characters[word])
            } else {
                forEach(characters, word, body)
            }
        }
    }
}

/// A run of white space: several characters become one blank; if n-grams are within words, so does a single one.
private struct BlankRun {
    let whole: Bool
    private var count = 0
    private var first: UInt32 = 0

    init(whole: Bool) { self.whole = whole }

    mutating func add(_ scalar: UInt32) {
        if count == 0 { first = scalar }
        count += 1
    }

    mutating func end(_ characters: CharacterWorkspace) {
        if count == 0 { return }
        let blank = CharacterWorkspace.blank
        if !whole {
            characters.append(count == 1 ? first : blank)
        } else if characters.count > 1 {
            // A blank has already been added before the first word.
            characters.append(blank)
        }
        count = 0
    }
}

/// The characters of a text in the form in which they are counted, stored consecutively; used by one thread at a time.
final class CharacterWorkspace {
    static let blank: UInt32 = 0x20

    private let bytes = GrowingBuffer<UInt8>()
    /// The start of each character, and the end of the last one.
    private let starts = GrowingBuffer<Int>()

    /// Reserves memory for the characters of `count` bytes: two bytes become at most three, and an invalid byte becomes
    /// three.
    func begin(bytes count: Int) {
        bytes.removeAll()
        starts.removeAll()
        bytes.reserve(3 * count + 8 + TokenKey.padding)
        starts.append(0)
    }

    var count: Int { starts.count - 1 }

    subscript(range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        let start = starts.start[range.lowerBound]
        return UnsafeBufferPointer(start: bytes.start + start, count: starts.start[range.upperBound] - start)
    }

    func isBlank(_ character: Int) -> Bool { bytes.start[starts.start[character]] == UInt8(Self.blank) }

    @inline(__always)
    func append(_ scalar: UInt32) {
        bytes.take(UTF8Decoding.write(scalar, to: bytes.start + bytes.count))
        starts.append(bytes.count)
    }
}
