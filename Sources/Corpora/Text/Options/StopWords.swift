import FileIO

/// Words that are not counted. They are compared with the lowercased tokens before stemming.
public enum StopWords: Codable, Sendable, Equatable {
    case none
    /// The 318 words of the Glasgow list, `CountVectorizer`'s "english".
    case english
    case list([String])

    var words: [String] {
        switch self {
        case .none: []
        case .english: Self.englishWords
        case .list(let words): words
        }
    }

    /// Reads a list with one word per line; empty lines and blanks around words are ignored.
    ///
    /// - Throws: `FileError`, `.badData` if the list is not UTF-8 text.
    public static func read(path: String) throws(FileError) -> StopWords {
        let input = try InputBytes(path: path)
        defer { withExtendedLifetime(input) {} }
        let bytes = input.bytes.dropFirst(input.bytes.byteOrderMarkLength)
        var words: [String] = []
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
        {
            guard let text = String(validating: line, as: UTF8.self) else {
                throw .badData(
                    BadData(
                        path: input.name, line: number + 1, found: "bytes that are not UTF-8",
                        expected: "a word a line",
                        advice: "save the list as UTF-8"))
            }
            let word = text.drop(while: \.isWhitespace)
            if let last = word.lastIndex(where: { !$0.isWhitespace }) { words.append(String(word[...last])) }
        }
        return .list(words)
    }
}

extension StopWords {
    /// The stop words of the Glasgow Information Retrieval Group
    /// (<http://ir.dcs.gla.ac.uk/resources/linguistic_utils/stop_words>) in the form that scikit-learn distributes
    /// (BSD-3-Clause, the scikit-learn developers), so that counts agree with `CountVectorizer(stop_words="english")`.
    static let englishWords: [String] = """
        a about above across after afterwards again against all almost alone along already also although always
        am among amongst amoungst amount an and another any anyhow anyone anything anyway anywhere are around as
        at back be became because become becomes becoming been before beforehand behind being below beside
        besides between beyond bill both bottom but by call can cannot cant co con could couldnt cry de describe
        detail do done down due during each eg eight either eleven else elsewhere empty enough etc even ever
        every everyone everything everywhere except few fifteen fifty fill find fire first five for former
        formerly forty found four from front full further get give go had has hasnt have he hence her here
        hereafter hereby herein hereupon hers herself him himself his how however hundred i ie if in inc indeed
        interest into is it its itself keep last latter latterly least less ltd made many may me meanwhile might
        mill mine more moreover most mostly move much must my myself name namely neither never nevertheless next
        nine no nobody none noone nor not nothing now nowhere of off often on once one only onto or other others
        otherwise our ours ourselves out over own part per perhaps please put rather re same see seem seemed
        seeming seems serious several she should show side since sincere six sixty so some somehow someone
        something sometime sometimes somewhere still such system take ten than that the their them themselves
        then thence there thereafter thereby therefore therein thereupon these they thick thin third this those
        though three through throughout thru thus to together too top toward towards twelve twenty two un under
        until up upon us very via was we well were what whatever when whence whenever where whereafter whereas
        whereby wherein whereupon wherever whether which while whither who whoever whole whom whose why will
        with within without would yet you your yours yourself yourselves
        """.split(whereSeparator: \.isWhitespace).map(String.init)
}
