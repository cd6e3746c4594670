import CStemmer

/// Snowball's English stemmer. Each distinct word is stemmed once; belongs to one thread at a time.
final class Stemmer {
    private let stemmer: OpaquePointer
    private let words = TokenTable()
    /// The stems of `words`, in their order, back to back.
    private let stems = GrowingBuffer<UInt8>()
    private let ends = GrowingBuffer<Int>()
    /// Beyond this many words the memory begins anew, so that it doesn't follow the text.
    private static let mostWords = 1 << 18

    init() {
        guard let stemmer = sb_stemmer_new("english", nil) else { fatalError("libstemmer has no memory left") }
        self.stemmer = stemmer
        ends.append(0)
    }

    deinit { sb_stemmer_delete(stemmer) }

    /// A word's stem, valid until the next call; the word itself where nothing would be left of it.
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
