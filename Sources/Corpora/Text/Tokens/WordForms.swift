import CStemmer

/// Python's `str.lower` on UTF-8 bytes.
enum Lowercasing {
    /// Calls `body` with the lower case of the scalar at `position`.
    @inline(__always)
    static func forEachScalar(
        of scalar: UInt32, at position: Int, in text: UnsafeBufferPointer<UInt8>, _ body: (UInt32) -> Void
    ) {
        if scalar == FinalSigma.capital {
            body(FinalSigma.lowered(at: position, in: text))
        } else {
            PythonScalars.forEachLowered(scalar, body)
        }
    }

    /// A whole text in lower case; invalid bytes become U+FFFD.
    static func lowercased(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        // Two bytes become at most three, and an invalid byte becomes three.
        [UInt8](unsafeUninitializedCapacity: 3 * text.count + 4) { place, count in
            guard let start = place.baseAddress else { return }
            var position = 0
            while position < text.count {
                let (scalar, length) = UTF8Decoding.scalar(at: position, in: text)
                forEachScalar(of: scalar ?? UTF8Decoding.replacement, at: position, in: text) {
                    count += UTF8Decoding.write($0, to: start + count)
                }
                position += length
            }
        }
    }
}

/// The only lowercasing that depends on context: a capital sigma at the end of a word.
enum FinalSigma {
    static let capital: UInt32 = 0x3A3

    /// The lower case of the sigma at `position`: ς if it is preceded by a cased letter and not followed by one,
    /// otherwise σ; case-ignorable scalars in between (such as an apostrophe) are skipped.
    static func lowered(at position: Int, in bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var before = position
        var isAfterCased = false
        while before > 0 {
            before = UTF8Decoding.start(before: before, in: bytes)
            guard let properties = properties(at: before, in: bytes) else { break }
            if properties.isCaseIgnorable { continue }
            isAfterCased = properties.isCased
            break
        }
        guard isAfterCased else { return 0x3C3 }
        var after = position + 2
        while after < bytes.count, let properties = properties(at: after, in: bytes) {
            if properties.isCaseIgnorable {
                after += UTF8Decoding.scalar(at: after, in: bytes).length
                continue
            }
            return properties.isCased ? 0x3C3 : 0x3C2
        }
        return 0x3C2
    }

    private static func properties(
        at position: Int, in bytes: UnsafeBufferPointer<UInt8>
    ) -> Unicode.Scalar.Properties? {
        UTF8Decoding.scalar(at: position, in: bytes).value.flatMap(Unicode.Scalar.init)?.properties
    }
}

/// Snowball's English stemmer. Each distinct word is stemmed once; used by one thread at a time.
final class Stemmer {
    private let stemmer: OpaquePointer
    private let words = TokenTable()
    /// The stems of `words`, in the same order, stored consecutively.
    private let stems = GrowingBuffer<UInt8>()
    private let ends = GrowingBuffer<Int>()
    /// The maximum number of words before the cache is cleared, so that memory does not grow with the text.
    private static let mostWords = 1 << 18

    init() {
        guard let stemmer = sb_stemmer_new("english", nil) else { fatalError("libstemmer has no memory left") }
        self.stemmer = stemmer
        ends.append(0)
    }

    deinit { sb_stemmer_delete(stemmer) }

    /// A word's stem, valid until the next call; the word itself if its stem would be empty.
    func stem(_ word: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        if words.count >= Self.mostWords { forget() }
        let number = Int(words.insert(word))
        if number == ends.count - 1 { addStem(of: word) }
        let start = ends.start[number]
        return UnsafeBufferPointer(start: stems.start + start, count: ends.start[number + 1] - start)
    }

    private func addStem(of word: UnsafeBufferPointer<UInt8>) {
        let stem = Int32(exactly: word.count).flatMap { sb_stemmer_stem(stemmer, word.baseAddress, $0) }
        let length = stem == nil ? 0 : Int(sb_stemmer_length(stemmer))
        stems.append(length > 0 ? UnsafeBufferPointer(start: stem, count: length) : word)
        ends.append(stems.count)
    }

    private func forget() {
        words.removeAll()
        stems.removeAll()
        ends.removeAll()
        ends.append(0)
    }
}
