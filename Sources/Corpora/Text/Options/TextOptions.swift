/// What is counted. Names and meanings are those of scikit-learn's `CountVectorizer`.
public enum FeatureUnit: String, Codable, Sendable, Equatable, CaseIterable {
    /// Tokens that a pattern finds.
    case word
    /// Runs of characters, across words; several white spaces in a row count as one blank.
    case characters = "char"
    /// Runs of characters within words, each with a blank before and after it.
    case charactersWithinWords = "char-wb"
}

/// How text becomes words to count. Names, meaning and defaults are those of scikit-learn's `CountVectorizer`.
///
/// A text is lowercased, cut into tokens, freed of stop words, stemmed if asked for, and its n-grams are counted; the
/// vocabulary is what the document frequencies and the limit leave, sorted by code points.
public struct TextOptions: Codable, Sendable, Equatable {
    /// Tokens of two or more letters, digits or underscores.
    public static let defaultTokenPattern = #"(?u)\b\w\w+\b"#

    public var analyzer = FeatureUnit.word
    /// By Unicode's full mappings, as Python's `str.lower`.
    public var lowercase: Bool
    /// A regular expression as Python writes it; with one group, the group is the token.
    public var tokenPattern: String
    /// How many neighbouring tokens make a feature, joined by single blanks; taken after stop words are gone. Of
    /// characters, how many make one.
    public var ngrams: ClosedRange<Int>
    /// Features that occur in fewer documents are left out.
    public var minDF: DocumentFrequency
    /// Features that occur in more documents are left out.
    public var maxDF: DocumentFrequency
    /// Keeps the features of the highest total counts; among equals, those that come first by code points.
    ///
    /// scikit-learn keeps the same but among equals: there it depends on the order in which NumPy's unstable `argsort`
    /// leaves them, which differs between processors (AVX2, AVX-512) and releases, so that there is nothing to follow.
    public var maxFeatures: Int?
    public var stopWords: StopWords
    /// Replaces words by their stems (Snowball's English algorithm) once stop words are gone. Not in `CountVectorizer`.
    public var stem: Bool
    /// Which columns of tab-separated text hold what; nil for labelled text as it usually is.
    public var table: TableColumns?

    public init(
        lowercase: Bool = true, tokenPattern: String = Self.defaultTokenPattern, ngrams: ClosedRange<Int> = 1...1,
        minDF: DocumentFrequency = .count(1), maxDF: DocumentFrequency = .share(1), maxFeatures: Int? = nil,
        stopWords: StopWords = .none, stem: Bool = false, analyzer: FeatureUnit = .word,
        table: TableColumns? = nil
    ) {
        self.table = table
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
    /// What older files do not have takes its default.
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
            table: try container.decodeIfPresent(TableColumns.self, forKey: .table))
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

/// A number of documents: a count, or a share of all documents.
///
/// Written as `CountVectorizer` takes it: `2` is a count, `0.5` and `1.0` are shares.
public enum DocumentFrequency: Sendable, Equatable, LosslessStringConvertible {
    /// At least 1.
    case count(Int)
    /// From 0 to 1.
    case share(Double)

    /// nil for anything but a whole number from 1, or a number from 0 to 1 with a point or an exponent.
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

    /// How many of `documentCount` documents are meant; need not be a whole number.
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
    // As text, since some JSON writers make `1` of `1.0`, which means something else.
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
