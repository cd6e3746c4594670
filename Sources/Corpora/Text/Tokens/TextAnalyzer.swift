/// Converts a text to the features that are counted: tokens, without stop words, stemmed, as n-grams.
struct TextAnalyzer: Sendable {
    let options: TextOptions
    private let tokenizer: Tokenizer
    private let stopWords: TokenTable?

    private enum Tokenizer {
        case words(WordTokenizer)
        case pattern(PatternTokenizer)
        case characters(CharacterNGrams)
    }

    /// - Parameter usesPattern: whether to use the regular expression even for patterns that match words, for tests.
    init(_ options: TextOptions, usesPattern: Bool = false) throws(TextOptionsError) {
        try options.check()
        self.options = options
        if options.analyzer != .word {
            tokenizer = .characters(
                CharacterNGrams(
                    lowercase: options.lowercase, withinWords: options.analyzer == .charactersWithinWords,
                    lengths: options.ngrams))
        } else if !usesPattern, let shortest = WordTokenizer.shortestToken(ofPattern: options.tokenPattern) {
            tokenizer = .words(WordTokenizer(shortest: shortest, lowercase: options.lowercase))
        } else {
            tokenizer = .pattern(
                try PatternTokenizer(pattern: options.tokenPattern, lowercase: options.lowercase))
        }
        let words = options.stopWords.words
        stopWords = words.isEmpty ? nil : TokenTable(words)
    }

    /// Whether the features of a text are valid until the end of `forEachFeature`, and not only within one call.
    var featuresLast: Bool {
        switch tokenizer {
        case .words: !options.stem || options.ngrams != 1...1
        case .pattern: options.ngrams != 1...1
        case .characters: true
        }
    }

    /// Whether features are never empty and `TokenKey.padding` bytes may be read from the start of each one.
    var featuresArePadded: Bool {
        switch tokenizer {
        case .words: !options.stem && options.ngrams == 1...1
        case .pattern: false
        case .characters: true
        }
    }

    /// Calls `body` with each feature of a text, valid as long as stated by `featuresLast`.
    func forEachFeature(
        in text: UnsafeBufferPointer<UInt8>, workspace: TextWorkspace, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        if stopWords == nil, !options.stem, options.ngrams == 1...1 || options.analyzer != .word {
            forEachToken(in: text, workspace: workspace, body)
            return
        }
        workspace.beginSequence()
        forEachToken(in: text, workspace: workspace) { token in
            if let stopWords, stopWords.find(token) != nil {
                workspace.stopWordsDropped += 1
                return
            }
            let word = workspace.stemmer.map { $0.stem(token) } ?? token
            if options.ngrams == 1...1 { body(word) } else { workspace.addToSequence(word) }
        }
        if options.ngrams != 1...1 { workspace.forEachNGram(options.ngrams, body) }
    }

    @inline(__always)
    private func forEachToken(
        in text: UnsafeBufferPointer<UInt8>, workspace: TextWorkspace, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var tokens = 0
        let isValid =
            switch tokenizer {
            case .words(let words):
                words.forEachToken(in: text, scratch: workspace.scratch) { token in
                    tokens &+= 1
                    body(token)
                }
            case .pattern(let pattern):
                pattern.forEachToken(in: text, workspace.pattern) { token in
                    tokens += 1
                    body(token)
                }
            case .characters(let characters):
                characters.forEach(in: text, workspace: workspace.characters) { ngram in
                    tokens &+= 1
                    body(ngram)
                }
            }
        workspace.tokens += tokens
        workspace.documentsRepaired += isValid ? 0 : 1
    }
}

extension TextOptions {
    /// Checks that the options are valid, including the token pattern.
    public func validate() throws(TextOptionsError) { _ = try TextAnalyzer(self) }

    fileprivate func check() throws(TextOptionsError) {
        guard ngrams.lowerBound >= 1 else {
            throw TextOptionsError(
                option: "ngrams", found: "\(ngrams.lowerBound)–\(ngrams.upperBound)", expected: "at least one token")
        }
        if analyzer != .word {
            // Options that apply to tokens only are rejected, since they would have no effect.
            let unit = "characters are counted, not words"
            for (option, isAskedFor, expected) in [
                ("stem", stem, "no stems"), ("stop-words", !stopWords.words.isEmpty, "no stop words"),
                ("token-pattern", tokenPattern != Self.defaultTokenPattern, "no pattern of words"),
            ] where isAskedFor {
                throw TextOptionsError(option: option, found: unit, expected: "\(expected), or the analyzer word")
            }
        }
        for (option, frequency) in [("min-df", minDF), ("max-df", maxDF)] where !frequency.isValid {
            throw TextOptionsError(
                option: option, found: "\(frequency)",
                expected: "a number of documents from 1, or a share from 0.0 to 1.0")
        }
        guard maxFeatures ?? 1 >= 1 else {
            throw TextOptionsError(option: "max-features", found: "\(maxFeatures ?? 0)", expected: "at least 1")
        }
    }
}

/// The working memory and the counters of analysing texts; used by one thread at a time.
final class TextWorkspace {
    let scratch = GrowingBuffer<UInt8>()
    let characters = CharacterWorkspace()
    /// Created when a text is searched by a pattern.
    lazy var pattern = PatternWorkspace()
    let stemmer: Stemmer?
    var tokens = 0
    var stopWordsDropped = 0
    var documentsRepaired = 0
    /// The words of a document, each followed by a blank, so that n-grams are consecutive bytes.
    private let sequence = GrowingBuffer<UInt8>()
    /// The end of the blank after each word, preceded by a zero.
    private let ends = GrowingBuffer<Int>()

    init(_ options: TextOptions) { stemmer = options.stem ? Stemmer() : nil }

    func beginSequence() {
        sequence.removeAll()
        ends.removeAll()
        ends.append(0)
    }

    func addToSequence(_ word: UnsafeBufferPointer<UInt8>) {
        sequence.append(word)
        sequence.append(UInt8(ascii: " "))
        ends.append(sequence.count)
    }

    func forEachNGram(_ lengths: ClosedRange<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        let words = ends.count - 1
        for first in 0..<words {
            let longest = min(lengths.upperBound, words - first)
            for length in lengths.lowerBound..<max(lengths.lowerBound, longest + 1) {
                let start = ends.start[first]
                let count = ends.start[first + length] - start - 1
                body(UnsafeBufferPointer(start: sequence.start + start, count: count))
            }
        }
    }
}
