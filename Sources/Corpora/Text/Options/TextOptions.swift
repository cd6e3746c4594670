/// The unit that is counted. Names and meanings are those of scikit-learn's `CountVectorizer`.
public enum FeatureUnit: String, Codable, Sendable, Equatable, CaseIterable {
    /// Tokens found by a pattern.
    case word
    /// Runs of characters, across words; several white spaces in a row count as one blank.
    case characters = "char"
    /// Runs of characters within words, with a blank added before and after each word.
    case charactersWithinWords = "char-wb"
}

/// How text is converted to the words that are counted. Names, meanings and defaults are those of scikit-learn's
/// `CountVectorizer`.
///
/// A text is lowercased, split into tokens, stop words are removed, tokens are stemmed if requested, and n-grams are
/// counted; the vocabulary consists of the features that satisfy the document frequencies and the maximum number,
/// sorted by code points.
public struct TextOptions: Codable, Sendable, Equatable {
    /// Tokens of two or more letters, digits or underscores.
    public static let defaultTokenPattern = #"(?u)\b\w\w+\b"#

    public var analyzer = FeatureUnit.word
    /// Whether text is lowercased, by Unicode's full mappings, as Python's `str.lower` does.
    public var lowercase: Bool
    /// A regular expression in Python's notation; if it has a group, the group is the token.
    public var tokenPattern: String
    /// The numbers of consecutive tokens that form a feature, joined by single blanks, after stop words have been
    /// removed; for characters, the lengths of runs.
    public var ngrams: ClosedRange<Int>
    /// The minimum document frequency; features that occur in fewer documents are left out.
    public var minDF: DocumentFrequency
    /// The maximum document frequency; features that occur in more documents are left out.
    public var maxDF: DocumentFrequency
    /// The maximum number of features; those with the highest total counts are kept, among equal counts those that are
    /// first by code points.
    ///
    /// scikit-learn keeps the same features except among equal counts: there its result depends on the order in which
    /// NumPy's unstable `argsort` leaves them, which differs between processors (AVX2, AVX-512) and releases, so it
    /// cannot be reproduced.
    public var maxFeatures: Int?
    public var stopWords: StopWords
    /// Whether words are replaced by their stems (Snowball's English algorithm) after stop words have been removed. Not
    /// in `CountVectorizer`.
    public var stem: Bool
    /// The use of the columns of tab-separated text; nil for the usual layout of labelled text.
    public var table: TableColumns?
    /// b, if words are not numbered but hashed to 2^b columns, whose number is then known before the text is; see
    /// `FeatureHashing`. Not in `CountVectorizer`.
    public var hashBits: Int?

    /// What `hashBits` can be.
    public static let possibleHashBits = 8...28

    public init(
        lowercase: Bool = true, tokenPattern: String = Self.defaultTokenPattern, ngrams: ClosedRange<Int> = 1...1,
        minDF: DocumentFrequency = .count(1), maxDF: DocumentFrequency = .share(1), maxFeatures: Int? = nil,
        stopWords: StopWords = .none, stem: Bool = false, analyzer: FeatureUnit = .word,
        table: TableColumns? = nil, hashBits: Int? = nil
    ) {
        self.table = table
        self.hashBits = hashBits
        self.analyzer = analyzer
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

extension TextOptions {
    /// Values that older files do not have get their defaults.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            lowercase: try container.decode(Bool.self, forKey: .lowercase),
            tokenPattern: try container.decode(String.self, forKey: .tokenPattern),
            ngrams: try container.decode(ClosedRange<Int>.self, forKey: .ngrams),
            minDF: try container.decode(DocumentFrequency.self, forKey: .minDF),
            maxDF: try container.decode(DocumentFrequency.self, forKey: .maxDF),
            maxFeatures: try container.decodeIfPresent(Int.self, forKey: .maxFeatures),
            stopWords: try container.decode(StopWords.self, forKey: .stopWords),
            stem: try container.decode(Bool.self, forKey: .stem),
            analyzer: try container.decodeIfPresent(FeatureUnit.self, forKey: .analyzer) ?? .word,
            table: try container.decodeIfPresent(TableColumns.self, forKey: .table),
            hashBits: try container.decodeIfPresent(Int.self, forKey: .hashBits))
    }
}

/// The error for an invalid option.
public struct TextOptionsError: Error, Equatable, CustomStringConvertible {
    /// The name of the option on the command line, without dashes.
    public var option: String
    public var found: String
    public var expected: String

    public var description: String { "--\(option): found \(found); expected \(expected)" }
}

/// A number of documents: a count, or a fraction of all documents.
///
/// Written as in `CountVectorizer`: `2` is a count, `0.5` and `1.0` are fractions.
public enum DocumentFrequency: Sendable, Equatable, LosslessStringConvertible {
    /// A count of at least 1.
    case count(Int)
    /// A fraction from 0 to 1.
    case share(Double)

    /// Returns nil unless the text is an integer from 1, or a number from 0 to 1 with a point or an exponent.
    public init?(_ text: String) {
        if let count = Int(text) {
            self = .count(count)
        } else if let share = Double(text) {
            self = .share(share)
        } else {
            return nil
        }
        if !isValid { return nil }
    }

    public var description: String {
        switch self {
        case .count(let count): "\(count)"
        case .share(let share): "\(share)"
        }
    }

    /// The number of documents among `documentCount`; need not be an integer.
    func documents(of documentCount: Int) -> Double {
        switch self {
        case .count(let count): Double(count)
        case .share(let share): share * Double(documentCount)
        }
    }

    var isValid: Bool {
        switch self {
        case .count(let count): count >= 1
        case .share(let share): (0...1).contains(share)
        }
    }
}

extension DocumentFrequency: Codable {
    // Encoded as text, since some JSON writers write `1.0` as `1`, which has a different meaning.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let frequency = Self(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "'\(text)' is no document frequency"))
        }
        self = frequency
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
