import ArgumentParser
import Corpora
import FileIO

/// Options for splitting text into the words that are counted.
struct TextCountingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Leave out words in fewer documents: a count, or a share such as 0.01.", valueName: "n"))
    var minDf = DocumentFrequency.count(1)

    @Option(help: ArgumentHelp("Leave out words in more documents: a count, or a share such as 0.5.", valueName: "n"))
    var maxDf = DocumentFrequency.share(1)

    @Option(help: ArgumentHelp("Keep only the words that occur most often.", valueName: "n"))
    var maxFeatures: Int?

    @Option(help: ArgumentHelp("Words to leave out: none, english, or a file with one a line.", valueName: "words"))
    var stopWords = "none"

    @Option(help: "What is counted: words; or characters, across words or within them, as many as --ngrams says.")
    var analyzer = FeatureUnit.word

    @Option(
        help: ArgumentHelp(
            "Neighbouring words, or characters, a feature, at least and at most; n is 1,n.", valueName: "n,n"))
    var ngrams = NGramRange(range: 1...1)

    @Option(help: ArgumentHelp("What a word is: a regular expression as in Python.", valueName: "pattern"))
    var tokenPattern = TextOptions.defaultTokenPattern

    @Flag(inversion: .prefixedNo, help: "Whether letters are made small.")
    var lowercase = true

    @Flag(help: "Replace words by their English stems.")
    var stem = false

    @Option(
        help: ArgumentHelp(
            """
            Hash words to 2^N columns instead of numbering them, so that no vocabulary has to be known; some words share \
            a column (default: \(CorpusStream.usualHashBits) for a stream without --vocabulary, else none).
            """, valueName: "n"))
    var hashBits: Int?

    func validate() throws {
        if let hashBits, !TextOptions.possibleHashBits.contains(hashBits) {
            let range = TextOptions.possibleHashBits
            throw ValidationError(
                "--hash-bits needs a number from \(range.lowerBound) to \(range.upperBound), not \(hashBits)")
        }
        if let maxFeatures, maxFeatures < 1 {
            throw ValidationError("--max-features needs at least 1, not \(maxFeatures)")
        }
    }

    /// The options whose values differ from the default.
    var given: [String] {
        let usual = TextOptions()
        let options: [(name: String, isGiven: Bool)] = [
            ("--min-df", minDf != usual.minDF), ("--max-df", maxDf != usual.maxDF),
            ("--max-features", maxFeatures != nil), ("--stop-words", stopWords != "none"),
            ("--analyzer", analyzer != usual.analyzer), ("--ngrams", ngrams.range != usual.ngrams),
            ("--token-pattern", tokenPattern != usual.tokenPattern), ("--no-lowercase", !lowercase), ("--stem", stem),
            ("--hash-bits", hashBits != nil),
        ]
        return options.filter(\.isGiven).map(\.name)
    }

    func options() throws(FileError) -> TextOptions {
        let words: StopWords =
            switch stopWords {
            case "none": .none
            case "english": .english
            default: try StopWords.read(path: stopWords)
            }
        return TextOptions(
            lowercase: lowercase, tokenPattern: tokenPattern, ngrams: ngrams.range, minDF: minDf, maxDF: maxDf,
            maxFeatures: maxFeatures, stopWords: words, stem: stem, analyzer: analyzer, hashBits: hashBits)
    }
}

extension FeatureUnit: ExpressibleByArgument {}

extension DocumentFrequency: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// A range of n-gram lengths, such as `2` or `1,2`.
struct NGramRange: ExpressibleByArgument {
    let range: ClosedRange<Int>

    init(range: ClosedRange<Int>) { self.range = range }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard let most = parts.last ?? nil, let least = parts.count == 1 ? 1 : parts[0], parts.count <= 2,
            least >= 1, most >= least
        else { return nil }
        range = least...most
    }

    var defaultValueDescription: String { "\(range.lowerBound),\(range.upperBound)" }
}
