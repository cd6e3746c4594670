/// How text becomes words to count. Names, meaning and defaults are those of scikit-learn's `CountVectorizer`.
///
/// A text is lowercased, cut into tokens, freed of stop words, stemmed if asked for, and its n-grams are counted; the
/// vocabulary is what the document frequencies and the limit leave, sorted by code points.
public struct TextOptions: Codable, Sendable, Equatable {
    /// Tokens of two or more letters, digits or underscores.
    public static let defaultTokenPattern = #"(?u)\b\w\w+\b"#

    /// By Unicode's full mappings, as Python's `str.lower`.
    public var lowercase: Bool
    /// A regular expression as Python writes it; with one group, the group is the token.
    public var tokenPattern: String
    /// How many neighbouring tokens make a feature, joined by single blanks; taken after stop words are gone.
    public var ngrams: ClosedRange<Int>
    /// Features that occur in fewer documents are left out.
    public var minDF: DocumentFrequency
    /// Features that occur in more documents are left out.
    public var maxDF: DocumentFrequency
    /// Keeps the features of the highest total counts; among equals, those that come first by code points.
    public var maxFeatures: Int?
    public var stopWords: StopWords
    /// Replaces words by their stems (Snowball's English algorithm) once stop words are gone. Not in `CountVectorizer`.
    public var stem: Bool

    public init(
        lowercase: Bool = true, tokenPattern: String = Self.defaultTokenPattern, ngrams: ClosedRange<Int> = 1...1,
        minDF: DocumentFrequency = .count(1), maxDF: DocumentFrequency = .share(1), maxFeatures: Int? = nil,
        stopWords: StopWords = .none, stem: Bool = false
    ) {
        self.lowercase = lowercase
        self.tokenPattern = tokenPattern
        self.ngrams = ngrams
        self.minDF = minDF
        self.maxDF = maxDF
        self.maxFeatures = maxFeatures
        self.stopWords = stopWords
        self.stem = stem
    }
}

/// An option that has no meaning.
public struct TextOptionsError: Error, Equatable, CustomStringConvertible {
    /// What the option is called on the command line, without dashes.
    public var option: String
    public var found: String
    public var expected: String

    public var description: String { "--\(option): found \(found); expected \(expected)" }
}
